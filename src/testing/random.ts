/**
 * Numbers that look random and are the same for the same seed, on every machine and version: the generator is
 * `sfc32` (PractRand, 128 bits of state), in 32-bit integer arithmetic alone.
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  constructor(seed: number) {
    this.a = seed | 0;
    this.b = Math.trunc(seed / 0x1_0000_0000) | 0;
    this.c = 0x9e37_79b9 | 0;
    for (let round = 0; round < 15; round++) this.next();
  }

  /** The next 32 bits, as an unsigned integer. */
  next(): number {
    const sum = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** At least 0, less than 1. */
  fraction(): number {
    return this.next() / 0x1_0000_0000;
  }

  /** A whole number, from `least` to `most`. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.fraction() * (most - least + 1));
  }
}
