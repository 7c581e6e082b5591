import type { Clock } from '../core/clock.ts';
import {
  checkCount,
  checkDuration,
  checkFunction,
  checkInteger,
  checkSize,
  refuse,
  refuseUnknown,
} from '../core/options/index.ts';
import { seedOfEnvironment } from './repeat.ts';
import { VirtualClock } from './virtual-clock.ts';

/** Options of `simulateNetwork`. */
export interface SimulateNetworkOptions<C extends Clock = VirtualClock> {
  /**
   * What chance goes by: the same seed gives the same run. The environment variable `RXJS_NET_SEED` has precedence, so that a run can be
   * repeated without a change of the program. Default: 1.
   */
  readonly seed?: number | undefined;
  /** How long a segment takes from host to host, in ms of virtual time, one way. Default: 1. */
  readonly latency?: number | undefined;
  /** Up to that much longer, by chance, in ms. Segments of one connection keep their order. Default: 0. */
  readonly jitter?: number | undefined;
  /** Bytes a second that each direction of a connection can carry. Default: no limit. */
  readonly bandwidth?: number | undefined;
  /** How many bytes a segment has at most; with `{ least, most }` a number between them by chance. Default: 65,536. */
  readonly chunking?: number | { readonly least: number; readonly most: number } | undefined;
  /** Bytes that each end buffers on the way in, and again on the way out, before a writer has to wait. Default: 65,536. */
  readonly window?: number | undefined;
  /**
   * The most connections whose handshake may be under way at a server, whatever its own `backlog` says, as Linux's `net.core.somaxconn`:
   * beyond it a SYN is dropped, and sent again. Default: 4,096. A host may have one of its own.
   */
  readonly backlog?: number | undefined;
  /**
   * Where its time comes from. Networks that are given one `VirtualClock` share its time. With any other clock time passes by itself, as
   * with `systemClock`, or whoever has the clock moves it, and what the seed promises is left to that clock. Default: a new `VirtualClock`.
   */
  readonly clock?: C | undefined;
  /** How many entries of the trace are kept, the newest. Default: 10,000. */
  readonly traceLimit?: number | undefined;
  /** After how many events `run` and `settle` take a scenario to go on for ever. Default: 10,000,000. */
  readonly maxEvents?: number | undefined;
  /** Is told when a `run` fails: the seed, and the command that repeats it. Default: prints it on standard error. */
  readonly report?: ((note: string) => void) | undefined;
}

/** What a simulated network goes by, checked. */
export interface NetworkSettings {
  readonly seed: number;
  /** In ms, one way. */
  readonly latency: number;
  /** In ms: up to that much more, by chance. */
  readonly jitter: number;
  /** Bytes a second of each direction of a connection; undefined for no limit. */
  readonly bandwidth: number | undefined;
  /** How many bytes a segment may have. */
  readonly chunking: { readonly least: number; readonly most: number };
  /** Bytes that each end buffers on the way in, and again on the way out. */
  readonly window: number;
  /** The most that a listener's backlog can be. */
  readonly backlog: number;
  readonly traceLimit: number;
  readonly maxEvents: number;
  readonly report: (note: string) => void;
}

/** The names of the options. */
export const SETTING_NAMES: readonly string[] = [
  'seed',
  'latency',
  'jitter',
  'bandwidth',
  'chunking',
  'window',
  'backlog',
  'clock',
  'traceLimit',
  'maxEvents',
  'report',
];

/** Reads the options of `simulateNetwork`, with their defaults. */
export function readSettings(options: SimulateNetworkOptions<Clock>): NetworkSettings {
  refuseUnknown(options, SETTING_NAMES);
  const { seed = 1, latency = 1, jitter = 0, bandwidth, chunking = 65_536, window = 65_536 } = options;
  const { backlog = 4_096, traceLimit = 10_000, maxEvents = 10_000_000, report = print } = options;
  const given = checkInteger('seed', seed, 0, Number.MAX_SAFE_INTEGER);
  return {
    seed: seedOfEnvironment() ?? given,
    latency: checkDuration('latency', latency, { zero: true }),
    jitter: checkDuration('jitter', jitter, { zero: true }),
    bandwidth: bandwidth === undefined ? undefined : checkSize('bandwidth', bandwidth),
    chunking: readChunking(chunking),
    window: checkSize('window', window),
    backlog: checkCount('backlog', backlog),
    traceLimit: checkCount('traceLimit', traceLimit, { zero: true }),
    maxEvents: checkCount('maxEvents', maxEvents),
    report: checkFunction('report', report),
  };
}

function print(note: string): void {
  process.stderr.write(`${note}\n`);
}

function readChunking(chunking: unknown): NetworkSettings['chunking'] {
  if (typeof chunking !== 'object' || chunking === null) {
    const size = checkSize('chunking', chunking);
    return { least: size, most: size };
  }
  refuseUnknown(chunking, ['least', 'most']);
  const least = checkSize('chunking.least', Reflect.get(chunking, 'least'));
  const most = checkSize('chunking.most', Reflect.get(chunking, 'most'));
  if (most < least) refuse('chunking.most', most, `at least "chunking.least", which is ${least}`);
  return { least, most };
}

/** The clock that is given, or one of its own. */
export function readClock(clock?: Clock): Clock {
  return clock === undefined ? new VirtualClock() : checkClock(clock);
}

export function checkClock(clock: Clock): Clock {
  if (hasFunction(clock, 'now') && hasFunction(clock, 'after')) return clock;
  return refuse(
    'clock',
    clock,
    'a VirtualClock or another Clock; a scheduler of RxJS gives promises no turn, so let operators take network.scheduler',
  );
}

function hasFunction(source: unknown, name: string): boolean {
  return typeof source === 'object' && source !== null && typeof Reflect.get(source, name) === 'function';
}
