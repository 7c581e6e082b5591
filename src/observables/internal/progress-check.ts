import type { Link } from '../../core/transport.ts';

/**
 * Finds out for one connection whether bytes leave within its outstanding write. There is one check at a time: all who ask
 * meanwhile get its answer.
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

  /** A write has begun, and part of it may have left at once: what leaves from here on is progress. */
  begin(): void {
    if (this.link.checkProgress === undefined) this.written = this.link.bytesWritten;
    else if (this.isChecking) this.hasBegun = true;
    else this.check(this.link.checkProgress);
  }

  /** Calls `told`, maybe at once; `whenMoved` comes before if any have left since the write began, or since the last check. */
  ask(told: () => void): void {
    const { checkProgress, bytesWritten } = this.link;
    if (checkProgress === undefined) {
      const moved = bytesWritten !== this.written;
      this.written = bytesWritten;
      if (moved) this.whenMoved();
      told();
      return;
    }
    this.askers.push(told);
    if (!this.isChecking) this.check(checkProgress);
  }

  private check(checkProgress: NonNullable<Link['checkProgress']>): void {
    this.isChecking = true;
    checkProgress.call(this.link, (moved) => {
      const { askers } = this;
      this.askers = [];
      this.isChecking = false;
      if (this.hasBegun) {
        this.hasBegun = false;
        this.check(checkProgress);
      }
      if (moved) this.whenMoved();
      for (const told of askers) told();
    });
  }
}
