import type { NetFailure } from '../../core/failures/index.ts';
import {
  checkCount,
  checkDuration,
  checkFunction,
  checkOneOf,
  checkSignal,
  refuse,
  refuseUnknown,
} from '../../core/options/index.ts';
import type { Clock } from '../../core/clock.ts';
import { read } from '../internal/read-options.ts';
import { clockOf, type TimeSource } from '../internal/source-clock.ts';
import { checkChance, type ExponentialBackoff, jittered, readExponential } from './backoff.ts';
import type { ReconnectEvent } from './events.ts';
import { isWorthRetrying } from './worth-retrying.ts';

/** How `reconnecting` goes about it. */
export interface ReconnectOptions {
  /**
   * How long to wait before each further attempt: waits that grow, or a function from the number of the wait since the last
   * success, from 1, to ms (from 0).
   *
   * @defaultValue `{ initial: 100, factor: 2, max: 30_000 }`
   */
  readonly backoff?: ExponentialBackoff | ((wait: number) => number) | undefined;
  /**
   * How a wait is spread by chance, so that a thousand clients don't come back at once: `full`, anything from 0 to the wait; `equal`,
   * its second half; `none`, exactly the wait.
   *
   * @defaultValue `'full'`
   */
  readonly jitter?: 'full' | 'equal' | 'none' | undefined;
  /**
   * How long a connection has to be up before its attempt counts as a success, in ms; 0 for at once. A peer that accepts and drops
   * has failed.
   *
   * @defaultValue 10,000 ms
   */
  readonly stableAfter?: number | undefined;
  /**
   * How many attempts in a row, the first one included, may fail before the last failure comes through.
   *
   * @defaultValue no limit
   */
  readonly maxAttempts?: number | undefined;
  /**
   * Which failures of the network are worth another attempt. Defects and failures of your own never are.
   *
   * @defaultValue `isWorthRetrying`
   */
  readonly retryOn?: ((failure: NetFailure) => boolean) | undefined;
  /** Told of attempts, waits and endings as they come. What it throws is a defect, which ends the flow. */
  readonly onEvent?: ((event: ReconnectEvent) => void) | undefined;
  /** Ends the flow with `ConnectionAborted`, at any stage, and destroys what is open. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Where chance comes from: a number from 0 to 1 with each call.
   *
   * @defaultValue that of the transport that is dialled, else `Math.random`
   */
  readonly random?: (() => number) | undefined;
  /**
   * A `Clock` or an RxJS scheduler.
   *
   * @defaultValue the clock of the transport that is dialled, else RxJS's `asyncScheduler`
   */
  readonly clock?: TimeSource | undefined;
}

const NAMES = [
  'backoff',
  'jitter',
  'stableAfter',
  'maxAttempts',
  'retryOn',
  'onEvent',
  'signal',
  'random',
  'clock',
] as const;

/** The options, checked. */
export interface ReconnectPolicy {
  /** The length of the n-th wait in a row, in ms; may throw what a function of the caller's throws. */
  readonly delayOf: (wait: number, random: () => number) => number;
  readonly stableAfter: number;
  readonly maxAttempts: number;
  readonly retryOn: (failure: NetFailure) => boolean;
  readonly onEvent: ((event: ReconnectEvent) => void) | undefined;
  readonly signal: AbortSignal | undefined;
  readonly random: (() => number) | undefined;
  readonly clock: Clock | undefined;
}

/** @throws InvalidOptions */
export function readReconnectPolicy(options: ReconnectOptions): ReconnectPolicy {
  refuseUnknown(options, NAMES);
  const backoff = readBackoff(options.backoff === undefined ? {} : options.backoff);
  const jitter = read(options, 'jitter', checkJitter) ?? 'full';
  const { clock } = options;
  return {
    delayOf: (wait, random) => Math.round(spread(backoff(wait), jitter, random)),
    stableAfter: read(options, 'stableAfter', durationOrZero) ?? 10_000,
    maxAttempts: read(options, 'maxAttempts', countOrInfinity) ?? Number.POSITIVE_INFINITY,
    retryOn: read(options, 'retryOn', readRetryOn) ?? isWorthRetrying,
    onEvent: read(options, 'onEvent', checkFunction<(event: ReconnectEvent) => void>),
    signal: read(options, 'signal', checkSignal),
    random: read(options, 'random', checkFunction<() => number>),
    clock: clock === undefined ? undefined : clockOf(clock),
  };
}

const durationOrZero = (name: string, value: unknown): number => checkDuration(name, value, { zero: true });

const countOrInfinity = (name: string, value: unknown): number => checkCount(name, value, { infinity: true });

const checkJitter = (name: string, value: unknown): 'full' | 'equal' | 'none' =>
  checkOneOf(name, value, ['full', 'equal', 'none']);

function readRetryOn(name: string, value: unknown): (failure: NetFailure) => boolean {
  const retryOn = checkFunction<(failure: NetFailure) => unknown>(name, value);
  return (failure) => {
    const answer = retryOn(failure);
    return typeof answer === 'boolean' ? answer : refuse(name, answer, 'a function that returns true or false');
  };
}

function readBackoff(backoff: ExponentialBackoff | ((wait: number) => number)): (wait: number) => number {
  return typeof backoff === 'function'
    ? (wait) => durationOrZero('backoff', backoff(wait))
    : readExponential(backoff, 'backoff');
}

function spread(delay: number, jitter: 'full' | 'equal' | 'none', random: () => number): number {
  if (jitter === 'none') return delay;
  const chance = checkChance(random());
  return jitter === 'full' ? jittered(delay, chance) : delay / 2 + jittered(delay / 2, chance);
}
