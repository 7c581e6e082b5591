import { checkDuration, checkSize, refuse } from '../core/options/index.ts';
import type { Random } from './random.ts';

/** From where to where a segment travels. */
export interface Route {
  /** The hosts' names. */
  readonly from: string;
  readonly to: string;
  /** The ports at either end. */
  readonly fromPort: number;
  readonly toPort: number;
}

/** A segment that is about to travel. */
export interface Passage extends Route {
  /** Stands for one direction of one connection. */
  readonly direction: object;
  /** `SYN`, `SYN-ACK`, `ACK`, `DATA`, `WINDOW`, `FIN`, `RST` or `KEEP-ALIVE`. */
  readonly kind: string;
  /** Bytes of data; 0 for all but `DATA`. */
  readonly size: number;
  readonly random: Random;
}

/** What becomes of it; what is left out is as usual. */
export interface Verdict {
  /** It doesn't arrive, and is sent again later, as TCP does. */
  readonly lost?: boolean;
  /** It waits until the fault is taken back. */
  readonly held?: boolean;
  /** The connection is reset, at both ends. */
  readonly reset?: boolean;
  /** One of its bytes is changed. */
  readonly corrupted?: boolean;
  /** It takes so much longer, in ms. */
  readonly delay?: number;
  /** The line carries so much. */
  readonly bytesPerSecond?: number;
}

/** Something that goes wrong between two hosts: install it with `network.fault`. */
export interface Fault {
  /** What the trace calls it, in one line. Default: `fault`. */
  readonly name?: string;
  /** What becomes of a segment; undefined lets it pass to the next fault. What is no verdict is `InvalidOptions`, and fails the run. */
  judge(passage: Passage): Verdict | undefined;
  /** The most bytes that the next segment of this direction may have; `Infinity` if no later fault has a say in it. */
  mostBytes?(direction: object, random: Random): number | undefined;
}

/** Lets everything pass, whatever the faults that were installed after it would do. */
export function pass(): Fault {
  return { name: 'pass()', judge: () => ({}), mostBytes: () => Number.POSITIVE_INFINITY };
}

/** Everything takes `ms` longer. */
export function delay(ms: number): Fault {
  checkDuration('ms', ms, { zero: true });
  return { name: `delay(${ms})`, judge: () => ({ delay: ms }) };
}

/** Segments are lost, all or by chance (from 0 to 1), and sent again: 200 ms later, then twice that, and so on. */
export function drop(chance = 1): Fault {
  checkChance(chance);
  return {
    name: `drop(${chance})`,
    judge: ({ random }) => (chance === 1 || random.fraction() < chance ? { lost: true } : undefined),
  };
}

/** Nothing arrives until the fault is taken back; nothing is lost, and nobody gives up. */
export function stall(): Fault {
  return { name: 'stall()', judge: ({ kind }) => (kind === 'RST' ? undefined : { held: true }) };
}

/**
 * A close takes its time: a FIN comes `ms` later than usual, or, without `ms`, once the fault is taken back. What was sent before it,
 * and what goes the other way, passes; a reset doesn't wait for it.
 */
export function slowClose(ms?: number): Fault {
  if (ms === undefined)
    return { name: 'slowClose()', judge: ({ kind }) => (kind === 'FIN' ? { held: true } : undefined) };
  checkDuration('ms', ms, { zero: true });
  return { name: `slowClose(${ms})`, judge: ({ kind }) => (kind === 'FIN' ? { delay: ms } : undefined) };
}

/** Whatever is sent resets the connection. */
export function reset(): Fault {
  return {
    name: 'reset()',
    judge: ({ kind }) => (kind === 'DATA' || kind === 'FIN' ? { reset: true } : undefined),
  };
}

/** Each direction carries `bytes` bytes, and is then reset. */
export function cutAfter(bytes: number): Fault {
  checkSize('bytes', bytes, { zero: true });
  const carried = new WeakMap<object, number>();
  return {
    name: `cutAfter(${bytes})`,
    judge: ({ direction, kind, size }) => {
      if (kind !== 'DATA' && kind !== 'FIN') return undefined;
      const before = carried.get(direction) ?? 0;
      if (before >= bytes) return { reset: true };
      carried.set(direction, before + size);
      return undefined;
    },
    mostBytes: (direction) => Math.max(1, bytes - (carried.get(direction) ?? 0)),
  };
}

/** Segments have `most` bytes at most; with `least`, a number between them by chance. */
export function slice(most: number, least = most): Fault {
  checkSize('most', most);
  checkSize('least', least);
  if (least > most) refuse('least', least, `at most "most", which is ${most}`);
  return {
    name: `slice(${most === least ? most : `${most}, ${least}`})`,
    judge: () => undefined,
    mostBytes: (_direction, random) => random.integer(least, most),
  };
}

/** Each direction of a connection carries so many bytes a second. */
export function limitRate(bytesPerSecond: number): Fault {
  checkSize('bytesPerSecond', bytesPerSecond);
  return { name: `limitRate(${bytesPerSecond})`, judge: () => ({ bytesPerSecond }) };
}

/** One byte of a segment is changed, by chance (from 0 to 1): for protocols with checksums. */
export function corrupt(chance = 1): Fault {
  checkChance(chance);
  return {
    name: `corrupt(${chance})`,
    judge: ({ kind, random }) => (kind === 'DATA' && random.fraction() < chance ? { corrupted: true } : undefined),
  };
}

function checkChance(chance: unknown): void {
  if (typeof chance !== 'number' || !(chance >= 0 && chance <= 1)) refuse('chance', chance, 'a number from 0 to 1');
}
