import type { AcceptFailure, ConnectFailure, ListenFailure, ReadFailure, WriteFailure } from './unions.ts';

/** What can fail in each phase. A lookup happens before dialling as well as before listening. */
export interface FailureByPhase {
  readonly lookup: Extract<ConnectFailure, ListenFailure>;
  readonly connect: ConnectFailure;
  readonly listen: ListenFailure;
  readonly accept: AcceptFailure;
  readonly read: ReadFailure;
  readonly write: WriteFailure;
}

/** What was being done when an error came. */
export type Phase = keyof FailureByPhase;
