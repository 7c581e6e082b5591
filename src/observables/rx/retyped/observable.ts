import * as rxjs from 'rxjs';

import type { Flow } from '../../flow.ts';

/** RxJS's `Observable`, the very type: one that may have forgotten its failures. */
export type Observable<A> = rxjs.Observable<A>;

/**
 * RxJS's `Observable`, the very class, whose `new` gives a Flow.
 *
 * What its function calls `subscriber.error` with, no type knows: declare it, `const flow: Flow<A,
 * E> = new Observable(…)`.
 */
export const Observable: {
  new <A>(subscribe?: (this: rxjs.Observable<A>, subscriber: rxjs.Subscriber<A>) => rxjs.TeardownLogic): Flow<A>;
  /** Deprecated in RxJS: take `new Observable`. */
  create: (...args: any[]) => any;
  readonly prototype: rxjs.Observable<any>;
} = rxjs.Observable;

/** RxJS's `Connectable`, with its failures in the type. */
export interface Connectable<A, E = never> extends Flow<A, E> {
  /** Subscribes to the source; from then on the subscribers get what it emits. */
  connect(): rxjs.Subscription;
}

/** RxJS's `GroupedObservable`, a Flow that fails as its source does. */
export interface GroupedObservable<K, A, E = never> extends Flow<A, E> {
  /** What its values have in common. */
  readonly key: K;
}
