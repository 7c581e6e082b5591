import { isFailureTag } from '../../core/failures/is-net-failure.ts';
import { isNetFailure } from '../../core/failures/index.ts';
import { isTagged } from '../internal/tagged.ts';

/** The tag that a failure may be caught by: of a failure of the network, or of the caller's own; not of a defect. */
export function catchableTag(error: unknown): string | undefined {
  if (!isTagged(error) || error._tag === 'Defect') return undefined;
  // Something of the caller's that bears a tag of the network's by chance has not what a handler would look for.
  if (isFailureTag(error._tag) && !isNetFailure(error)) return undefined;
  return error._tag;
}
