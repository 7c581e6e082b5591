import type { Clock } from '../../core/clock.ts';
import type { LiveConnection } from './live-connection.ts';

/** What is known of a connection that nobody reads. */
interface Unclaimed {
  readonly since: number;
  readonly movement: number;
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
    for (const [connection, { movement }] of this.entries) {
      if (connection.movement === movement && !connection.hasUnsentBytes) silent++;
    }
    return silent;
  }

  add(connection: LiveConnection): void {
    this.enter(connection);
    this.cancelTimer ??= this.clock.after(this.limit, () => this.sweep());
  }

  private enter(connection: LiveConnection): void {
    this.entries.set(connection, { since: this.clock.now(), movement: connection.movement });
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
    for (const [connection, entry] of this.entries) {
      const left = entry.since + this.limit - now;
      if (left > 0) {
        this.sweepIn(Math.ceil(left));
        return;
      }
      this.entries.delete(connection);
      if (connection.movement !== entry.movement) this.enter(connection);
      else if (connection.hasUnsentBytes) this.look(connection);
      else this.letGo(connection);
    }
  }

  /** Bytes wait: some of them may have left within the outstanding write. */
  private look(connection: LiveConnection): void {
    this.enter(connection);
    const entry = this.entries.get(connection);
    connection.checkProgress(() => {
      if (this.entries.get(connection) !== entry || connection.movement !== entry?.movement) return;
      this.delete(connection);
      this.letGo(connection);
    });
  }
}
