import type { Either } from 'fp-ts/lib/Either.js';
import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';

import type { ListenFailure } from '../core/index.ts';
import { settleError } from './either-of.ts';
import { toDefect, withSuppressed } from './exit.ts';
import { isInterrupted } from './interrupted.ts';
import { signalOf } from './net-env.ts';
import type { Program } from './net.ts';
import { faultOf, Scope } from './scope.ts';

/** Whether a listener still stands, and who wants to be told when it doesn't. */
export class Standing {
  lost: { readonly error: unknown } | undefined = undefined;
  private whenLost: ((error: unknown) => void) | undefined = undefined;

  lose(error: unknown): void {
    if (this.lost !== undefined) return;
    this.lost = { error };
    this.whenLost?.(error);
  }

  /**
   * Runs the use of the listener: when that is lost, the use is interrupted, and ends in the reason
   * for it.
   */
  during<R, E, A>(use: ReaderTaskEither<R, E, A>): Program<A, E | ListenFailure, R> {
    return (env) => async (): Promise<Either<E | ListenFailure, A>> => {
      const signal = signalOf(env);
      const scope = new Scope(signal);
      this.whenLost = (error) => scope.abort(error);
      try {
        if (this.lost !== undefined) scope.abort(this.lost.error);
        return await scope.run(use, scope.env<R>(env));
      } catch (error) {
        const { lost } = this;
        if (lost === undefined || signal.aborted || !isInterrupted(error)) throw error;
        const fault = faultOf(error);
        if (fault !== undefined) throw withSuppressed(fault, [toDefect(lost.error)]);
        return await new Promise((resolve, reject) => settleError<ListenFailure, A>({ resolve, reject }, lost.error));
      } finally {
        await scope.end();
      }
    };
  }
}
