import type { Holder, Waits } from '../../core/demand.ts';
import { Holds } from '../pacing/holds.ts';
import type { RequestRun } from './request-run.ts';

/**
 * The answers that are kept for consumers that are behind. What it pauses waits for these
 * consumers.
 */
export class KeptAnswers implements Holder {
  readonly operator = 'rpc';
  progress = 0;
  readonly holds = new Holds(this);
  private count = 0;
  private readonly behind = new Set<RequestRun>();

  get size(): number {
    return this.count;
  }

  add(run: RequestRun): void {
    this.count++;
    this.behind.add(run);
  }

  remove(run: RequestRun, count: number): void {
    this.count -= count;
    this.progress++;
    if (!run.hasKept) this.behind.delete(run);
  }

  awaits(waits: Waits): boolean {
    for (const run of this.behind) if (waits.forRelease(run)) return true;
    return false;
  }
}
