import {
  checkBoolean,
  checkCount,
  checkDuration,
  checkOneOf,
  checkSize,
  readConnectOptions,
  readListenOptions,
  refuse,
} from '../../core/options/index.ts';
import type { Endpoint } from '../../core/endpoint.ts';
import { nodeTransport } from '../../core/node/index.ts';
import type { BindOptions, DialOptions, Transport } from '../../core/transport.ts';
import { limitsOf } from './limits-of-options.ts';
import { DEFAULT_HIGH_WATER_MARK, DEFAULT_MAX_QUEUED, type ConnectionSettings } from './settings.ts';

const CONNECTION_NAMES = [
  'allowHalfOpen',
  'highWaterMark',
  'maxQueued',
  'transport',
  'idleTimeout',
  'readTimeout',
  'writeTimeout',
  'deadline',
] as const;

const LISTEN_NAMES = [
  ...CONNECTION_NAMES,
  'maxConnections',
  'whenFull',
  'unclaimedTimeout',
  'maxUnclaimed',
  'pauseOnConnect',
  'firstByteTimeout',
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
}

type Given = Readonly<Record<string, unknown>>;

/** @throws InvalidOptions */
export function planConnect(options: object): ConnectPlan {
  const { endpoint, dial } = readConnectOptions(options, [...CONNECTION_NAMES, 'connectTimeout']);
  const given = options as Given;
  const transport = readTransport(given);
  return {
    transport,
    endpoint,
    dial,
    settings: readSettings(given, transport),
    connectTimeout: read(given, 'connectTimeout', checkDuration),
  };
}

/** @throws InvalidOptions */
export function planListen(options: object, moreNames: readonly string[] = []): ListenPlan {
  const { endpoint, bind } = readListenOptions(options, [...LISTEN_NAMES, ...moreNames]);
  const given = options as Given;
  const transport = readTransport(given);
  return {
    transport,
    endpoint,
    bind,
    settings: readSettings(given, transport),
    maxConnections: read(given, 'maxConnections', countOrInfinity) ?? Number.POSITIVE_INFINITY,
    whenFull: read(given, 'whenFull', dropOrWait) ?? 'drop',
    unclaimedTimeout: read(given, 'unclaimedTimeout', checkDuration) ?? 30_000,
    maxUnclaimed: read(given, 'maxUnclaimed', checkCount) ?? 1_024,
    guardsUnclaimed: read(given, 'pauseOnConnect', checkBoolean) !== true,
  };
}

/** The checked value of an option; `undefined` counts as absent. */
export function read<T>(given: Given, name: string, check: (name: string, value: unknown) => T): T | undefined {
  const value = given[name];
  return value === undefined ? undefined : check(name, value);
}

const countOrInfinity = (name: string, value: unknown): number => checkCount(name, value, { infinity: true });

const dropOrWait = (name: string, value: unknown): 'drop' | 'wait' => checkOneOf(name, value, ['drop', 'wait']);

function readTransport(given: Given): Transport {
  return read(given, 'transport', checkTransport) ?? nodeTransport;
}

function checkTransport(name: string, value: unknown): Transport {
  const candidate = value as Partial<Transport> | null;
  if (typeof candidate?.dial !== 'function' || typeof candidate.bind !== 'function' || candidate.clock === undefined)
    return refuse(name, value, 'a Transport, such as nodeTransport');
  return candidate as Transport;
}

function readSettings(given: Given, transport: Transport): ConnectionSettings {
  const highWaterMark = read(given, 'highWaterMark', checkSize) ?? DEFAULT_HIGH_WATER_MARK;
  const maxQueued = read(given, 'maxQueued', checkSize) ?? Math.max(DEFAULT_MAX_QUEUED, highWaterMark);
  if (maxQueued < highWaterMark) {
    refuse('maxQueued', maxQueued, `at least "highWaterMark", which is ${highWaterMark}`);
  }
  return {
    clock: transport.clock,
    allowHalfOpen: read(given, 'allowHalfOpen', checkBoolean) ?? false,
    highWaterMark,
    maxQueued,
    limit: limitsOf({
      idleTimeout: read(given, 'idleTimeout', checkDuration),
      readTimeout: read(given, 'readTimeout', checkDuration),
      writeTimeout: read(given, 'writeTimeout', checkDuration),
      firstByteTimeout: read(given, 'firstByteTimeout', checkDuration),
      deadline: read(given, 'deadline', checkDuration),
    }),
  };
}
