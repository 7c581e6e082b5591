import { catchError, type Observable } from 'rxjs';

import type { EmittedBy } from '../emitted-by.ts';
import type { FailureGroup } from '../../core/failures/index.ts';
import type { FailureOf, Outcome, FlowSource } from '../flow.ts';
import { type ObservableOrList, severalOf } from '../one-chunk.ts';
import { toObservable } from '../rx/from.ts';
import { catchableTag } from './has-tag.ts';
import { refuse } from './refuse.ts';
import type { Caught, Handled, TagOf } from './tags.ts';

/**
 * Handles failures by their tags: goes on with the flow that `handler` returns, and removes what it
 * handles from the type. Anything else passes, defects included.
 *
 * Takes one tag, a list of tags, or a group such as `connectionLost`, which stands for those of its
 * failures that the flow has. The handler gets exactly these failures. Your own are caught as well:
 * instances of any class with a literal `_tag`. A tag that the flow can't fail with does not
 * compile.
 *
 * Adds the failures of the handler's flow; what the handler throws is a defect. Completes when the
 * flow has, or the handler's.
 *
 * @param which a tag, a group, or a list of tags and groups.
 * @param handler gets the failure; returns what to go on with.
 *
 * @example
 * ```ts
 * import { catchFailure, type ConnectFailure, ConnectionRefused, type Flow } from 'rxjs-net';
 * import { defer, of } from 'rxjs-net/rx';
 *
 * const dialled: Flow<string, ConnectFailure> = defer(() => {
 *   throw new ConnectionRefused({ address: '127.0.0.1', port: 9 });
 * });
 *
 * dialled
 *   .pipe(
 *     catchFailure('ConnectionRefused', (failure) => of(`nobody listens on port ${failure.port}`)),
 *     catchFailure(['HostNotFound', 'ConnectTimeout'], (failure) => of(`no answer: ${failure._tag}`)),
 *   )
 *   .subscribe((text) => console.log(text)); // => nobody listens on port 9
 * ```
 */
export function catchFailure<A, E, const W extends TagOf<E> | FailureGroup, I extends ObservableOrList>(
  which: W | readonly W[],
  handler: (failure: Caught<E, W>) => I,
): (source: FlowSource<A, E>) => Observable<A | EmittedBy<I>> & Outcome<FailureOf<I>, Handled<E, W>> {
  const tags = tagsOf(which);
  if (tags === undefined) return refuse('tag', which, 'a tag, a group of failures, or a list of them');
  if (typeof handler !== 'function') return refuse('handler', handler, 'a function');
  return catchError((error: unknown) => {
    const tag = catchableTag(error);
    if (tag === undefined || !tags.has(tag)) throw error;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- its tag is one of them
    return toObservable(severalOf(handler(error as Caught<E, W>), 'a handler of catchFailure')) as Observable<
      EmittedBy<I>
    >;
  });
}

/**
 * The tags that are asked for, undefined where that is neither a tag nor a group nor a list of
 * them.
 */
function tagsOf(which: unknown): ReadonlySet<string> | undefined {
  const tags: string[] = [];
  for (const each of Array.isArray(which) ? (which as readonly unknown[]) : [which]) {
    if (typeof each === 'string') tags.push(each);
    else if (isGroup(each)) tags.push(...each.tags);
    else return undefined;
  }
  return new Set(tags);
}

function isListOfTags(value: unknown): boolean {
  return Array.isArray(value) && value.every((tag) => typeof tag === 'string');
}

function isGroup(value: unknown): value is FailureGroup {
  return typeof value === 'object' && value !== null && 'tags' in value && isListOfTags(value.tags);
}
