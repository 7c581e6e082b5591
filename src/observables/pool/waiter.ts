import type { Dial } from './dial.ts';
import type { Pooled } from './pooled.ts';

/** Who waits for a connection of a pool. */
export interface Waiter {
  /** Takes its time-out back; set while it waits. */
  cancelTimer: (() => void) | undefined;
  /** On the clock: how long it waits. */
  deadline: number;
  /** The dial that was begun for it, while that is in flight. */
  dial: Dial | undefined;
  granted(pooled: Pooled): void;
  refused(failure: unknown): void;
}

/** What those who wait say to their pool. */
export interface Lender {
  /** The waiter waits no more. */
  forget(waiter: Waiter): void;
  /** `clean`: nothing is under way on it, says its user. */
  giveBack(pooled: Pooled, clean: boolean): void;
}
