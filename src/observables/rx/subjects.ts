import * as rxjs from 'rxjs';

import type { Flow } from '../flow.ts';

/** RxJS's `Subject`, whose `pipe` keeps failures. */
export interface Subject<A> extends rxjs.Subject<A> {
  pipe: Flow<A>['pipe'];
  forEach: Flow<A>['forEach'];
  asObservable(): Flow<A>;
}
export const Subject: { new <A>(): Subject<A>; readonly prototype: Subject<unknown> } = rxjs.Subject as never;

/** RxJS's `BehaviorSubject`, whose `pipe` keeps failures. */
export interface BehaviorSubject<A> extends rxjs.BehaviorSubject<A> {
  pipe: Flow<A>['pipe'];
  forEach: Flow<A>['forEach'];
  asObservable(): Flow<A>;
}
export const BehaviorSubject: {
  new <A>(value: A): BehaviorSubject<A>;
  readonly prototype: BehaviorSubject<unknown>;
} = rxjs.BehaviorSubject as never;

/** RxJS's `ReplaySubject`, whose `pipe` keeps failures. */
export interface ReplaySubject<A> extends rxjs.ReplaySubject<A> {
  pipe: Flow<A>['pipe'];
  forEach: Flow<A>['forEach'];
  asObservable(): Flow<A>;
}
export const ReplaySubject: {
  new <A>(size?: number, windowTime?: number, timestamps?: rxjs.TimestampProvider): ReplaySubject<A>;
  readonly prototype: ReplaySubject<unknown>;
} = rxjs.ReplaySubject as never;

/** RxJS's `AsyncSubject`, whose `pipe` keeps failures. */
export interface AsyncSubject<A> extends rxjs.AsyncSubject<A> {
  pipe: Flow<A>['pipe'];
  forEach: Flow<A>['forEach'];
  asObservable(): Flow<A>;
}
export const AsyncSubject: { new <A>(): AsyncSubject<A>; readonly prototype: AsyncSubject<unknown> } =
  rxjs.AsyncSubject as never;
