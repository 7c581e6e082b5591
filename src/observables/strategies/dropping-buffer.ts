import type { Subscriber } from 'rxjs';

import type { Clock } from '../../core/clock.ts';
import type { Upstream } from '../../core/demand.ts';
import type { Limits } from '../pacing/limits.ts';
import { Lossy, type OnDropped } from './keeping.ts';
import { PauseAllowance } from './pause-allowance.ts';
import type { Overflow } from './strategy.ts';

interface Dropping {
  readonly overflow: Exclude<Overflow, 'fail'>;
  readonly pauseTimeout: number;
  readonly clock: Clock | undefined;
}

/**
 * `buffer` with `overflow: 'drop-oldest'` or `'drop-newest'`.
 *
 * One turn of the event loop reads up to 2 MiB from a source. A consumer whose socket is full gets
 * no chance to flush in it, however fast its peer reads. So a full buffer pauses the source for a
 * bounded time, and drops only when that is used up.
 *
 * ```
 *             full                     time is up
 *  flowing ─────────▶ source paused ──────────────▶ slow: drops
 *     ▲                    │ half empty               │
 *     └────────────────────┴──────────────────────────┘ consumer takes again
 * ```
 */
export class DroppingBuffer<A> extends Lossy<A> {
  private readonly overflow: Dropping['overflow'];
  private readonly allowance: PauseAllowance;

  constructor(subscriber: Subscriber<A>, limits: Limits, onDropped: OnDropped<A> | undefined, dropping: Dropping) {
    super(subscriber, limits, onDropped, dropping.clock);
    this.overflow = dropping.overflow;
    this.allowance = new PauseAllowance(dropping.pauseTimeout);
  }

  protected keep(value: A): void {
    const { kept } = this;
    if (kept.fits(value)) {
      kept.push(value);
    } else if (this.canPause) {
      // It is in memory already, and the next one of its source waits.
      kept.pushBeyond(value);
    } else if (this.overflow === 'drop-newest') {
      this.drop(value);
    } else {
      while (!kept.fits(value)) this.drop(kept.shift());
      // The report of what was dropped may have ended it.
      if (!this.isClosed) kept.push(value);
    }
  }

  /** Whether what delivers now can be paused, and is not yet, and there is time left for it. */
  private get canPause(): boolean {
    const { allowance } = this;
    if (!this.canHold || allowance.isUsedUp) return false;
    return this.isSourcePaused || allowance.leftAt(this.clock.now()) > 0;
  }

  protected override get mustWait(): boolean {
    return this.kept.isFull && this.canPause;
  }

  protected override pauseSource(upstream: Upstream): void {
    if (!this.isSourcePaused) this.startTimer(Math.ceil(this.allowance.begin(this.clock.now())), this.timeIsUp);
    super.pauseSource(upstream);
  }

  private readonly timeIsUp = (): void => {
    this.allowance.useUp();
    this.goOn();
  };

  // Not at once: to stop and start a socket with each value is expensive.
  protected override get mayGoOn(): boolean {
    return this.kept.isHalfEmpty || this.allowance.isUsedUp;
  }

  protected override resumeSource(): void {
    this.stopTimer();
    this.allowance.end(this.clock.now());
    super.resumeSource();
  }

  protected override take(): A {
    if (this.allowance.isWaitingForTaking) this.allowance.taken(this.clock.now());
    return super.take();
  }
}
