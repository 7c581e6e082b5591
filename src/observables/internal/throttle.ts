import type { Clock } from '../../core/clock.ts';
import type { ThrottlePlan } from '../throttle-connections.ts';
import { TokenBucket } from './token-bucket.ts';

/** How fast the connections of one server may begin. */
export class Throttle {
  private readonly bucket: TokenBucket;
  private readonly clock: Clock;
  private readonly drops: boolean;
  private cancelTimer: (() => void) | undefined = undefined;

  constructor(clock: Clock, { perSecond, burst, whenExceeded }: ThrottlePlan) {
    this.clock = clock;
    this.drops = whenExceeded === 'drop';
    this.bucket = new TokenBucket(clock, perSecond, burst);
  }

  /** Whether a connection that was accepted now is one too many, and is to be dropped; else its turn is taken. */
  mustDrop(): boolean {
    if (!this.drops) return false;
    if (this.bucket.available < 1) return true;
    this.bucket.take(1);
    return false;
  }

  /** Whether a connection that wants to begin has to wait; calls `goOn` when it is over. */
  mustWait(goOn: () => void): boolean {
    if (this.drops || this.bucket.available >= 1) return false;
    this.cancelTimer ??= this.clock.after(this.bucket.delayFor(1), () => {
      this.cancelTimer = undefined;
      goOn();
    });
    return true;
  }

  /** A connection begins. */
  begun(): void {
    if (!this.drops) this.bucket.take(1);
  }

  stop(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
  }
}
