import { AsyncResource } from 'node:async_hooks';

/**
 * The context of a subscription: what every `AsyncLocalStorage` holds where the subscription was
 * made.
 *
 * A source emits in the context of its subscriber. The chunk, timer or release that makes it emit
 * may belong to another user: of the same connection, of the same pool.
 *
 * No other module imports `node:async_hooks`. A bundle for a platform without it replaces this
 * module by one whose context calls the function and does nothing else.
 */
export interface Context {
  /** Calls `run` in this context, and returns what it returns. */
  runInAsyncScope<A extends readonly unknown[], R>(run: (...given: A) => R, thisArg: unknown, ...given: A): R;
}

/**
 * Captures the context of the code that runs now.
 *
 * Each call gives a context of its own, so that `enterWith` in one of them changes no other.
 */
export function captureContext(): Context {
  return new AsyncResource('rxjs-net');
}
