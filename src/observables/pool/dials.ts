import type { Clock } from '../../core/clock.ts';
import { DeadlineExceeded } from '../../core/failures/index.ts';
import { guarded } from '../../core/report-defect.ts';
import type { Dial } from './dial.ts';

/** What a pool does for its dials. */
export interface DialsOwner {
  readonly clock: Clock;
  /** How long a dial whose caller has gone counts for others, in ms. */
  readonly patience: number;
  /** It was given up. */
  dialEnded(dial: Dial, failure: DeadlineExceeded): void;
  /** A dial no longer counts for those who wait. */
  dialIsOverdue(): void;
}

/**
 * The dials of a pool.
 *
 * A dial belongs to the caller it was begun for. Once that one has gone, it counts for others as
 * long as a dial usually takes (`patience`), then for nobody: others dial themselves, and end it
 * when they need its place. At the latest it ends when its caller would have given up.
 */
export class Dials {
  private readonly owner: DialsOwner;
  private readonly all = new Set<Dial>();
  /** Those that count for nobody, the first that became so first. */
  private readonly overdue = new Set<Dial>();

  constructor(owner: DialsOwner) {
    this.owner = owner;
  }

  get size(): number {
    return this.all.size;
  }

  /** How many there are that somebody counts on. */
  get counting(): number {
    return this.all.size - this.overdue.size;
  }

  add(dial: Dial): void {
    this.all.add(dial);
  }

  /** It has come to something; false when it was no longer one of these. */
  delete(dial: Dial): boolean {
    dial.cancelTimer?.();
    dial.cancelTimer = undefined;
    if (dial.waiter !== undefined) dial.waiter.dial = undefined;
    dial.waiter = undefined;
    this.overdue.delete(dial);
    return this.all.delete(dial);
  }

  /** Its caller has gone, and would have waited until `until`. */
  abandon(dial: Dial, until: number): void {
    dial.waiter = undefined;
    dial.until = until;
    this.watch(dial);
  }

  private watch(dial: Dial): void {
    const { clock, patience } = this.owner;
    const now = clock.now();
    if (now >= dial.until) {
      this.end(dial);
      return;
    }
    const overdueAt = dial.since + patience;
    if (now >= overdueAt) this.overdue.add(dial);
    const next = now >= overdueAt ? dial.until : Math.min(overdueAt, dial.until);
    dial.cancelTimer = clock.after(Math.ceil(next - now), () => {
      this.watch(dial);
      this.owner.dialIsOverdue();
    });
  }

  /** Ends the one that has counted for nobody for the longest; false when there is none. */
  endOverdue(): boolean {
    for (const dial of this.overdue) {
      this.end(dial);
      return true;
    }
    return false;
  }

  private end(dial: Dial): void {
    const took = Math.round(this.owner.clock.now() - dial.since);
    this.close(dial);
    const message = `a connection for the pool was not ready within ${took} ms, and its caller has gone`;
    this.owner.dialEnded(dial, new DeadlineExceeded({ limit: took, message }));
  }

  /** Ends all of them, without a word. */
  endAll(): void {
    for (const dial of this.all) this.close(dial);
  }

  private close(dial: Dial): void {
    this.delete(dial);
    // A teardown of the caller's may throw.
    guarded(() => dial.unsubscribe());
  }
}
