import * as rxjs from 'rxjs';

import type { Flow } from '../../flow.ts';

/** RxJS's `EMPTY`, as a Flow. */
export const EMPTY: Flow<never> = rxjs.EMPTY;

/** RxJS's `NEVER`, as a Flow. */
export const NEVER: Flow<never> = rxjs.NEVER;

/** RxJS's `empty`, as a Flow. Deprecated there: take `EMPTY`. */
export const empty: (scheduler?: rxjs.SchedulerLike) => Flow<never> = rxjs.empty;

/** RxJS's `never`, as a Flow. Deprecated there: take `NEVER`. */
export const never: () => Flow<never> = rxjs.never;

/**
 * RxJS's `of`, as a Flow: emits its arguments, then completes.
 *
 * @example
 * ```ts
 * import { of } from 'rxjs-net/rx';
 *
 * of('a', 'b').subscribe((letter) => console.log(letter));
 * // => a
 * // => b
 * ```
 */
export const of: {
  (value: null): Flow<null>;
  (value: undefined): Flow<undefined>;
  /** Deprecated in RxJS, as every form with a scheduler: take `scheduled`. */
  (scheduler: rxjs.SchedulerLike): Flow<never>;
  /** Deprecated in RxJS: take `scheduled`. */
  <A extends readonly unknown[]>(...valuesAndScheduler: [...A, rxjs.SchedulerLike]): Flow<rxjs.ValueFromArray<A>>;
  (): Flow<never>;
  /** Deprecated in RxJS: take `EMPTY`, or `of()`. */
  <T>(): Flow<T>;
  <T>(value: T): Flow<T>;
  <A extends readonly unknown[]>(...values: A): Flow<rxjs.ValueFromArray<A>>;
} = rxjs.of;

/**
 * RxJS's `timer`, as a Flow: emits 0 after `due` ms, and with a second number goes on counting
 * every so many ms.
 */
export const timer: {
  (due: number | Date, scheduler?: rxjs.SchedulerLike): Flow<0>;
  (startDue: number | Date, intervalDuration: number, scheduler?: rxjs.SchedulerLike): Flow<number>;
  /** Deprecated in RxJS: leave `undefined` out. */
  (dueTime: number | Date, unused: undefined, scheduler?: rxjs.SchedulerLike): Flow<0>;
} = rxjs.timer;

/** RxJS's `interval`, as a Flow: counts up from 0, one number every `period` ms. */
export const interval: (period?: number, scheduler?: rxjs.SchedulerLike) => Flow<number> = rxjs.interval;

/** RxJS's `range`, as a Flow: emits `count` numbers from `start` on. */
export const range: {
  (start: number, count?: number): Flow<number>;
  /** Deprecated in RxJS: take `scheduled`. */
  (start: number, count: number | undefined, scheduler: rxjs.SchedulerLike): Flow<number>;
} = rxjs.range;

/** What `generate` goes by, where it emits its state. */
interface GenerateBaseOptions<S> {
  initialState: S;
  condition?: (state: S) => boolean;
  iterate: (state: S) => S;
  scheduler?: rxjs.SchedulerLike;
}

/** What `generate` goes by, where it emits what is made of its state. */
interface GenerateOptions<T, S> extends GenerateBaseOptions<S> {
  resultSelector: (state: S) => T;
}

/** RxJS's `generate`, as a Flow: a `for` loop that emits. */
export const generate: {
  /** Deprecated in RxJS: take the form with an object. */
  <T, S>(
    initialState: S,
    condition: (state: S) => boolean,
    iterate: (state: S) => S,
    resultSelector: (state: S) => T,
    scheduler?: rxjs.SchedulerLike,
  ): Flow<T>;
  <S>(
    initialState: S,
    condition: (state: S) => boolean,
    iterate: (state: S) => S,
    scheduler?: rxjs.SchedulerLike,
  ): Flow<S>;
  <S>(options: GenerateBaseOptions<S>): Flow<S>;
  <T, S>(options: GenerateOptions<T, S>): Flow<T>;
} = rxjs.generate;

/** RxJS's `pairs`, as a Flow. Deprecated there: take `from(Object.entries(…))`. */
export const pairs: {
  <T>(arr: readonly T[], scheduler?: rxjs.SchedulerLike): Flow<[string, T]>;
  <O extends Record<string, unknown>>(obj: O, scheduler?: rxjs.SchedulerLike): Flow<[keyof O, O[keyof O]]>;
  <T>(iterable: Iterable<T>, scheduler?: rxjs.SchedulerLike): Flow<[string, T]>;
  (
    n: number | bigint | boolean | ((...args: any[]) => any) | symbol,
    scheduler?: rxjs.SchedulerLike,
  ): Flow<[never, never]>;
} = rxjs.pairs;

/** RxJS's `animationFrames`, as a Flow. Node.js has none: for tests that bring their own. */
export const animationFrames: (
  timestampProvider?: rxjs.TimestampProvider,
) => Flow<{ timestamp: number; elapsed: number }> = rxjs.animationFrames;
