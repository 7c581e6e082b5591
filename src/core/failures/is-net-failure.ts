import { isFailureWithTag } from './failure-shape.ts';
import {
  connectionLost,
  type GroupOf,
  localFailure,
  overload,
  protocolFailure,
  timeLimit,
  unanswered,
  unreachable,
} from './groups.ts';
import type { FailureTag, NetFailure } from './unions.ts';

const groups: readonly GroupOf<NetFailure>[] = [
  connectionLost,
  localFailure,
  overload,
  protocolFailure,
  timeLimit,
  unanswered,
  unreachable,
];

const tags: ReadonlySet<unknown> = new Set(groups.flatMap((group) => group.tags));

/** Whether a value is the tag of a failure. */
export function isFailureTag(value: unknown): value is FailureTag {
  return tags.has(value);
}

/**
 * Whether an error is one of the library's failures; anything else in an error channel is a defect
 * (an exception of the caller's own code). It looks at the tag and the shape, so it is right for
 * failures of another copy of the package, too.
 */
export function isNetFailure(value: unknown): value is NetFailure {
  return isFailureWithTag(value, tags);
}
