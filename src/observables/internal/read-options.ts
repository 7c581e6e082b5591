import {
  checkBoolean,
  checkCount,
  checkDuration,
  checkOneOf,
  checkSize,
  readConnectOptions,
  readListenOptions,
  refuse,
  refuseUnknown,
} from '../../core/options/index.ts';
import { randomOf, systemRandom } from '../../core/chance.ts';
import type { Clock } from '../../core/clock.ts';
import type { Endpoint } from '../../core/endpoint.ts';
import { nodeTransport } from '../../core/node/index.ts';
import type { BindOptions, DialOptions, Transport } from '../../core/transport.ts';
import { Budget } from '../byte-budget.ts';
import { ConnectionThrottle, planThrottle, type ThrottlePlan } from '../throttle-connections.ts';
import { limitsOf } from './limits-of-options.ts';
import {
  DEFAULT_CLOSE_TIMEOUT,
  DEFAULT_HIGH_WATER_MARK,
  DEFAULT_MAX_QUEUED,
  DEFAULT_STALL_WARNING,
  type ConnectionSettings,
} from './settings.ts';
import type { Tuning } from './switches.ts';

const CONNECTION_NAMES = [
  'allowHalfOpen',
  'highWaterMark',
  'maxQueued',
  'transport',
  'idleTimeout',
  'readTimeout',
  'writeTimeout',
  'firstByteTimeout',
  'stallTimeout',
  'stallWarning',
  'deadline',
  'closeTimeout',
  'budget',
] as const;

const LISTEN_NAMES = [
  ...CONNECTION_NAMES,
  'maxConnections',
  'whenFull',
  'unclaimedTimeout',
  'maxUnclaimed',
  'pauseOnConnect',
  'throttle',
] as const;

/** What `connect` goes by. */
export interface ConnectPlan {
  readonly transport: Transport;
  readonly endpoint: Endpoint;
  readonly dial: DialOptions;
  readonly settings: ConnectionSettings;
  readonly connectTimeout: number | undefined;
}

/** What a server goes by. */
export interface ListenPlan {
  readonly transport: Transport;
  readonly endpoint: Endpoint;
  readonly bind: BindOptions;
  readonly settings: ConnectionSettings;
  readonly maxConnections: number;
  readonly whenFull: 'drop' | 'wait';
  readonly unclaimedTimeout: number;
  readonly maxUnclaimed: number;
  readonly guardsUnclaimed: boolean;
  readonly throttle: ThrottlePlan | undefined;
}

/** @throws InvalidOptions */
export function planConnect(options: object, moreNames: readonly string[] = []): ConnectPlan {
  const { endpoint, dial } = readConnectOptions(options, [...CONNECTION_NAMES, 'connectTimeout', ...moreNames]);
  const transport = readTransport(options);
  return {
    transport,
    endpoint,
    dial,
    settings: readSettings(options, transport.clock, randomOf(transport), dial),
    connectTimeout: read(options, 'connectTimeout', checkDuration),
  };
}

/** @throws InvalidOptions */
export function planListen(options: object, moreNames: readonly string[] = []): ListenPlan {
  const { endpoint, bind } = readListenOptions(options, [...LISTEN_NAMES, ...moreNames]);
  const transport = readTransport(options);
  return {
    transport,
    endpoint,
    bind,
    settings: readSettings(options, transport.clock, randomOf(transport), bind),
    maxConnections: read(options, 'maxConnections', countOrInfinity) ?? Number.POSITIVE_INFINITY,
    whenFull: read(options, 'whenFull', dropOrWait) ?? 'drop',
    unclaimedTimeout: read(options, 'unclaimedTimeout', checkDuration) ?? 30_000,
    maxUnclaimed: read(options, 'maxUnclaimed', checkCount) ?? 1_024,
    guardsUnclaimed: read(options, 'pauseOnConnect', checkBoolean) !== true,
    throttle: read(options, 'throttle', checkThrottle),
  };
}

