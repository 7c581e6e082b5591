import type { Socket } from 'node:net';
import { setTimeout } from 'node:timers';

/** How long the platform's own idle timer runs for one check, in ms. */
const WINDOW = 2;

/** When its verdict is looked at: after the window, and before it can have run twice. */
const VERDICT = 3;

/**
 * How often a check is repeated in whose window bytes came in, which start the platform's timer
 * anew as well.
 */
const MAX_ATTEMPTS = 5;

/**
 * Finds out whether bytes of an outstanding write have left since it began, or since the last
 * check.
 *
 * Node counts a write as written when it begins, and calls back when all of it has left. What it
 * shows of the time between is this: when the timer of `socket.setTimeout` fires, Node compares the
 * length of the system's queue with that of the last time. Only if it is the same, there is a
 * `timeout` event. So a timer of 2 ms tells within 3 ms, at no cost while nobody asks.
 *
 * These are timers of the platform and not those of a `Clock`: they measure nothing but the order
 * of two events.
 */
export class ProgressProbe {
  private readonly socket: Socket;
  private told: ((moved: boolean) => void) | undefined = undefined;
  private stoodStill = false;
  private bytesRead = 0;
  private attempt = 0;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('timeout', () => {
      this.stoodStill = true;
    });
  }

  check(told: (moved: boolean) => void): void {
    this.told = told;
    this.attempt = 0;
    this.begin();
  }

  private begin(): void {
    const { socket } = this;
    this.attempt++;
    this.stoodStill = false;
    this.bytesRead = socket.bytesRead;
    socket.setTimeout(WINDOW);
    setTimeout(verdict, VERDICT, this).unref();
  }

  end(): void {
    const { socket, told } = this;
    if (socket.destroyed || told === undefined) return;
    const wasRead = socket.bytesRead !== this.bytesRead;
    if (!this.stoodStill && wasRead && this.attempt < MAX_ATTEMPTS) {
      this.begin();
      return;
    }
    socket.setTimeout(0);
    this.told = undefined;
    // A peer that talks all the time without reading must not be taken for one that reads.
    told(!this.stoodStill && !wasRead);
  }
}

function verdict(probe: ProgressProbe): void {
  probe.end();
}
