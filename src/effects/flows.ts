import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { isNone, none, type Option, some } from 'fp-ts/lib/Option.js';
import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';
import { Observable } from 'rxjs';

import type { Flow } from '../observables/flow.ts';
import { AsyncIterableSource } from '../observables/pacing/async-iterable-source.ts';
import { settleError } from './either-of.ts';
import { checkEither } from './exit.ts';
import { fromCallback } from './from-callback.ts';
import { throwIfOver } from './in-flight.ts';
import { type NetEnv, netEnv, type NetEnvOptions } from './net-env.ts';
import type { Net, Program } from './net.ts';
import type { EffectOptions } from './run.ts';
import { Scope, warnOfFaults } from './scope.ts';
import { start } from './start.ts';
import { Turns } from './turns.ts';

/**
 * Runs a flow to its end, and gives its last value, if it had any. Interrupting unsubscribes.
 *
 * A failure of the flow is one of the effect; what is no failure is a defect. For the first value,
 * take it by `take(1)`.
 *
 * @example
 * ```ts
 * import { of } from 'rxjs-net/rx';
 * import { fromFlow, toPromise } from 'rxjs-net/effects';
 *
 * console.log(await toPromise(fromFlow(of(1, 2, 3)))); // => { _tag: 'Right', right: { _tag: 'Some', value: 3 } }
 * ```
 *
 * @category conversions
 * @since 0.1.0
 */
export function fromFlow<A, E>(flow: Flow<A, E>): Net<E, Option<A>> {
  return fromCallback((resolve, reject) => {
    let last: Option<A> = none;
    const subscription = flow.subscribe({
      next: (value) => {
        last = some(value);
      },
      error: (error: unknown) => settleError({ resolve, reject }, error),
      complete: () => resolve(right(last)),
    });
    return () => subscription.unsubscribe();
  });
}

/**
 * An effect as a flow of its one value. Each subscription runs it; unsubscribing interrupts it. Its
 * failure is that of the flow; a defect travels the error channel as what was thrown. What goes
 * wrong in closing after that is a warning of the process.
 *
 * @param options - as of `toPromise`. When its `signal` is aborted, the flow fails with `Interrupted`.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { runFlow } from 'rxjs-net';
 * import { as, sleep, toFlow } from 'rxjs-net/effects';
 *
 * const flow = pipe(sleep(1), as('awake'), toFlow());
 *
 * console.log(await runFlow(flow)); // => awake
 * ```
 *
 * @category conversions
 * @since 0.1.0
 */
export function toFlow<R = NetEnv>(options: EffectOptions<R>): <E, A>(net: ReaderTaskEither<R, E, A>) => Flow<A, E>;
export function toFlow(options?: NetEnvOptions): <E, A>(net: ReaderTaskEither<NetEnv, E, A>) => Flow<A, E>;
export function toFlow(options?: NetEnvOptions): <E, A>(net: ReaderTaskEither<NetEnv, E, A>) => Flow<A, E> {
  return <E, A>(net: ReaderTaskEither<NetEnv, E, A>) =>
    new Observable<A>((subscriber) => {
      const outer = netEnv(options);
      const scope = new Scope(outer.signal);
      subscriber.add(() => leave(scope));
      runIn(scope, net, outer).then(
        (either) => {
          if (isLeft(either)) {
            subscriber.error(either.left);
            return;
          }
          subscriber.next(either.right);
          subscriber.complete();
        },
        (error: unknown) => {
          if (subscriber.closed) warnOfFaults(error);
          else subscriber.error(error);
        },
      );
    });
}

