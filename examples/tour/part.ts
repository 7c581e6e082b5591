import type { Defect, Flow, NetFailure } from 'rxjs-net';

/** One part of the tour: a flow that shows something while it runs, and completes when nothing of it is open any more. */
export interface Part {
  readonly title: string;
  /** What to look for. */
  readonly about: string;
  readonly run: Flow<unknown, NetFailure | Defect>;
}
