import type { Clock } from '../../core/clock.ts';
import type { LiveConnection } from './live-connection.ts';

/** What is known of a connection that nobody reads. */
interface Unclaimed {
  readonly since: number;
  readonly bytesWritten: number;
}

/**
 * The connections of a server that nobody reads, in the order in which that began. A reset is invisible on them,
 * so they are bounded in number and, where nothing is written to them either, in time. One timer serves all.
 */
export class UnclaimedConnections {
  private readonly entries = new Map<LiveConnection, Unclaimed>();
  private readonly clock: Clock;
  private readonly limit: number;
  private readonly letGo: (connection: LiveConnection) => void;
  private cancelTimer: (() => void) | undefined = undefined;

  constructor(clock: Clock, limit: number, letGo: (connection: LiveConnection) => void) {
    this.clock = clock;
    this.limit = limit;
    this.letGo = letGo;
  }

  get size(): number {
    return this.entries.size;
  }

  /** How many of them are not written to either. */
  countSilent(): number {
    let silent = 0;
    for (const [connection, { bytesWritten }] of this.entries) {
      if (connection.bytesWritten === bytesWritten && !connection.hasUnsentBytes) silent++;
    }
    return silent;
  }

  add(connection: LiveConnection): void {
    this.entries.set(connection, {
      since: this.clock.now(),
      bytesWritten: connection.bytesWritten,
    });
    this.cancelTimer ??= this.clock.after(this.limit, () => this.sweep());
  }

  delete(connection: LiveConnection): void {
    if (!this.entries.delete(connection) || this.entries.size > 0) return;
    this.clear();
  }

  clear(): void {
    this.entries.clear();
    this.cancelTimer?.();
    this.cancelTimer = undefined;
  }

  /** One timer serves all: whoever was told that one is let go may have begun another. */
  private sweepIn(delay: number): void {
    this.cancelTimer?.();
    this.cancelTimer = this.clock.after(delay, () => this.sweep());
  }

  /** Those that go on are put behind the others, and the first that isn't due ends the round. */
  private sweep(): void {
    this.cancelTimer = undefined;
    const now = this.clock.now();
    for (const [connection, { since, bytesWritten }] of this.entries) {
      const left = since + this.limit - now;
      if (left > 0) {
        this.sweepIn(Math.ceil(left));
        return;
      }
      this.entries.delete(connection);
      if (connection.bytesWritten > bytesWritten)
        this.entries.set(connection, { since: now, bytesWritten: connection.bytesWritten });
      else this.letGo(connection);
    }
  }
}
