import { type Clock, LONGEST_DELAY, systemClock } from '../core/clock.ts';
import type { SocketMethods } from './socket-methods.ts';

/** What measures how long a socket has been idle; it never keeps the process alive. */
export interface IdleTimer {
  /** The time begins anew. */
  refresh(): void;
}

/** Calls `_onTimeout` of the socket once it has been idle for `delay` ms, on the clock of its transport. */
export function startIdleTimer(clock: Clock, delay: number, socket: SocketMethods): IdleTimer {
  const most = Math.min(delay, LONGEST_DELAY);
  if (clock !== systemClock) return new ClockTimer(clock, most, socket);
  const timer = setTimeout(onTimeout, most, socket);
  timer.unref();
  return timer;
}

export function stopIdleTimer(timer: IdleTimer): void {
  if (timer instanceof ClockTimer) timer.cancel();
  else clearTimeout(timer as NodeJS.Timeout);
}

/** For a clock that isn't the system's, as that of a simulated network. */
class ClockTimer implements IdleTimer {
  private readonly clock: Clock;
  private readonly delay: number;
  private readonly socket: SocketMethods;
  private stop: () => void;
  private ended = false;

  constructor(clock: Clock, delay: number, socket: SocketMethods) {
    this.clock = clock;
    this.delay = delay;
    this.socket = socket;
    this.stop = this.begin();
  }

  private begin(): () => void {
    return this.clock.after(this.delay, () => this.socket._onTimeout());
  }

  refresh(): void {
    if (this.ended) return;
    this.stop();
    this.stop = this.begin();
  }

  cancel(): void {
    this.ended = true;
    this.stop();
  }
}

function onTimeout(socket: SocketMethods): void {
  socket._onTimeout();
}
