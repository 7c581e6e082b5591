import type { ObservableInput } from 'rxjs';

import { renderValue } from '../core/failures/index.ts';

/**
 * `R`, and where it is a text or bytes, `Hint`. RxJS would read either letter by letter, or byte by
 * byte. `Hint` is what the compiler says then.
 */
export type Several<R, Hint extends string> = R extends string | Uint8Array ? Hint : R;

/**
 * What a handler of `serve` may return: an Observable, a promise, an iterable, or nothing, where it
 * talks through the connection itself.
 */
export type HandlerOutput<A> = ObservableInput<A> | PromiseLike<A | void> | OneChunk | void;

/** A text or bytes: as a source, RxJS would read it letter by letter, or byte by byte. */
export type OneChunk = string | Uint8Array;

/** What RxJS takes as an Observable, but no text: that is a list of one, `[text]`. */
export type ObservableOrList = ObservableInput<unknown> & object;

export function isOneChunk(value: unknown): value is OneChunk {
  return typeof value === 'string' || value instanceof Uint8Array;
}

/**
 * What a function of the caller's returned.
 *
 * @throws TypeError when that is a text or bytes.
 */
export function severalOf<I>(returned: I, what: string): I {
  if (!isOneChunk(returned)) return returned;
  const kind = typeof returned === 'string' ? 'a text' : 'bytes';
  throw new TypeError(`${what} returned ${kind}, ${renderValue(returned)}: one item is returned as a list, [item]`);
}
