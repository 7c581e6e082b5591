import type { FailureByTag, FailureGroup, FailureTag, NetFailure } from '../../core/failures/index.ts';

/** A failure of your own: an error with a literal `_tag`. */
export interface Tagged {
  readonly _tag: string;
}

/**
 * The tags of the failures `E`. A class whose `_tag` is no literal has none; of `unknown` it is any
 * text.
 */
export type TagOf<E> = unknown extends E
  ? string
  : E extends Tagged
    ? string extends E['_tag']
      ? never
      : E['_tag']
    : never;

/** The tags that `W`, tags and groups, stands for. */
type TagsOf<W> = W extends FailureGroup ? W['tags'][number] : W;

/**
 * What tags of the network stand for. It needs no `E`: so a function over any `E` knows it as well.
 */
type Named<T> = T extends FailureTag ? FailureByTag[T] : never;

/**
 * The tags of `W` that only `E` gives a meaning: those of the caller's own, and those of groups.
 */
type Asked<W> = TagsOf<Exclude<W, FailureTag>>;

/**
 * The failures of `E` with a tag out of `T`; of one that has several tags, the part with those of
 * `T`. It doesn't look at E where there is nothing to look for, for in a function over any E the
 * compiler would put off what it knows. Speaks of `F`, for from `E` in its place the compiler would
 * infer E from the annotation of a handler's parameter, and not from the pipe.
 */
type WithTag<E, T> = [T] extends [never]
  ? never
  : E extends infer F extends Tagged
    ? F['_tag'] extends T
      ? F
      : [F['_tag'] & T] extends [never]
        ? never
        : F & { readonly _tag: T }
    : never;

/** The failures of `E` all of whose tags are in `T`. */
export type WithTagsWithin<E, T> = [T] extends [never] ? never : E extends { readonly _tag: T } ? E : never;

/** As `WithTag`, where nothing is known of the source: outside of a pipe. */
type OfAnySource<T> =
  Named<T> | ([Exclude<T, FailureTag>] extends [never] ? never : AnyWithTag<Exclude<T, FailureTag>>);

interface AnyWithTag<T> extends Error {
  readonly _tag: T & string;
}

/** What a handler for `W` gets of a flow that fails with `E`. */
export type Caught<E, W> = Named<W> | (unknown extends E ? OfAnySource<Asked<W>> : WithTag<E, Asked<W>>);

/** What is no longer left of `E` behind a handler for `W`. */
export type Handled<E, W> = Named<W> | WithTagsWithin<E, Asked<W>>;

/** What a handler for all that is left gets of a flow that fails with `E`. */
export type AnyCaught<E> = unknown extends E ? NetFailure | Tagged : E extends infer F extends Tagged ? F : never;
