import { randomOf } from '../core/chance.ts';
import { type Clock, nodeTransport, type Transport } from '../core/index.ts';
import { checkFunction, checkSignal, isSignal, refuse } from '../core/options/index.ts';

/**
 * What an effect is given when it runs: where connections come from, what time it is, and whether
 * it is still wanted.
 *
 * A program that has dependencies of its own adds them: `ReaderTaskEither<NetEnv & { readonly db:
 * Db }, E, A>`.
 *
 * @category model
 * @since 0.1.0
 */
export interface NetEnv {
  /** Makes connections. Default: `nodeTransport`. */
  readonly transport: Transport;
  /** Drives `sleep`, `timeout` and waits before another attempt. Default: the transport's. */
  readonly clock: Clock;
  /** Aborted when the effect is interrupted. Default: one that never is. */
  readonly signal: AbortSignal;
  /** At least 0 and less than 1, for jitter. Default: the transport's. */
  readonly random: () => number;
}

/**
 * What may be left out of an environment, or be undefined, since it has a default.
 *
 * @category model
 * @since 0.1.0
 */
export type NetEnvOptions = { readonly [K in keyof NetEnv]?: NetEnv[K] | undefined };

/** The signal of what can't be interrupted. Nobody has its controller. */
const never: AbortSignal = new AbortController().signal;

/**
 * The environment of an effect, with the defaults for what is left out.
 *
 * `toPromise` and the like call it; call it to run an effect by fp-ts's own means:
 * `net(netEnv())()`.
 *
 * @throws InvalidOptions when something is given that is no transport, clock, signal or function.
 *
 * @example
 * ```ts
 * import { netEnv, of } from 'rxjs-net/effects';
 *
 * const env = netEnv({ random: () => 0.5 });
 *
 * console.log(env.random(), env.signal.aborted); // => 0.5 false
 * console.log(await of(1)(env)()); // => { _tag: 'Right', right: 1 }
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export function netEnv<const R extends object>(options: R & NetEnvOptions): Omit<R, keyof NetEnv> & NetEnv;
export function netEnv(options?: NetEnvOptions): NetEnv;
export function netEnv(options: NetEnvOptions = {}): NetEnv {
  const given: unknown = options;
  if (typeof given !== 'object' || given === null) return refuse('options', given, 'an object');
  const { transport = nodeTransport, signal = never } = options;
  if (!has(transport, 'dial') || !has(transport, 'bind')) refuse('transport', transport, 'a Transport');
  const { clock = transport.clock, random = randomOf(transport) } = options;
  if (!has(clock, 'now') || !has(clock, 'after')) refuse('clock', clock, 'a Clock');
  checkSignal('signal', signal);
  checkFunction('random', random);
  return withOwn(options, { transport, clock, signal, random });
}

/**
 * The signal of an environment, or one that is never aborted: a program of fp-ts may be run with an
 * environment of its own that has none.
 */
export function signalOf(env: unknown): AbortSignal {
  const signal: unknown = isObject(env) ? Reflect.get(env, 'signal') : undefined;
  return isSignal(signal) ? signal : never;
}

/** Whether an effect of that signal can be interrupted at all. */
export function isAbortable(signal: AbortSignal): boolean {
  return signal !== never;
}

/** The same environment with another signal. What is no object can't have one. */
export function withSignal<R>(env: R, signal: AbortSignal): R {
  return typeof env === 'object' && env !== null ? withOwn(env, { signal }) : env;
}

/** The same environment for work that must finish. */
export function uninterrupted<R>(env: R): R {
  return signalOf(env) === never ? env : withSignal(env, never);
}

function has(value: unknown, method: string): boolean {
  return isObject(value) && typeof Reflect.get(value, method) === 'function';
}

function isObject(value: unknown): value is object {
  return typeof value === 'function' || (typeof value === 'object' && value !== null);
}

/**
 * A copy with some properties of its own. The user's part may be an object with a prototype, which
 * it keeps.
 */
function withOwn<R extends object, P extends object>(env: R, properties: P): R & P;
function withOwn(env: object, properties: object): object {
  const prototype: unknown = Object.getPrototypeOf(env);
  if (prototype === Object.prototype) return { ...env, ...properties };
  // All at once: what is frozen can't be defined a second time.
  const copy: object = Object.create(typeof prototype === 'object' ? prototype : null, {
    ...Object.getOwnPropertyDescriptors(env),
    ...Object.getOwnPropertyDescriptors(properties),
  });
  return copy;
}
