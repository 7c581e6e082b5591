import type { PoolReport } from './events.ts';

/** A pool that is closing. */
export interface Closing {
  readonly since: number;
  readonly refused: number;
  /** How many were in use when it began. */
  readonly leased: number;
  readonly resolve: (report: PoolReport) => void;
  cut: number;
  cancelTimer: (() => void) | undefined;
}
