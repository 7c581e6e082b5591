import {
  from as rxFrom,
  Observable,
  observable,
  type ObservableInput,
  scheduled,
  type SchedulerLike,
  type Subscriber,
} from 'rxjs';

import type { EmittedBy } from '../emitted-by.ts';
import { renderValue } from '../../core/failures/index.ts';
import { guarded } from '../../core/report-defect.ts';
import { type Late, reportLate } from '../failures/report-late.ts';
import type { FailureOf, Flow } from '../flow.ts';
import { AsyncIterableSource } from '../pacing/async-iterable-source.ts';
import { IterableSource } from '../pacing/iterable-source.ts';
import { type ReadableStreamLike, readerOf } from '../pacing/reader-of.ts';

/**
 * RxJS's `from`, paced: an iterable, an async iterable or a `ReadableStream` is asked for its next
 * item only while nobody downstream holds it. So a file or a generator is read as fast as the
 * slowest consumer takes it.
 *
 * An Observable passes as it is, and keeps its failures; a promise emits its value. Unsubscribing
 * ends an iteration (`return`), cancels a stream, and destroys a Node.js stream at once.
 *
 * Adds no failures. Completes when the input is exhausted.
 *
 * @example
 * ```ts
 * import { from, toArray } from 'rxjs-net/rx';
 *
 * from([1, 2, 3])
 *   .pipe(toArray())
 *   .subscribe((all) => console.log(all)); // => [ 1, 2, 3 ]
 * ```
 */
// Of its two `getReader`, inference would take the one for bytes.
export function from<A>(input: ReadableStream<A>): Flow<A>;
export function from<I extends ObservableInput<unknown>>(input: I): Flow<EmittedBy<I>, FailureOf<I>>;
/** @deprecated RxJS deprecates the scheduler: use `scheduled`. */
export function from<I extends ObservableInput<unknown>>(
  input: I,
  scheduler: SchedulerLike | undefined,
): Flow<EmittedBy<I>, FailureOf<I>>;
export function from(input: ObservableInput<unknown>, scheduler?: SchedulerLike): Flow<unknown, unknown> {
  return scheduler ? scheduled(input, scheduler) : toObservable(input);
}

/**
 * As `from`, for the operators; throws a TypeError on what is no input of an Observable.
 *
 * @param late - takes what an async iterable, a stream or a promise is rejected with after it was given up. By default a warning of the
 * process does, and nothing of a promise.
 */
export function toObservable<A>(input: ObservableInput<A> | undefined, late?: Late): Observable<A> {
  if (input instanceof Observable) return input;
  // What a project returns is only claimed to be an input. It is looked at in the order of RxJS's
  // own `from`.
  const given: unknown = input;
  if (typeof given === 'object' && given !== null && !isInterop(given)) {
    if (isArrayLike(given)) {
      if (isIterable<A>(given)) return fromIterable(given);
    } else if (isPromiseLike<A>(given)) {
      return late === undefined ? rxFrom(given) : fromPromise(given, late);
    } else if (isAsyncIterable<A>(given)) {
      // A `ReadableStream` of the platform is one too, whose `return` waits for the next chunk.
      return isStream<A>(given) ? fromReadableStream(given, late) : fromAsyncIterable(given, late);
    } else if (isIterable<A>(given)) {
      return fromIterable(given);
    } else if (isStream<A>(given)) {
      return fromReadableStream(given, late);
    }
  }
  // Array-likes, strings, other libraries' Observables.
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- or refused
    return rxFrom(given as ObservableInput<A>);
  } catch (cause) {
    const expected = 'an Observable, a promise, an iterable, an async iterable or a ReadableStream';
    throw new TypeError(`${renderValue(given)} is no input of an Observable: ${expected} was expected`, { cause });
  }
}

// Each reads one property by a name of its own: a common function would be slow for all of them.

function isInterop(value: object): boolean {
  return observable in value && typeof Reflect.get(value, observable) === 'function';
}

function isArrayLike(value: object): boolean {
  return Array.isArray(value) || ('length' in value && typeof value.length === 'number');
}

function isIterable<A>(value: object): value is Iterable<A> {
  return Symbol.iterator in value && typeof value[Symbol.iterator] === 'function';
}

function isAsyncIterable<A>(value: object): value is AsyncIterable<A> {
  return Symbol.asyncIterator in value && typeof value[Symbol.asyncIterator] === 'function';
}

function isStream<A>(value: object): value is ReadableStreamLike<A> {
  return 'getReader' in value && typeof value.getReader === 'function';
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

function fromReadableStream<A>(stream: ReadableStreamLike<A>, late: Late = reportLate): Observable<A> {
  return new Observable<A>((subscriber) => {
    iterate(subscriber, () => {
      const { iterator, cancel } = readerOf(stream, late);
      return new AsyncIterableSource(subscriber, iterator, cancel, late);
    });
  });
}

function fromIterable<A>(iterable: Iterable<A>): Observable<A> {
  return new Observable<A>((subscriber) => {
    const source = new IterableSource(subscriber, iterable);
    subscriber.add(source);
    source.pull();
  });
}

function fromAsyncIterable<A>(iterable: AsyncIterable<A>, late: Late = reportLate): Observable<A> {
  return new Observable<A>((subscriber) => {
    iterate(subscriber, () => {
      const iterator = iterable[Symbol.asyncIterator]();
      // A Node.js stream: its iterator's `return` would wait for the next chunk.
      const destroy = 'destroy' in iterable && typeof iterable.destroy === 'function' ? iterable.destroy : undefined;
      return new AsyncIterableSource(subscriber, iterator, destroy?.bind(iterable), late);
    });
  });
}

function iterate<A>(subscriber: Subscriber<A>, open: () => AsyncIterableSource<A>): void {
  let source: AsyncIterableSource<A>;
  try {
    source = open();
  } catch (error) {
    // As in RxJS, an async iteration never fails within its subscription.
    queueMicrotask(() => guarded(() => subscriber.error(error)));
    return;
  }
  subscriber.add(source);
  source.pull();
}
