import type { Clock } from '../../core/clock.ts';

/** Bounds how long requests wait for answers to requests that were given up. */
export class OwedWatch {
  private readonly clock: Clock;
  private readonly limit: number;
  private readonly interval: number;
  private readonly passed: (isOver: boolean) => void;
  private cancel: (() => void) | undefined = undefined;
  private since = 0;

  /**
   * @param limit - how long they wait without any answer, in ms.
   * @param lateAnswerTimeout - after so many ms an id may be free without an answer.
   * @param passed - called when ids may be free, and with true when the limit has passed.
   */
  constructor(clock: Clock, limit: number, lateAnswerTimeout: number | undefined, passed: (isOver: boolean) => void) {
    this.clock = clock;
    this.limit = limit;
    this.interval = Math.min(limit, lateAnswerTimeout ?? limit);
    this.passed = passed;
  }

  get isRunning(): boolean {
    return this.cancel !== undefined;
  }

  /** Runs while `waits` is true. */
  watch(waits: boolean): void {
    if (!waits) {
      this.cancel?.();
      this.cancel = undefined;
    } else if (this.cancel === undefined) {
      this.since = this.clock.now();
      this.startTimer();
    }
  }

  /** The peer answers: the limit starts anew. */
  answered(): void {
    if (this.cancel !== undefined) this.since = this.clock.now();
  }

  private startTimer(): void {
    const left = this.since + this.limit - this.clock.now();
    this.cancel = this.clock.after(Math.max(1, Math.min(this.interval, Math.ceil(left))), () => {
      this.startTimer();
      this.passed(this.clock.now() - this.since >= this.limit);
    });
  }
}
