import { isLeft } from 'fp-ts/lib/Either.js';
import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';
import { Observable, type Subscriber } from 'rxjs';

import { isNetFailure } from '../core/index.ts';
import { onAbort } from '../core/on-abort.ts';
import type { Connection } from '../observables/connection.ts';
import type { Defect } from '../observables/failures/defect.ts';
import { warnOfDefect } from '../core/report-defect.ts';
import { asLive } from '../observables/internal/as-live.ts';
import { exitOfRejection, toDefect } from './exit.ts';
import { isInterrupted } from './interrupted.ts';
import type { NetEnv } from './net-env.ts';
import type { Program } from './net.ts';
import { faultOf, Scope } from './scope.ts';

/** Ends the connection; what went wrong was given to `onFailure` or `onDefect` already. */
const handled = { _tag: 'Handled' } as const;

/** What is done on each connection, and with what goes wrong in it. */
export interface Handling<R extends NetEnv, E> {
  readonly handler: (connection: Connection) => Program<void, E, R>;
  readonly onFailure: ((failure: E, connection: Connection) => ReaderTaskEither<R, never, void>) | undefined;
  readonly onDefect: ((defect: Defect, connection: Connection) => ReaderTaskEither<R, never, void>) | undefined;
}

/** The handlers of a server that run: each on its own, and all in one scope. */
export class HandlerRuns<R extends NetEnv, E> {
  private readonly handling: Handling<R, E>;
  private readonly scope: Scope;
  private readonly env: R;
  private count = 0;
  private idle: (() => void)[] = [];

  constructor(handling: Handling<R, E>, env: R) {
    this.handling = handling;
    this.scope = new Scope(env.signal);
    this.env = this.scope.env(env);
    // As long as somebody listens, listening and ceasing to do so, as every read does, costs next
    // to nothing.
    onAbort(this.env.signal, () => {});
  }

  /** What `serve` takes: it emits nothing, and ends as the handler does. */
  output(connection: Connection): Observable<never> {
    return new Observable<never>((subscriber) => {
      this.count++;
      void this.run(connection, subscriber);
      // Unsubscribing interrupts nothing: the connection has ended, and the handler sees that for
      // itself.
    });
  }

  private async run(connection: Connection, subscriber: Subscriber<never>): Promise<void> {
    const live = asLive(connection);
    live.isClaimed = true;
    try {
      const failed = await this.handle(connection);
      if (failed === undefined) subscriber.complete();
      else subscriber.error(failed.error);
    } finally {
      live.isClaimed = false;
      this.count--;
      if (this.count === 0) for (const told of this.idle.splice(0)) told();
    }
  }

  /** Never rejects: tells what the connection is to be closed for. */
  private async handle(connection: Connection): Promise<{ readonly error: unknown } | undefined> {
    const { handler, onFailure } = this.handling;
    const { env } = this;
    try {
      const either = await this.scope.run((given) => handler(connection)(given), env);
      if (!isLeft(either)) return undefined;
      await this.scope.run(
        (given) => (onFailure === undefined ? noFailure() : onFailure(either.left, connection)(given)),
        env,
      );
      return { error: isNetFailure(either.left) ? either.left : handled };
    } catch (error) {
      const fault = faultOf(exitOfRejection(error));
      if (fault !== undefined) await this.died(fault, connection);
      return { error: handled };
    }
  }

  private async died(defect: Defect, connection: Connection): Promise<void> {
    const { onDefect } = this.handling;
    try {
      if (onDefect === undefined) warnOfDefect(defect);
      else await this.scope.run((given) => onDefect(defect, connection)(given), this.env);
    } catch (error) {
      warnOfDefect(isInterrupted(error) ? defect : toDefect(error));
    }
  }

  /** Resolves when none runs. */
  settled(): Promise<void> {
    if (this.count === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.idle.push(resolve);
    });
  }

  interrupt(reason: unknown): void {
    this.scope.abort(reason);
  }

  close(): void {
    this.scope.close();
  }
}

/**
 * By its types a handler without `onFailure` does not fail; where these were got round, it is a
 * defect.
 */
function noFailure(): never {
  throw new Error('a handler failed, and there is no onFailure');
}
