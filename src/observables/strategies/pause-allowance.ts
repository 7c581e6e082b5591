/**
 * How long a consumer may still pause its source. A pause uses the allowance up; time in which the
 * source flows restores it.
 *
 * A consumer that takes half of what comes, or more, never uses it up: the source gets the pace of
 * its consumer. One that takes less, or nothing, is slow: it pauses its source no more, until it
 * takes something again.
 */
export class PauseAllowance {
  private readonly max: number;
  private left: number;
  private pausedSince: number | undefined = undefined;
  private flowingSince: number | undefined = undefined;
  /** It is used up, and the consumer has taken nothing since. */
  private usedUp = false;

  /** `max` is in ms, as is all that follows. */
  constructor(max: number) {
    this.max = max;
    this.left = max;
  }

  get isUsedUp(): boolean {
    return this.usedUp || this.max === 0;
  }

  get isWaitingForTaking(): boolean {
    return this.usedUp;
  }

  /** What is left while the source flows. */
  leftAt(now: number): number {
    if (this.flowingSince !== undefined) {
      this.left = Math.min(this.max, this.left + Math.max(0, now - this.flowingSince));
      this.flowingSince = now;
    }
    // Known from here on without another look at the clock.
    if (this.left <= 0) this.usedUp = true;
    return this.left;
  }

  /** @returns how long the pause may last. */
  begin(now: number): number {
    const left = this.leftAt(now);
    this.flowingSince = undefined;
    this.pausedSince = now;
    return left;
  }

  /** The source flows again. */
  end(now: number): void {
    if (this.pausedSince === undefined) return;
    this.left = Math.max(0, this.left - Math.max(0, now - this.pausedSince));
    this.pausedSince = undefined;
    this.flowingSince = now;
  }

  /** The time is up before the consumer has taken enough. */
  useUp(): void {
    this.left = 0;
    this.pausedSince = undefined;
    this.usedUp = true;
  }

  /** The consumer takes values again. */
  taken(now: number): void {
    this.usedUp = false;
    this.flowingSince = now;
  }
}
