import { activeResources, IMMEDIATE } from './real-waits.ts';
import { pendingTurns } from './turn.ts';

/** Operations on files, as the platform names them. Each ends by itself. */
const FILES = /^(FSReq|CloseReq|FileHandleCloseReq)/;

/** Work of the event loop that ends by itself: immediates, or operations on files. */
export type LoopWork = 'immediates' | 'files';

/** Says whether the event loop still has work that ends by itself. */
export class LoopWatch {
  /** Operations on files that were in flight before; the program doesn't wait for these. */
  private earlier = Number.POSITIVE_INFINITY;

  constructor() {
    this.work();
  }

  /**
   * What there is to do. To be asked right after a turn: promises and ticks have run by then.
   * An immediate that was unreferenced isn't seen, nor is work on threads other than that on files.
   */
  work(): LoopWork | undefined {
    let immediates = 0;
    let files = 0;
    for (const name of activeResources()) {
      if (name === IMMEDIATE) immediates++;
      else if (FILES.test(name)) files++;
    }
    this.earlier = Math.min(this.earlier, files);
    if (immediates > pendingTurns()) return 'immediates';
    return files > this.earlier ? 'files' : undefined;
  }
}
