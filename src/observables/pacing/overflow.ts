import type { BufferOverflow } from '../../core/failures/index.ts';
import type { FailureOf } from '../flow.ts';

/**
 * What a paced operator adds: the failures of its inners, and what its own queue may end in when what feeds it
 * can't be made to wait. (The bytes of a connection can fail with that already.)
 */
export interface Paced<I> {
  readonly failures: FailureOf<I> | BufferOverflow;
}
