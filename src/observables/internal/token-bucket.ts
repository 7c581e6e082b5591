import { type Clock, LONGEST_DELAY } from '../../core/clock.ts';

/**
 * Counts what a rate allows: `burst` at once, and `perSecond` more with each second, up to `burst`. So in any window of t seconds at
 * most `burst + t * perSecond` are taken.
 *
 * It counts from the moment at which it was last full, and not from one taking to the next: nothing is lost by rounding.
 */
export class TokenBucket {
  private readonly clock: Clock;
  private readonly perSecond: number;
  private readonly burst: number;
  private fullAt: number;
  private taken = 0;

  constructor(clock: Clock, perSecond: number, burst: number) {
    this.clock = clock;
    this.perSecond = perSecond;
    this.burst = burst;
    this.fullAt = clock.now();
  }

  /** How many may be taken now. */
  get available(): number {
    const now = this.clock.now();
    const available = Math.floor(this.burst + ((now - this.fullAt) * this.perSecond) / 1000) - this.taken;
    if (available < this.burst) return available;
    this.fullAt = now;
    this.taken = 0;
    return this.burst;
  }

  /** Takes so many; not more than are available. */
  take(count: number): void {
    this.taken += count;
  }

  /** In how many ms so many are available: a whole number from 1, which may be asked again before it is over. */
  delayFor(count: number): number {
    const readyAt = this.fullAt + ((this.taken + count - this.burst) * 1000) / this.perSecond;
    return Math.min(LONGEST_DELAY, Math.max(1, Math.ceil(readyAt - this.clock.now())));
  }
}
