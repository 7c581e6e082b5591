import { from as rxFrom, isObservable, Observable, type ObservableInput, type ObservedValueOf } from 'rxjs';

import { renderValue } from '../../core/failures/index.ts';
import { guarded } from '../../core/report-defect.ts';
import { type Late, reportLate } from '../failures/report-late.ts';
import type { FailureOf, Flow } from '../flow.ts';
import { AsyncIterableSource } from '../pacing/async-iterable-source.ts';
import { IterableSource } from '../pacing/iterable-source.ts';
import { type ReadableStreamLike, readerOf } from '../pacing/reader-of.ts';

/**
 * RxJS's `from`, paced: an iterable, an async iterable or a `ReadableStream` is asked for its next item only while
 * nobody downstream holds it. So a file or a generator is read as fast as the slowest consumer takes it.
 *
 * An Observable passes as it is, and keeps its failures; a promise emits its value. Unsubscribing ends an
 * iteration (`return`), cancels a stream, and destroys a Node.js stream at once.
 *
 * Adds no failures. Completes when the input is exhausted.
 *
 * @example
 * ```ts
 * import { toArray } from 'rxjs';
 * import { from } from 'rxjs-net/rx';
 *
 * from([1, 2, 3])
 *   .pipe(toArray())
 *   .subscribe((all) => console.log(all)); // => [ 1, 2, 3 ]
 * ```
 */
// Of its two `getReader`, inference would take the one for bytes.
export function from<A>(input: ReadableStream<A>): Flow<A>;
export function from<I extends ObservableInput<unknown>>(input: I): Flow<ObservedValueOf<I>, FailureOf<I>>;
export function from(input: ObservableInput<unknown>): Flow<unknown, unknown> {
  return toObservable(input);
}

/**
 * As `from`, for the operators; throws a TypeError on what is no input of an Observable.
 *
 * @param late - takes what an async iterable, a stream or a promise is rejected with after it was given up. By default a warning of the
 * process does, and nothing of a promise.
 */
export function toObservable<A>(input: ObservableInput<A>, late?: Late): Observable<A> {
  if (input instanceof Observable) return input;
  // What a project returns is only claimed to be an input.
  const given: unknown = input;
  if (typeof given === 'object' && given !== null && !isObservable(given) && !isInterop(given)) {
    if ('getReader' in input) return fromReadableStream(input, late ?? reportLate);
    if (Symbol.asyncIterator in input) return fromAsyncIterable(input, late ?? reportLate);
    if (Symbol.iterator in input) return fromIterable(input);
    if (late !== undefined && isPromiseLike<A>(given)) return fromPromise(given, late);
  }
  // Promises, array-likes, other libraries' Observables.
  try {
    return rxFrom(input);
  } catch (cause) {
    const expected = 'an Observable, a promise, an iterable, an async iterable or a ReadableStream';
    throw new TypeError(`${renderValue(given)} is no input of an Observable: ${expected} was expected`, { cause });
  }
}

function isInterop(value: object): boolean {
  // RxJS's types say that it is there; it is only where something has defined it.
  const symbol: unknown = Symbol.observable;
  return typeof symbol === 'symbol' ? symbol in value : '@@observable' in value;
}

function isPromiseLike<A>(value: object): value is PromiseLike<A> {
  return 'then' in value && typeof value.then === 'function';
}

function fromPromise<A>(promise: PromiseLike<A>, late: Late): Observable<A> {
  return new Observable<A>((subscriber) => {
    promise.then(
      (value) =>
        guarded(() => {
          subscriber.next(value);
          subscriber.complete();
        }),
      (error: unknown) => (subscriber.closed ? late(error) : guarded(() => subscriber.error(error))),
    );
  });
}

function fromReadableStream<A>(stream: ReadableStreamLike<A>, late: Late): Observable<A> {
  return new Observable<A>((subscriber) => {
    const { iterator, cancel } = readerOf(stream, late);
    const source = new AsyncIterableSource(subscriber, iterator, cancel, late);
    subscriber.add(source);
    source.pull();
  });
}

function fromIterable<A>(iterable: Iterable<A>): Observable<A> {
  return new Observable<A>((subscriber) => {
    const source = new IterableSource(subscriber, iterable);
    subscriber.add(source);
    source.pull();
  });
}

function fromAsyncIterable<A>(iterable: AsyncIterable<A>, late: Late): Observable<A> {
  return new Observable<A>((subscriber) => {
    const iterator = iterable[Symbol.asyncIterator]();
    // A Node.js stream: its iterator's `return` would wait for the next chunk.
    const destroy = 'destroy' in iterable && typeof iterable.destroy === 'function' ? iterable.destroy : undefined;
    const source = new AsyncIterableSource(subscriber, iterator, destroy?.bind(iterable), late);
    subscriber.add(source);
    source.pull();
  });
}
