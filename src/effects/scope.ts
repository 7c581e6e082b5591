import type { Either } from 'fp-ts/lib/Either.js';
import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';

import { GuardedAbort } from '../core/guarded-abort.ts';
import { onAbort } from '../core/on-abort.ts';
import { guarded } from '../core/report-defect.ts';
import { Defect } from '../observables/failures/defect.ts';
import {
  eitherOfExit,
  type Exit,
  exitOfEither,
  exitOfRejection,
  toDefect,
  type Unsuccessful,
  withSuppressed,
} from './exit.ts';
import { Interrupted, throwIfInterrupted } from './interrupted.ts';
import { enter, InFlight, OVER } from './in-flight.ts';
import { isAbortable, signalOf, withSignal } from './net-env.ts';
import { start } from './start.ts';

/** Not the global one: who replaces that must not stop what ends an effect. */
const { setImmediate: inNextTurn } = globalThis;

/**
 * Effects that may be given up before the one that they are part of is. Whoever opens a scope waits
 * for all that it has started, and ends it.
 *
 * What was lifted by fp-ts can't be told to stop. Once a scope is aborted and nothing of ours is in
 * flight in it, it is given up: its effects are interrupted, and what their promises come to later
 * is dropped.
 */
export class Scope {
  private readonly controller = new GuardedAbort();
  private readonly inFlight: InFlight;
  private readonly forget: () => void;
  private readonly leave: () => void;
  /** The effects that run in it: what interrupts each. */
  private readonly running = new Set<(interrupted: Interrupted) => void>();
  private settling = false;

  /** It is interrupted with the effect that opens it. */
  constructor(outer: AbortSignal) {
    throwIfInterrupted(outer);
    this.inFlight = new InFlight(this.controller.signal);
    this.inFlight.onIdle(() => this.giveUpSoon());
    this.leave = enter(outer);
    this.forget = isAbortable(outer) ? onAbort(outer, () => this.follow(outer.reason)) : () => {};
  }

  get aborted(): boolean {
    return this.controller.signal.aborted;
  }

  /** The environment of what runs in it. */
  env<R>(env: R): R {
    return withSignal(env, this.controller.signal);
  }

  /** Runs an effect, which is given the environment of the scope. */
  run<R, E, A>(net: ReaderTaskEither<R, E, A>, env: R): Promise<Either<E, A>> {
    return new Promise((resolve, reject) => {
      const ended = (): void => {
        this.running.delete(reject);
      };
      this.running.add(reject);
      start(net, env).then(resolve, reject).finally(ended);
      this.giveUpSoon();
    });
  }

  /** Runs an effect, and tells how it ended; never rejects. */
  exitOf<R, E, A>(net: ReaderTaskEither<R, E, A>, env: R): Promise<Exit<E, A>> {
    return exitOf(() => {
      throwIfInterrupted(this.controller.signal);
      return this.run(net, env);
    });
  }

  abort(reason: unknown): void {
    // A listener of the program's on the signal of an effect may throw.
    guarded(() => this.controller.abort(reason));
    this.giveUpSoon();
  }

  /**
   * Interrupts what is still in flight, as after fp-ts's parallel functions, and closes the scope
   * when that has ended.
   */
  async end(): Promise<void> {
    if (!this.inFlight.isIdle) {
      this.abort(OVER);
      await this.idle();
    }
    this.inFlight.hasEnded = true;
    this.close();
  }

  close(): void {
    this.forget();
    this.leave();
  }

  private idle(): Promise<void> {
    if (this.inFlight.isIdle) return Promise.resolve();
    return new Promise((resolve) => {
      const forget = this.inFlight.onIdle(() => {
        forget();
        resolve();
      });
    });
  }

  /**
   * Gives up what runs, unless it ends by itself within a turn: a value that is on its way is not
   * lost. Within that turn something may begin that must be waited for.
   */
  private giveUpSoon(): void {
    if (this.settling || !this.aborted || this.running.size === 0 || !this.inFlight.isIdle) return;
    this.settling = true;
    inNextTurn(() => {
      this.settling = false;
      if (!this.inFlight.isIdle) return;
      const { signal } = this.controller;
      for (const interrupt of this.running) interrupt(new Interrupted(signal.reason));
      this.running.clear();
    });
  }

  /**
   * In a turn of its own where scopes are deep within each other: the abort of one calls that of
   * the next.
   */
  private follow(reason: unknown): void {
    if (following >= MAX_FOLLOWING) {
      queueMicrotask(() => this.abort(reason));
      return;
    }
    following += 1;
    try {
      this.abort(reason);
    } finally {
      following -= 1;
    }
  }
}

/** Runs an effect in a scope of its own; it ends when all that it started has ended. */
export async function scoped<R, E, A>(net: ReaderTaskEither<R, E, A>, env: R): Promise<Either<E, A>> {
  const scope = new Scope(signalOf(env));
  try {
    return await scope.run(net, scope.env(env));
  } finally {
    await scope.end();
  }
}

/** How many scopes may follow each other in one turn. */
const MAX_FOLLOWING = 100;
let following = 0;

/** Runs an effect, and tells how it ended; never rejects. */
export async function exitOf<E, A>(run: () => Promise<Either<E, A>>): Promise<Exit<E, A>> {
  try {
    return exitOfEither(await run());
  } catch (error) {
    return exitOfRejection(error);
  }
}

/**
 * How a scope ends: as the one that decided it did. How the others ended doesn't count, but a
 * defect of theirs, or a release that failed while they were given up, has no other place to be
 * told.
 *
 * @param outer - the signal of the effect that opened the scope. Once it is aborted, its reason is the one that counts.
 */
export function decided<E, A>(
  decisive: Exit<E, A>,
  others: readonly Exit<unknown, unknown>[],
  outer: AbortSignal,
): Either<E, A> {
  const faults = others.flatMap(faultsOf);
  if (decisive._tag === 'Interrupted') {
    const reason: unknown = outer.aborted ? outer.reason : decisive.reason;
    throw new Interrupted(reason, [...(decisive.suppressed ?? []), ...faults]);
  }
  const [first, ...rest] = faults;
  if (first === undefined) return eitherOfExit(decisive);
  if (decisive._tag === 'Defect') throw withSuppressed(decisive, faults);
  throw withSuppressed(defectOf(first), decisive._tag === 'Failure' ? [...rest, decisive] : rest);
}

/** What went wrong in something that was given up, or of whose end nobody else is told. */
export function faultOf(exit: Exit<unknown, unknown>): Defect | undefined {
  const [first, ...rest] = faultsOf(exit);
  return first === undefined ? undefined : withSuppressed(defectOf(first), rest);
}

/**
 * A rejection that comes when nobody listens any more: a warning of the process, unless all went
 * well in giving it up.
 */
export function warnOfFaults(error: unknown): void {
  const fault = faultOf(exitOfRejection(error));
  if (fault !== undefined) process.emitWarning(fault);
}

function faultsOf(exit: Exit<unknown, unknown>): readonly Unsuccessful[] {
  if (exit._tag === 'Defect') return [exit];
  return exit._tag === 'Interrupted' ? (exit.suppressed ?? []) : [];
}

function defectOf(fault: Unsuccessful): Defect {
  return fault._tag === 'Failure' ? new Defect(fault.failure, 'a release failed') : toDefect(fault);
}