/**
 * The settings of a connection that stands already.
 *
 * @throws InvalidOptions
 */
export function planConnection(options: object, moreNames: readonly string[], clock: Clock): ConnectionSettings {
  refuseUnknown(options, [...CONNECTION_NAMES.filter((name) => name !== 'transport'), ...moreNames]);
  return readSettings(options, clock, systemRandom, {});
}

/** How long a drain waits when it isn't told, in ms. */
export const DEFAULT_DRAIN_TIMEOUT = 10_000;

/**
 * The option of what closes a server or a pool.
 *
 * @throws InvalidOptions
 */
export function readDrainTimeout(options: object): number {
  refuseUnknown(options, ['drainTimeout']);
  return read(options, 'drainTimeout', checkDuration) ?? DEFAULT_DRAIN_TIMEOUT;
}

/** The checked value of an option; `undefined` counts as absent. */
export function read<T>(options: object, name: string, check: (name: string, value: unknown) => T): T | undefined {
  const value: unknown = Reflect.get(options, name);
  return value === undefined ? undefined : check(name, value);
}

const countOrInfinity = (name: string, value: unknown): number => checkCount(name, value, { infinity: true });

const durationOrZero = (name: string, value: unknown): number => checkDuration(name, value, { zero: true });

const dropOrWait = (name: string, value: unknown): 'drop' | 'wait' => checkOneOf(name, value, ['drop', 'wait']);

const checkThrottle = (name: string, value: unknown): ThrottlePlan =>
  value instanceof ConnectionThrottle ? planThrottle(value) : refuse(name, value, 'what throttleConnections() returns');

function checkBudget(name: string, value: unknown): Budget {
  if (!(value instanceof Budget)) return refuse(name, value, 'what byteBudget() returns');
  checkSize('byteBudget', value.limit);
  return value;
}

function readTransport(options: object): Transport {
  return read(options, 'transport', checkTransport) ?? nodeTransport;
}

/** @throws InvalidOptions */
export function checkTransport(name: string, value: unknown): Transport {
  return isTransport(value) ? value : refuse(name, value, 'a Transport, such as nodeTransport');
}

export function isTransport(value: unknown): value is Transport {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof Reflect.get(value, 'dial') === 'function' &&
    typeof Reflect.get(value, 'bind') === 'function' &&
    typeof Reflect.get(value, 'clock') === 'object' &&
    ['undefined', 'function'].includes(typeof Reflect.get(value, 'random'))
  );
}

function readSettings(options: object, clock: Clock, random: () => number, tuning: Tuning): ConnectionSettings {
  const highWaterMark = read(options, 'highWaterMark', checkSize) ?? DEFAULT_HIGH_WATER_MARK;
  const maxQueued = read(options, 'maxQueued', checkSize) ?? Math.max(DEFAULT_MAX_QUEUED, highWaterMark);
  if (maxQueued < highWaterMark) {
    refuse('maxQueued', maxQueued, `at least "highWaterMark", which is ${highWaterMark}`);
  }
  return {
    clock,
    random,
    tuning,
    allowHalfOpen: read(options, 'allowHalfOpen', checkBoolean) ?? false,
    highWaterMark,
    maxQueued,
    budget: read(options, 'budget', checkBudget),
    closeTimeout: read(options, 'closeTimeout', durationOrZero) ?? DEFAULT_CLOSE_TIMEOUT,
    stallWarning: read(options, 'stallWarning', durationOrZero) ?? DEFAULT_STALL_WARNING,
    limit: limitsOf({
      idleTimeout: read(options, 'idleTimeout', checkDuration),
      readTimeout: read(options, 'readTimeout', checkDuration),
      writeTimeout: read(options, 'writeTimeout', checkDuration),
      firstByteTimeout: read(options, 'firstByteTimeout', checkDuration),
      stallTimeout: read(options, 'stallTimeout', checkDuration),
      deadline: read(options, 'deadline', checkDuration),
    }),
  };
}
