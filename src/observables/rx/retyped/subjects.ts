import * as rxjs from 'rxjs';

import type { Flow } from '../../flow.ts';

/**
 * RxJS's `Subject`, whose subscribing side is a Flow. What `error` is called with, no type knows.
 */
export interface Subject<A> extends rxjs.Subject<A> {
  pipe: Flow<A>['pipe'];
  forEach(next: (value: A) => void, promiseCtor?: PromiseConstructorLike): Promise<void>;
  asObservable(): Flow<A>;
}
export const Subject: {
  new <A>(): Subject<A>;
  /** Deprecated in RxJS: take `new Subject`. */
  create: (...args: any[]) => any;
  readonly prototype: Subject<any>;
} = rxjs.Subject;

/** RxJS's `BehaviorSubject`, whose subscribing side is a Flow. */
export interface BehaviorSubject<A> extends rxjs.BehaviorSubject<A> {
  pipe: Flow<A>['pipe'];
  forEach(next: (value: A) => void, promiseCtor?: PromiseConstructorLike): Promise<void>;
  asObservable(): Flow<A>;
}
export const BehaviorSubject: {
  new <A>(value: A): BehaviorSubject<A>;
  create: (...args: any[]) => any;
  readonly prototype: BehaviorSubject<any>;
} = rxjs.BehaviorSubject;

/** RxJS's `ReplaySubject`, whose subscribing side is a Flow. */
export interface ReplaySubject<A> extends rxjs.ReplaySubject<A> {
  pipe: Flow<A>['pipe'];
  forEach(next: (value: A) => void, promiseCtor?: PromiseConstructorLike): Promise<void>;
  asObservable(): Flow<A>;
}
export const ReplaySubject: {
  new <A>(bufferSize?: number, windowTime?: number, timestampProvider?: rxjs.TimestampProvider): ReplaySubject<A>;
  create: (...args: any[]) => any;
  readonly prototype: ReplaySubject<any>;
} = rxjs.ReplaySubject;

/** RxJS's `AsyncSubject`, whose subscribing side is a Flow. */
export interface AsyncSubject<A> extends rxjs.AsyncSubject<A> {
  pipe: Flow<A>['pipe'];
  forEach(next: (value: A) => void, promiseCtor?: PromiseConstructorLike): Promise<void>;
  asObservable(): Flow<A>;
}
export const AsyncSubject: {
  new <A>(): AsyncSubject<A>;
  create: (...args: any[]) => any;
  readonly prototype: AsyncSubject<any>;
} = rxjs.AsyncSubject;
