import type { Clock } from '../../core/clock.ts';
import type { Link } from '../../core/transport.ts';

/** How often the system is asked, in ms. */
const INTERVAL = 500;

/** A connection whose peer may be gone without a read that reports it. */
export interface Checkable {
  readonly link: Link;
  /**
   * It could still write, and no read reports a reset: the peer has ended, or its bytes wait for a
   * reader that is held.
   */
  readonly isBlindToReset: boolean;
}

/** Asks the system about the peer as long as no read reports a reset. */
export class PeerCheck {
  private readonly connection: Checkable;
  private readonly clock: Clock;
  private cancelTimer: (() => void) | undefined = undefined;

  constructor(connection: Checkable, clock: Clock) {
    this.connection = connection;
    this.clock = clock;
  }

  start(): void {
    this.cancelTimer ??= this.clock.after(INTERVAL, () => {
      this.cancelTimer = undefined;
      if (!this.connection.isBlindToReset) return;
      this.connection.link.checkPeer?.();
      this.start();
    });
  }

  stop(): void {
    this.cancelTimer?.();
  }
}