/**
 * Runs an effect again and again, and emits what it gives until it gives `none`: of `read`,
 * `readFrame` and the like, everything that comes in. It runs it only while nobody holds the flow.
 * Unsubscribing interrupts the effect that is running, so no byte is lost.
 *
 * A failure ends the flow, and so does a defect, as what was thrown. What goes wrong in closing
 * after unsubscribing is a warning of the process.
 *
 * @param options - as of `toPromise`. When its `signal` is aborted, the flow fails with `Interrupted`.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { none, some } from 'fp-ts/lib/Option.js';
 * import { runFlow } from 'rxjs-net';
 * import { fromIO, stream } from 'rxjs-net/effects';
 *
 * let left = 3;
 * const countdown = fromIO(() => (left > 0 ? some(left--) : none));
 *
 * await runFlow(pipe(countdown, stream()), { next: (count) => console.log(count) });
 * // => 3
 * // => 2
 * // => 1
 * ```
 *
 * @category conversions
 * @since 0.1.0
 */
export function stream<R = NetEnv>(
  options: EffectOptions<R>,
): <E, A>(net: ReaderTaskEither<R, E, Option<A>>) => Flow<A, E>;
export function stream(options?: NetEnvOptions): <E, A>(net: ReaderTaskEither<NetEnv, E, Option<A>>) => Flow<A, E>;
export function stream(options?: NetEnvOptions): <E, A>(net: ReaderTaskEither<NetEnv, E, Option<A>>) => Flow<A, E> {
  return <E, A>(net: ReaderTaskEither<NetEnv, E, Option<A>>) =>
    new Observable<A>((subscriber) => {
      const outer = netEnv(options);
      const scope = new Scope(outer.signal);
      const env = scope.env(outer);
      const turns = new Turns(env.clock);
      const next = async (): Promise<IteratorResult<A, undefined>> => {
        try {
          const turn = turns.step();
          if (turn !== undefined) await turn;
          return await nextOf(scope, net, env);
        } catch (error) {
          if (subscriber.closed) warnOfFaults(error);
          throw error;
        }
      };
      // What comes after the end was told above.
      const source = new AsyncIterableSource<A>(subscriber, { next }, undefined, () => {});
      subscriber.add(source);
      subscriber.add(() => {
        turns.end();
        leave(scope);
      });
      source.pull();
    });
}

/** Runs an effect, and waits for all that it has started. */
async function runIn<R, E, A>(scope: Scope, net: ReaderTaskEither<R, E, A>, env: R): Promise<Either<E, A>> {
  try {
    return checkEither(await scope.run(net, scope.env(env)));
  } finally {
    await scope.end();
  }
}

/** Interrupts what still runs for a subscriber that has left. */
function leave(scope: Scope): void {
  scope.close();
  scope.abort('nobody is subscribed any more');
}

async function nextOf<E, A>(
  scope: Scope,
  net: ReaderTaskEither<NetEnv, E, Option<A>>,
  env: NetEnv,
): Promise<IteratorResult<A, undefined>> {
  const either = checkEither(await scope.run(net, env));
  if (isLeft(either)) throw either.left;
  return isNone(either.right) ? { done: true, value: undefined } : { done: false, value: either.right.value };
}

/**
 * Runs an effect again and again until it gives `none`, as a read does at the end of the stream.
 * Nothing is kept of the runs before: it may go on for ever, where a program that calls itself
 * would grow. When no run waits, the event loop has its turn every thousand runs or so.
 *
 * @example
 * ```ts
 * import { none, some } from 'fp-ts/lib/Option.js';
 * import { fromIO, repeatUntilNone, toPromise } from 'rxjs-net/effects';
 *
 * let runs = 0;
 * await toPromise(repeatUntilNone(fromIO(() => (++runs < 10_000 ? some(runs) : none))));
 *
 * console.log(runs); // => 10000
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export function repeatUntilNone<R, E>(net: ReaderTaskEither<R, E, Option<unknown>>): Program<void, E, R & NetEnv> {
  return (env) => async () => {
    const turns = new Turns(env.clock);
    try {
      for (;;) {
        const either = await start(net, env);
        if (isLeft(either)) return either;
        if (isNone(either.right)) return right(undefined);
        const turn = turns.step();
        if (turn !== undefined) await turn;
        throwIfOver(env);
      }
    } finally {
      turns.end();
    }
  };
}
