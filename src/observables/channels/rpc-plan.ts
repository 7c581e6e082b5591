import type { Clock } from '../../core/clock.ts';
import {
  checkCount,
  checkDuration,
  checkFunction,
  checkInteger,
  checkOneOf,
  refuse,
  refuseUnknown,
} from '../../core/options/index.ts';
import { clockOf, type TimeSource } from '../internal/source-clock.ts';
import { DEFAULT_BYTES, DEFAULT_MARK, type Limits } from '../pacing/limits.ts';
import { weigh } from '../pacing/weight.ts';
import type { AnswerPart } from './rpc-types.ts';

/** The options of an `rpc`, checked. */
export interface RpcPlan {
  readonly maxInFlight: number;
  readonly maxWaiting: number;
  readonly maxKept: number;
  readonly deadline: number | undefined;
  readonly failsWhenBehind: boolean;
  readonly part: ((message: unknown) => AnswerPart) | undefined;
  readonly unmatched: ((message: unknown) => void) | undefined;
  /** How many of these may wait. */
  readonly unmatchedLimits: Limits;
  readonly clock: Clock | undefined;
  readonly owedTimeout: number;
  /** Undefined without a limit, and when answers come in the order of the requests. */
  readonly lateAnswerTimeout: number | undefined;
  /** Undefined when answers come in the order of the requests. */
  readonly ids: IdPlan | undefined;
}

/** How requests and answers are matched by id. */
export interface IdPlan {
  readonly assign: (request: unknown, id: number) => unknown;
  readonly idOf: (message: unknown) => unknown;
  readonly cancel: ((id: number) => unknown) | undefined;
  readonly largest: number;
}

const BY_ORDER = [
  'maxInFlight',
  'maxWaiting',
  'maxKept',
  'deadline',
  'whenBehind',
  'part',
  'unmatched',
  'maxUnmatched',
  'clock',
  'owedTimeout',
] as const;

const BY_ID = ['assign', 'idOf', 'largestId', 'cancel', 'lateAnswerTimeout'] as const;

const DEFAULT_IN_FLIGHT = 1_024;
const DEFAULT_WAITING = 1_024;
const DEFAULT_KEPT = 1_024;
const DEFAULT_OWED_TIMEOUT = 30_000;
const DEFAULT_UNMATCHED = 1_024;
const LARGEST_ID = 2_147_483_647;

/** Throws `InvalidOptions`. */
export function readRpcPlan(options: object): RpcPlan {
  refuseUnknown(options, [...BY_ORDER, ...BY_ID]);
  const read = <T>(name: string, check: (name: string, value: unknown) => T): T | undefined => {
    const value: unknown = Reflect.get(options, name);
    return value === undefined ? undefined : check(name, value);
  };
  const byId = BY_ID.some((name) => read(name, (_name, value) => value) !== undefined);
  const largest = read('largestId', (name, value) => checkInteger(name, value, 1, LARGEST_ID)) ?? LARGEST_ID;
  const most = byId ? Math.min(DEFAULT_IN_FLIGHT, Math.ceil(largest / 2)) : DEFAULT_IN_FLIGHT;
  const maxInFlight = read('maxInFlight', checkCount) ?? most;
  if (byId && maxInFlight > largest) refuse('maxInFlight', maxInFlight, `at most "largestId", which is ${largest}`);
  return {
    maxInFlight,
    maxWaiting: read('maxWaiting', (name, value) => checkCount(name, value, { zero: true })) ?? DEFAULT_WAITING,
    maxKept: read('maxKept', checkCount) ?? DEFAULT_KEPT,
    deadline: read('deadline', checkDuration),
    failsWhenBehind: read('whenBehind', (name, value) => checkOneOf(name, value, ['hold', 'fail'])) === 'fail',
    part: read('part', checkFunction<(message: unknown) => AnswerPart>),
    unmatched: read('unmatched', checkFunction<(message: unknown) => void>),
    unmatchedLimits: unmatchedLimits(read('maxUnmatched', checkCount) ?? DEFAULT_UNMATCHED),
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `clockOf` looks at what it is
    clock: read('clock', (_name, value) => clockOf(value as TimeSource)),
    owedTimeout: read('owedTimeout', checkDuration) ?? DEFAULT_OWED_TIMEOUT,
    lateAnswerTimeout: read('lateAnswerTimeout', checkDuration),
    ids: byId ? readIdPlan(options, largest) : undefined,
  };
}

const unmatchedLimits = (items: number): Limits => ({
  operator: 'rpc',
  concurrency: 1,
  highWaterMark: Math.min(DEFAULT_MARK, items),
  items,
  bytes: DEFAULT_BYTES,
  sizeOf: weigh,
  names: { items: 'maxUnmatched', bytes: 'maxUnmatched' },
});

function readIdPlan(options: object, largest: number): IdPlan {
  const cancel: unknown = Reflect.get(options, 'cancel');
  return {
    assign: checkFunction('assign', Reflect.get(options, 'assign')),
    idOf: checkFunction('idOf', Reflect.get(options, 'idOf')),
    cancel: cancel === undefined ? undefined : checkFunction('cancel', cancel),
    largest,
  };
}
