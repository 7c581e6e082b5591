import type { Clock } from '../../core/clock.ts';

/** How many ids are remembered one by one: all that there are of 16 bits. */
const REMEMBERED = 65_536;

/**
 * The ids of requests that were given up, whose answers may still come: they are not given to other
 * requests meanwhile.
 *
 * Beyond a bound, ids are not remembered one by one any more: all up to the median count as owed.
 * With ids so wide that this can happen, it costs ids that would not be used for long, and no
 * memory.
 */
export class OwedIds {
  /** When each was given up, in the order of that; without a time limit the time is not taken. */
  private readonly since = new Map<number, number>();
  private presumedUpTo = 0;
  private presumedSince = 0;
  private readonly clock: Clock;
  private readonly timeout: number | undefined;

  /** @param timeout - after so many ms an answer doesn't come any more, in ms. */
  constructor(clock: Clock, timeout: number | undefined) {
    this.clock = clock;
    this.timeout = timeout;
  }

  get size(): number {
    return this.since.size + this.presumedUpTo;
  }

  has(id: number): boolean {
    return id <= this.presumedUpTo || this.since.has(id);
  }

  /** The id behind those that are presumed to be owed, or `id` where that is larger. */
  skipPresumed(id: number): number {
    return id <= this.presumedUpTo ? this.presumedUpTo + 1 : id;
  }

  add(id: number): void {
    const now = this.timeout === undefined ? 0 : this.clock.now();
    if (id <= this.presumedUpTo) {
      this.presumedSince = now;
      return;
    }
    this.since.set(id, now);
    if (this.since.size > REMEMBERED) this.forgetHalf();
  }

  /** The answer has come. */
  delete(id: number): void {
    this.since.delete(id);
  }

  private forgetHalf(): void {
    const ids = [...this.since.keys()].toSorted((one, other) => one - other);
    const forgotten = ids.slice(0, REMEMBERED / 2);
    for (const id of forgotten) {
      this.presumedUpTo = id;
      this.presumedSince = Math.max(this.presumedSince, this.since.get(id) ?? 0);
      this.since.delete(id);
    }
  }

  /** Forgets those whose answers don't come any more. */
  expire(): void {
    if (this.timeout === undefined) return;
    const latest = this.clock.now() - this.timeout;
    if (this.presumedSince <= latest) this.presumedUpTo = 0;
    for (const [id, since] of this.since) {
      if (since > latest) break;
      this.since.delete(id);
    }
  }
}
