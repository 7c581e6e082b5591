import { checkInteger, refuse } from '../core/options/index.ts';

/**
 * Numbers that look random and are the same for the same seed, on every machine and version: the generator is
 * `sfc32` (PractRand, 128 bits of state), in 32-bit integer arithmetic alone.
 *
 * @example
 * ```ts
 * import { Random } from 'rxjs-net/testing';
 *
 * const random = new Random(7);
 * console.log(random.integer(1, 6), random.integer(1, 6), random.fraction() < 1); // => 4 5 true
 * ```
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  /**
   * @param seed - an integer from 0.
   * @param stream - seeds have streams that have nothing to do with each other.
   * @throws InvalidOptions
   */
  constructor(seed: number, stream = 0) {
    checkInteger('seed', seed, 0, Number.MAX_SAFE_INTEGER);
    checkInteger('stream', stream, 0, 0xffff_ffff);
    this.a = seed | 0;
    this.b = Math.trunc(seed / 0x1_0000_0000) | 0;
    this.c = (0x9e37_79b9 + stream) | 0;
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

  /**
   * A whole number, from `least` to `most`.
   *
   * @throws InvalidOptions
   */
  integer(least: number, most: number): number {
    if (!Number.isSafeInteger(least)) refuse('least', least, 'an integer');
    if (!Number.isSafeInteger(most) || most < least)
      refuse('most', most, `an integer from "least" on, which is ${least}`);
    return least + Math.floor(this.fraction() * (most - least + 1));
  }
}

/**
 * Chance for programs on a host: a stream of its own for each name, by the 32 bits of FNV-1a. So
 * one more host, or one more segment, leaves what the others draw as it is.
 */
export function randomFor(seed: number, name: string): () => number {
  let hash = 0x811c_9dc5;
  for (const byte of Buffer.from(name)) hash = Math.imul(hash ^ byte, 0x0100_0193);
  // Above the streams that have numbers.
  const random = new Random(seed, (hash | 0x8000_0000) >>> 0);
  return () => random.fraction();
}
