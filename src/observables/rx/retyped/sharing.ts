import * as rxjs from 'rxjs';

import type { EmittedBy } from '../../emitted-by.ts';
import type { Everything } from '../../failures-left.ts';
import type { Carries, FailureOf, Flow, Outcome } from '../../flow.ts';
import type { Input } from './inert.ts';
import type { Connectable } from './observable.ts';

/**
 * What a selector makes of the shared flow: the failures of the source are left where it passes
 * them on.
 */
type Selecting<A, E, I> = (
  source: rxjs.Observable<A> & Outcome<E, never> & Carries<FailureOf<I>, never>,
) => rxjs.Observable<EmittedBy<I>> & Outcome<FailureOf<I>, Everything>;

/** What makes a source connectable. */
type Connecting<A> = <E = never>(source: rxjs.Observable<A> & Outcome<E, never>) => ConnectableObservable<A, E>;

/**
 * RxJS's `ConnectableObservable`, with its failures in the type. Deprecated there: take
 * `connectable`.
 */
export interface ConnectableObservable<A, E = never> extends rxjs.ConnectableObservable<A>, Outcome<E, never> {
  pipe: Flow<A, E>['pipe'];
  forEach(next: (value: A) => void, promiseCtor?: PromiseConstructorLike): Promise<void>;
  refCount(): Flow<A, E>;
}
export const ConnectableObservable: {
  new <A, E = never>(
    source: rxjs.Observable<A> & Outcome<E, never>,
    subjectFactory: () => rxjs.Subject<A>,
  ): ConnectableObservable<A, E>;
  create: (...args: any[]) => any;
  readonly prototype: ConnectableObservable<any>;
} = rxjs.ConnectableObservable;

/** RxJS's `connectable`, with the failures of the source in the type. */
export const connectable: <I extends Input>(
  source: I,
  config?: { connector: () => rxjs.SubjectLike<EmittedBy<I>>; resetOnDisconnect?: boolean },
) => Connectable<EmittedBy<I>, FailureOf<I>> = rxjs.connectable as never;

/** RxJS's `connect`, with the failures of the flow that the selector returns in the type. */
export const connect: <A, I extends Input, E = never>(
  selector: (shared: Flow<A, E>) => I,
  config?: rxjs.ConnectConfig<A>,
) => Selecting<A, E, I> = rxjs.connect as never;

/**
 * RxJS's `publish`, with the failures of what the selector returns in the type. Deprecated there:
 * take `connect`.
 */
export const publish: {
  <A>(): Connecting<A>;
  <A, I extends Input, E = never>(selector: (shared: Flow<A, E>) => I): Selecting<A, E, I>;
} = rxjs.publish;

/**
 * RxJS's `publishBehavior`, which keeps the failures in the type. Deprecated there: take
 * `connectable`.
 */
export const publishBehavior: <A>(initialValue: A) => Connecting<A> = rxjs.publishBehavior;

/**
 * RxJS's `publishLast`, which keeps the failures in the type. Deprecated there: take `connectable`.
 */
export const publishLast: <A>() => Connecting<A> = rxjs.publishLast;

/**
 * RxJS's `publishReplay`, with the failures of what the selector returns in the type. Deprecated:
 * take `connectable`.
 */
export const publishReplay: {
  <A>(
    bufferSize?: number,
    windowTime?: number,
    timestampProvider?: rxjs.TimestampProvider,
  ): rxjs.MonoTypeOperatorFunction<A>;
  <A, I extends Input, E = never>(
    bufferSize: number | undefined,
    windowTime: number | undefined,
    selector: (shared: Flow<A, E>) => I,
    timestampProvider?: rxjs.TimestampProvider,
  ): Selecting<A, E, I>;
  <A>(
    bufferSize: number | undefined,
    windowTime: number | undefined,
    selector: undefined,
    timestampProvider: rxjs.TimestampProvider,
  ): rxjs.MonoTypeOperatorFunction<A>;
} = rxjs.publishReplay;

/**
 * RxJS's `multicast`, with the failures of what the selector returns in the type. Deprecated there:
 * take `connect`.
 */
export const multicast: {
  <A>(subjectOrFactory: rxjs.Subject<A> | (() => rxjs.Subject<A>)): Connecting<A>;
  <A, I extends Input, E = never>(
    subjectOrFactory: rxjs.Subject<A> | (() => rxjs.Subject<A>),
    selector: (shared: Flow<A, E>) => I,
  ): Selecting<A, E, I>;
} = rxjs.multicast as never;
