import type { Clock } from '../../core/clock.ts';
import { checkCount, checkDuration, checkFunction, refuse, refuseUnknown } from '../../core/options/index.ts';
import type { Connection } from '../connection.ts';
import { read } from '../internal/read-options.ts';
import type { ObservableOrList } from '../one-chunk.ts';
import { clockOf, type TimeSource } from '../internal/source-clock.ts';

/**
 * Asks whether a connection still works: it does when what this returns completes, and does not
 * when that fails.
 */
export type HealthCheck = (connection: Connection) => ObservableOrList;

/** Options of `pool`. */
export interface PoolOptions {
  /**
   * How many connections there may be, those that are being dialled or closed included.
   *
   * @defaultValue 10
   */
  readonly size?: number | undefined;
  /**
   * How long a connection that nobody uses is kept, in ms.
   *
   * @defaultValue 30,000 ms
   */
  readonly idle?: number | undefined;
  /**
   * How many callers may wait for a connection that others use; one more fails with
   * `PoolExhausted`. 0 lets nobody wait.
   *
   * @defaultValue 1,024
   */
  readonly maxWaiting?: number | undefined;
  /**
   * How long a caller waits, the dial included, before it fails with `PoolExhausted`, in ms. The
   * dial that was begun for it is ended then.
   *
   * @defaultValue 30,000 ms
   */
  readonly acquireTimeout?: number | undefined;
  /**
   * How old a connection may become, in ms; it is closed when it is not in use.
   *
   * @defaultValue no limit
   */
  readonly maxLifetime?: number | undefined;
  /**
   * By which part of `maxLifetime` a lifetime may be shorter, by chance, so that connections of one
   * age don't end at one moment; from 0 to 1.
   *
   * @defaultValue 0.1
   */
  readonly lifetimeVariance?: number | undefined;
  /**
   * Asks whether a connection still works. What it throws, or fails with that isn't a failure, is a
   * defect. Default: nothing is asked.
   */
  readonly check?: HealthCheck | undefined;
  /**
   * How long a connection must have been unused for it to be checked before it is lent, in ms; 0
   * for each time, `Infinity` for never.
   *
   * @defaultValue 1,000 ms
   */
  readonly checkAfter?: number | undefined;
  /**
   * Checks unused connections again and again, so many ms after the last time. Default: only before
   * they are lent.
   */
  readonly checkEvery?: number | undefined;
  /**
   * How long a check may take, in ms; a connection that takes longer doesn't work.
   *
   * @defaultValue 2,000 ms
   */
  readonly checkTimeout?: number | undefined;
  /**
   * Where chance comes from, for `lifetimeVariance`: a number from 0 to 1 with each call.
   *
   * @defaultValue that of the transport that is dialled, else `Math.random`
   */
  readonly random?: (() => number) | undefined;
  /**
   * A `Clock` or an RxJS scheduler.
   *
   * @defaultValue the clock of the transport that is dialled, else the system's
   */
  readonly clock?: TimeSource | undefined;
}

const NAMES = [
  'size',
  'idle',
  'maxWaiting',
  'acquireTimeout',
  'maxLifetime',
  'lifetimeVariance',
  'check',
  'checkAfter',
  'checkEvery',
  'checkTimeout',
  'random',
  'clock',
] as const;

/** Most dials and checks take less; see `PoolPlan.patience`. */
const LONGEST_PATIENCE = 1_000;

/** The options, checked. */
export interface PoolPlan {
  readonly size: number;
  readonly idle: number;
  readonly maxWaiting: number;
  readonly acquireTimeout: number;
  /** How long a dial whose caller has gone, or a check, counts as about to be free, in ms. */
  readonly patience: number;
  /** How old the next connection may become, in ms. */
  readonly lifetime: (random: () => number) => number;
  readonly check: HealthCheck | undefined;
  readonly checkAfter: number;
  readonly checkEvery: number;
  readonly checkTimeout: number;
  readonly random: (() => number) | undefined;
  /** Undefined for that of the connections. */
  readonly clock: Clock | undefined;
}

/** @throws InvalidOptions */
export function planPool(options: PoolOptions): PoolPlan {
  refuseUnknown(options, NAMES);
  const maxLifetime = read(options, 'maxLifetime', checkDuration) ?? Number.POSITIVE_INFINITY;
  const variance = read(options, 'lifetimeVariance', checkFraction) ?? 0.1;
  const check = read(options, 'check', checkFunction<HealthCheck>);
  if (check === undefined) {
    for (const name of ['checkAfter', 'checkEvery', 'checkTimeout'] as const) {
      if (options[name] !== undefined) refuse(name, options[name], 'left out without "check"');
    }
  }
  const { clock } = options;
  const acquireTimeout = read(options, 'acquireTimeout', checkDuration) ?? 30_000;
  return {
    size: read(options, 'size', checkCount) ?? 10,
    idle: read(options, 'idle', checkDuration) ?? 30_000,
    maxWaiting: read(options, 'maxWaiting', countOrZero) ?? 1_024,
    acquireTimeout,
    patience: Math.min(LONGEST_PATIENCE, acquireTimeout / 2),
    lifetime: (random) => maxLifetime * (1 - variance * chanceOf(random)),
    check,
    checkAfter: read(options, 'checkAfter', anyDuration) ?? 1_000,
    checkEvery: read(options, 'checkEvery', checkDuration) ?? Number.POSITIVE_INFINITY,
    checkTimeout: read(options, 'checkTimeout', checkDuration) ?? 2_000,
    random: read(options, 'random', checkFunction<() => number>),
    clock: clock === undefined ? undefined : clockOf(clock),
  };
}

const countOrZero = (name: string, value: unknown): number => checkCount(name, value, { zero: true });

const anyDuration = (name: string, value: unknown): number =>
  checkDuration(name, value, { zero: true, infinity: true });

function checkFraction(name: string, value: unknown): number {
  return isFraction(value) ? value : refuse(name, value, 'a number from 0 to 1');
}

function chanceOf(random: () => number): number {
  const chance: unknown = random();
  return isFraction(chance) ? chance : refuse('random', chance, 'a function that returns a number from 0 to 1');
}

const isFraction = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value <= 1;
