import * as rxjs from 'rxjs';

import type { Flow } from '../../flow.ts';

type Handler = (...args: any[]) => void;

/** Node.js's EventEmitter. */
interface NodeStyleEventEmitter {
  addListener(eventName: string | symbol, handler: Handler): this;
  removeListener(eventName: string | symbol, handler: Handler): this;
}

/** An emitter whose methods return something else. */
interface NodeCompatibleEventEmitter {
  addListener(eventName: string, handler: Handler): void | {};
  removeListener(eventName: string, handler: Handler): void | {};
}

/** An emitter with `on` and `off`. */
interface JQueryStyleEventEmitter<TContext, T> {
  on(eventName: string, handler: (this: TContext, t: T, ...args: any[]) => any): void;
  off(eventName: string, handler: (this: TContext, t: T, ...args: any[]) => any): void;
}

interface EventListenerObject<E> {
  handleEvent(evt: E): void;
}

/** An EventTarget of events `E`. */
interface HasEventTargetAddRemove<E> {
  addEventListener(
    type: string,
    listener: ((evt: E) => void) | EventListenerObject<E> | null,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(
    type: string,
    listener: ((evt: E) => void) | EventListenerObject<E> | null,
    options?: EventListenerOptions | boolean,
  ): void;
}

interface EventListenerOptions {
  capture?: boolean;
  passive?: boolean;
  once?: boolean;
}

type OneOrMany<T> = T | ArrayLike<T>;

/** RxJS's `fromEvent`, as a Flow: emits the events of an emitter or an EventTarget. */
export const fromEvent: {
  <T>(target: OneOrMany<HasEventTargetAddRemove<T>>, eventName: string): Flow<T>;
  <T, R>(target: OneOrMany<HasEventTargetAddRemove<T>>, eventName: string, resultSelector: (event: T) => R): Flow<R>;
  <T>(target: OneOrMany<HasEventTargetAddRemove<T>>, eventName: string, options: EventListenerOptions): Flow<T>;
  <T, R>(
    target: OneOrMany<HasEventTargetAddRemove<T>>,
    eventName: string,
    options: EventListenerOptions,
    resultSelector: (event: T) => R,
  ): Flow<R>;
  (target: OneOrMany<NodeStyleEventEmitter>, eventName: string): Flow<unknown>;
  <T>(target: OneOrMany<NodeStyleEventEmitter>, eventName: string): Flow<T>;
  <R>(target: OneOrMany<NodeStyleEventEmitter>, eventName: string, resultSelector: (...args: any[]) => R): Flow<R>;
  (target: OneOrMany<NodeCompatibleEventEmitter>, eventName: string): Flow<unknown>;
  <T>(target: OneOrMany<NodeCompatibleEventEmitter>, eventName: string): Flow<T>;
  <R>(target: OneOrMany<NodeCompatibleEventEmitter>, eventName: string, resultSelector: (...args: any[]) => R): Flow<R>;
  <T>(target: OneOrMany<JQueryStyleEventEmitter<any, T>>, eventName: string): Flow<T>;
  <T, R>(
    target: OneOrMany<JQueryStyleEventEmitter<any, T>>,
    eventName: string,
    resultSelector: (value: T, ...args: any[]) => R,
  ): Flow<R>;
} = rxjs.fromEvent;

/** RxJS's `fromEventPattern`, as a Flow: emits what a handler is called with. */
export const fromEventPattern: {
  <T>(addHandler: (handler: Handler) => any, removeHandler?: (handler: Handler, signal?: any) => void): Flow<T>;
  <T>(
    addHandler: (handler: Handler) => any,
    removeHandler?: (handler: Handler, signal?: any) => void,
    resultSelector?: (...args: any[]) => T,
  ): Flow<T>;
} = rxjs.fromEventPattern;

/** What a callback with the arguments `R` emits. */
type Results<R extends readonly unknown[]> = R extends [] ? void : R extends [any] ? R[0] : R;

/**
 * RxJS's `bindCallback`, which gives a Flow: a function that takes a callback, as one that returns
 * a Flow.
 */
export const bindCallback: {
  /** Deprecated in RxJS: `map` the result. */
  (
    callbackFunc: (...args: any[]) => void,
    resultSelector: (...args: any[]) => any,
    scheduler?: rxjs.SchedulerLike,
  ): (...args: any[]) => Flow<any>;
  <A extends readonly unknown[], R extends readonly unknown[]>(
    callbackFunc: (...args: [...A, (...res: R) => void]) => void,
    schedulerLike?: rxjs.SchedulerLike,
  ): (...arg: A) => Flow<Results<R>>;
} = rxjs.bindCallback;

/**
 * RxJS's `bindNodeCallback`, which gives a Flow. What the callback reports as an error is a defect:
 * no type knows it.
 */
export const bindNodeCallback: {
  /** Deprecated in RxJS: `map` the result. */
  (
    callbackFunc: (...args: any[]) => void,
    resultSelector: (...args: any[]) => any,
    scheduler?: rxjs.SchedulerLike,
  ): (...args: any[]) => Flow<any>;
  <A extends readonly unknown[], R extends readonly unknown[]>(
    callbackFunc: (...args: [...A, (err: any, ...res: R) => void]) => void,
    schedulerLike?: rxjs.SchedulerLike,
  ): (...arg: A) => Flow<Results<R>>;
} = rxjs.bindNodeCallback;
