import type { Link } from '../../core/transport.ts';

/**
 * Finds out for one connection whether bytes leave within its outstanding write. There is one check
 * at a time: all who ask meanwhile get its answer.
 */
export class ProgressCheck {
  private readonly link: Link;
  private readonly whenMoved: () => void;
  private askers: (() => void)[] = [];
  private isChecking = false;
  /** Another write has begun during the check. */
  private hasBegun = false;
  /** Of a link whose count moves within a write: what it was when last looked at. */
  private written = 0;

  constructor(link: Link, whenMoved: () => void) {
    this.link = link;
    this.whenMoved = whenMoved;
  }

  /**
   * A write has begun, and part of it may have left at once: what leaves from here on is progress.
   */
  begin(): void {
    if (this.link.checkProgress === undefined) this.written = this.link.bytesWritten;
    else if (this.isChecking) this.hasBegun = true;
    else this.check(true);
  }

  /**
   * Calls `told`, maybe at once; `whenMoved` comes before if any have left since the write began,
   * or since the last check.
   */
  ask(told: () => void): void {
    const { link } = this;
    if (link.checkProgress === undefined) {
      const { bytesWritten } = link;
      const moved = bytesWritten !== this.written;
      this.written = bytesWritten;
      if (moved) this.whenMoved();
      told();
      return;
    }
    this.askers.push(told);
    if (!this.isChecking) this.check(false);
  }

  /**
   * `isFirst`: of a write that begins. Its verdict is of what left within the call, and answers
   * nobody.
   */
  private check(isFirst: boolean): void {
    this.isChecking = true;
    this.link.checkProgress?.((moved) => {
      this.isChecking = false;
      if (!isFirst) this.answer(moved);
      if (this.isBusy()) return;
      if (this.hasBegun) {
        this.hasBegun = false;
        this.check(true);
      } else if (this.askers.length > 0) this.check(false);
    });
  }

  private answer(moved: boolean): void {
    const { askers } = this;
    this.askers = [];
    if (moved) this.whenMoved();
    for (const told of askers) told();
  }

  /** Who was answered may have asked again. */
  private isBusy(): boolean {
    return this.isChecking;
  }
}
