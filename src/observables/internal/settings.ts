import type { Clock } from '../../core/clock.ts';
import type { Budget } from '../byte-budget.ts';
import type { LiveConnection } from './live-connection.ts';
import type { Tuning } from './switches.ts';

/** What the connections of one `connect` or one server have in common; one object for all of them. */
export interface ConnectionSettings {
  readonly clock: Clock;
  /** Chance, where the caller gave no other. */
  readonly random: () => number;
  /** How their sockets are switched at first. */
  readonly tuning: Tuning;
  readonly allowHalfOpen: boolean;
  readonly highWaterMark: number;
  readonly maxQueued: number;
  /** Shared with other connections. */
  readonly budget: Budget | undefined;
  /** How long a connection that closes may show no sign of life, in ms. */
  readonly closeTimeout: number;
  /**
   * How long a reader is paused by work that does not move before the process warns, in ms; 0 for
   * no warning.
   */
  readonly stallWarning: number;
  /** Attaches the time limits that were given as options; undefined when there are none. */
  readonly limit: ((connection: LiveConnection) => void) | undefined;
}

/** How long a reader is paused by work that does not move before the process warns, in ms. */
export const DEFAULT_STALL_WARNING = 5_000;

/** Waiting bytes above which a source is held: 64 KiB. */
export const DEFAULT_HIGH_WATER_MARK = 65_536;

/** Waiting bytes above which a further write fails the connection: 1 MiB. */
export const DEFAULT_MAX_QUEUED = 1_048_576;

/** How long a connection that closes may show no sign of life, in ms: 30 s. */
export const DEFAULT_CLOSE_TIMEOUT = 30_000;

/**
 * Unread bytes that are kept on a connection that has ended on this side and that nobody reads: 64
 * KiB.
 */
export const MAX_KEPT = 65_536;
