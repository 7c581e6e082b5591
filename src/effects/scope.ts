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
import { type NetEnv, withSignal } from './net-env.ts';
import { start } from './start.ts';

/**
 * Effects that run at once and may be given up before the one that they are part of is. Whoever opens a scope waits for all
 * that it has started, and closes it.
 */
export class Scope {
  private readonly controller = new GuardedAbort();
  private readonly forget: () => void;

  /** It is interrupted with the effect that opens it. */
  constructor(outer: AbortSignal) {
    throwIfInterrupted(outer);
    this.forget = onAbort(outer, () => this.follow(outer.reason));
  }

  get aborted(): boolean {
    return this.controller.signal.aborted;
  }

  /** The environment of what runs in it. */
  env<R extends NetEnv>(env: R): R {
    return withSignal(env, this.controller.signal);
  }

  abort(reason: unknown): void {
    // A listener of the program's on the signal of an effect may throw.
    guarded(() => this.controller.abort(reason));
  }

  close(): void {
    this.forget();
  }

  /** In a turn of its own where scopes are deep within each other: the abort of one calls that of the next. */
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

/** How many scopes may follow each other in one turn. */
const MAX_FOLLOWING = 100;
let following = 0;

/** Runs it, and tells how it ended; never rejects. */
export async function exitOf<R extends NetEnv, E, A>(net: ReaderTaskEither<R, E, A>, env: R): Promise<Exit<E, A>> {
  try {
    throwIfInterrupted(env.signal);
    return exitOfEither(await start(net, env));
  } catch (error) {
    return exitOfRejection(error);
  }
}

/**
 * How a scope ends: as the one that decided it did. How the others ended doesn't count, but a defect of theirs, or a
 * release that failed while they were given up, has no other place to be told.
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

/** A rejection that comes when nobody listens any more: a warning of the process, unless all went well in giving it up. */
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
