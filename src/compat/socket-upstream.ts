import type { Upstream } from '../core/demand.ts';
import type { SocketMethods } from './socket-methods.ts';

/**
 * A socket as the upstream of what its `'data'` listeners feed: an operator behind `fromEvent(socket, 'data')` that can't keep up
 * holds it, and the socket is paused until the last hold is released.
 */
export class SocketUpstream implements Upstream {
  readonly emitting: unknown = undefined;
  private readonly socket: SocketMethods;
  private holds = 0;
  /** Whether it flowed, so that a release does not start what the program had paused. */
  private flowed = false;

  constructor(socket: SocketMethods) {
    this.socket = socket;
  }

  hold(): () => void {
    let released = false;
    this.holds++;
    if (this.holds === 1) {
      this.flowed = !this.socket.isPaused();
      if (this.flowed) this.socket.pause();
    }
    return () => {
      if (released) return;
      released = true;
      this.holds--;
      if (this.holds === 0 && this.flowed && !this.socket.destroyed) this.socket.resume();
    };
  }
}
