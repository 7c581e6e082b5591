import { formatAddress } from '../../core/endpoint.ts';
import { stallOf } from '../../core/stall.ts';
import type { LiveConnection } from './live-connection.ts';
import type { Reading } from './reading.ts';

/** How many places are remembered, so that each is warned of once. */
const MAX_PLACES = 100;
const warned = new Set<string>();

/**
 * Warns once per place when a reader has been paused for `stallWarning` by work that neither
 * emitted nor completed.
 *
 * There is one timer per reader at most: a pause notes its time, and the timer is set again when it
 * fires.
 */
export class StallWarning {
  private readonly connection: LiveConnection;
  private readonly reading: Reading;
  private since = 0;
  private progress = 0;
  private cancelTimer: (() => void) | undefined = undefined;

  constructor(connection: LiveConnection, reading: Reading) {
    this.connection = connection;
    this.reading = reading;
  }

  /** A pause begins. */
  begin(): void {
    this.since = this.connection.settings.clock.now();
    this.progress = Number.NaN;
    // In the middle of the time it is noted how far the work has come: most pauses are over by
    // then.
    if (this.cancelTimer === undefined) this.startTimer(this.connection.settings.stallWarning / 2);
  }

  private startTimer(delay: number): void {
    this.cancelTimer = this.connection.settings.clock.after(delay, () => {
      this.cancelTimer = undefined;
      this.fired();
    });
  }

  private fired(): void {
    if (!this.reading.isHeld) return;
    const { clock, stallWarning } = this.connection.settings;
    const left = this.since + stallWarning - clock.now();
    if (left > 0) {
      if (2 * left <= stallWarning) this.progress = stallOf(this.reading).progress;
      this.startTimer(2 * left > stallWarning ? left - stallWarning / 2 : left);
      return;
    }
    const { operator, progress } = stallOf(this.reading);
    const hasMoved = progress !== this.progress;
    this.progress = progress;
    if (operator !== undefined && !hasMoved) {
      warn(operator, this.connection, stallWarning);
      return;
    }
    this.since = clock.now();
    this.startTimer(stallWarning);
  }

  stop(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
  }
}

function warn(operator: string, connection: LiveConnection, limit: number): void {
  const { local, remote } = connection;
  const { address = '' } = connection.failureDetails();
  // The port of a caller is another one with each connection.
  const place = `${operator} ${address}`;
  if (warned.has(place) || warned.size >= MAX_PLACES) return;
  warned.add(place);
  process.emitWarning(
    `${operator} has paused the connection from ${formatAddress(remote)} to ${formatAddress(local)} for ${limit} ms, and its ` +
      'work neither emitted nor completed. Work that waits for what this connection brings waits for itself. ' +
      'stallTimeout(ms) ends that with ConsumerStalled; the option stallWarning sets the time of this warning, 0 for none.',
    { type: 'RxjsNetWarning', code: 'RXJS_NET_STALLED' },
  );
}
