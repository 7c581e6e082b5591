import type { SocketLink } from './socket-link.ts';

/** In each window, in ms, … */
const WINDOW = 25;
/** … so many connections are asked for their remote end when they are accepted; the rest when the window closes. */
const AT_ONCE = 16;
/** More than this never wait. */
const MOST_WAITING = 1_024;

/**
 * Sees to it that the remote end of an accepted connection is known when it fails.
 *
 * The system forgets it with a reset, so it has to be asked before; that costs 5 % of the whole life of a connection that lives
 * for one request. So in a burst only those are asked that have outlived it: a connection that is reset within 25 ms, while more
 * than 16 come in, fails without an address.
 */
export class RemoteMemory {
  private accepted = 0;
  private waiting: SocketLink[] = [];
  private timer: NodeJS.Timeout | undefined = undefined;

  accept(link: SocketLink): void {
    this.accepted++;
    if (this.accepted <= AT_ONCE || this.waiting.length >= MOST_WAITING) link.rememberRemote();
    else this.waiting.push(link);
    this.timer ??= setTimeout(() => this.closeWindow(), WINDOW).unref();
  }

  /** Asks those that have waited; a new window begins with the next connection. */
  closeWindow(): void {
    const { waiting } = this;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.accepted = 0;
    this.waiting = [];
    for (const link of waiting) link.rememberRemote();
  }
}
