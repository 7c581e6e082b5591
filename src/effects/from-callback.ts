import type { Either } from 'fp-ts/lib/Either.js';

import { onAbort } from '../core/on-abort.ts';
import { toDefect, type Unsuccessful } from './exit.ts';
import { Interrupted, throwIfInterrupted } from './interrupted.ts';
import { enter } from './in-flight.ts';
import { type NetEnv, signalOf } from './net-env.ts';
import type { Program } from './net.ts';

/**
 * Gives back what a wait holds: a listener, a timer, a socket. What it returns is waited for.
 *
 * @category model
 * @since 0.1.0
 */
export type Cancel = () => void | PromiseLike<void>;

/**
 * An effect from something that calls back: what everything that waits is made of. It is
 * interrupted as soon as its `cancel` is done.
 *
 * @param start - called at each run. `resolve` ends the effect with a success or a failure, `reject` with a defect, as
 *   throwing does; the first call counts. It returns what stops it, which is called only if it is interrupted before that.
 *
 * @example
 * ```ts
 * import { right } from 'fp-ts/lib/Either.js';
 * import { fromCallback, toPromise } from 'rxjs-net/effects';
 *
 * const soon = fromCallback<never, string>((resolve) => {
 *   const timer = setTimeout(() => resolve(right('now')), 5);
 *   return () => clearTimeout(timer);
 * });
 *
 * console.log(await toPromise(soon)); // => { _tag: 'Right', right: 'now' }
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export function fromCallback<E, A, R = NetEnv>(
  start: (resolve: (either: Either<E, A>) => void, reject: (defect: unknown) => void, env: R) => Cancel,
): Program<A, E, R> {
  return (env) => () =>
    new Promise<Either<E, A>>((resolve, reject) => {
      const signal = signalOf(env);
      throwIfInterrupted(signal);
      const wait = new Wait(enter(signal));
      let cancel: Cancel;
      try {
        cancel = start(
          (either) => {
            if (wait.settle()) wait.end(() => resolve(either));
          },
          (defect) => {
            if (wait.settle()) wait.end(() => reject(defect));
          },
          env,
        );
      } catch (defect) {
        if (wait.settle()) wait.end(() => reject(defect));
        return;
      }
      wait.watch(signal, () => rejectInterrupted(signal, (interrupted) => wait.end(() => reject(interrupted)), cancel));
    });
}

/** Stops what waits, and rejects when it has stopped. */
export function rejectInterrupted(
  signal: AbortSignal,
  reject: (interrupted: Interrupted) => void,
  cancel: Cancel,
): void {
  const ended = (suppressed: readonly Unsuccessful[]): void => reject(new Interrupted(signal.reason, suppressed));
  const failed = (error: unknown): void => ended([toDefect(error)]);
  try {
    Promise.resolve(cancel()).then(() => ended([]), failed);
  } catch (error) {
    failed(error);
  }
}

/** What decides a wait: the first that comes, and the signal is let go of then. */
class Wait {
  private settled = false;
  private forget: (() => void) | undefined = undefined;
  private readonly leave: () => void;

  constructor(leave: () => void) {
    this.leave = leave;
  }

  /** It is no longer in flight when its promise is settled. */
  end(settlePromise: () => void): void {
    this.leave();
    settlePromise();
  }

  /** True for the first caller. */
  settle(): boolean {
    if (this.settled) return false;
    this.settled = true;
    this.forget?.();
    return true;
  }

  watch(signal: AbortSignal, interrupt: () => void): void {
    if (this.settled) return;
    const aborted = (): void => {
      if (this.settle()) interrupt();
    };
    // What was started may itself have led to the abort.
    if (signal.aborted) aborted();
    else this.forget = onAbort(signal, aborted);
  }
}
