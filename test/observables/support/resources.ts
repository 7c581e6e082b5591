import { EventEmitter, getEventListeners } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { type Clock, systemClock } from '../../../src/index.ts';

/** What keeps the process alive, by kind. */
export function openResources(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

/** How many sockets, servers and the like are open. */
export function openSockets(): number {
  return process.getActiveResourcesInfo().filter((kind) => /TCP|Pipe|GetAddrInfo/.test(kind)).length;
}

/** All listeners of an emitter or an event target, for each of `names` or for all that there are. */
export function listenerCount(target: EventEmitter | AbortSignal, names?: readonly string[]): number {
  const all = names ?? (target instanceof EventEmitter ? target.eventNames() : ['abort']);
  return all.reduce<number>((sum, name) => sum + getEventListeners(target, name).length, 0);
}

/** A clock that knows which of its timers have neither fired nor been cancelled. */
export class CountingClock implements Clock {
  pending = 0;
  started = 0;
  private readonly clock: Clock;

  constructor(clock = systemClock) {
    this.clock = clock;
  }

  now(): number {
    return this.clock.now();
  }

  after(delay: number, callback: () => void): () => void {
    let over = false;
    const settle = (): boolean => {
      if (over) return false;
      over = true;
      this.pending--;
      return true;
    };
    this.pending++;
    this.started++;
    const cancel = this.clock.after(delay, () => {
      if (settle()) callback();
    });
    return () => {
      if (settle()) cancel();
    };
  }
}

/** A clock that is turned by hand. */
export class HandClock implements Clock {
  private time = 0;
  private timers: { at: number; callback: () => void }[] = [];

  get pending(): number {
    return this.timers.length;
  }

  now(): number {
    return this.time;
  }

  after(delay: number, callback: () => void): () => void {
    const timer = { at: this.time + delay, callback };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((each) => each !== timer);
    };
  }

  advance(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      const due = this.timers.filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.timers = this.timers.filter((each) => each !== due);
      this.time = due.at;
      due.callback();
    }
    this.time = end;
  }
}

let collectGarbage: (() => void) | undefined;

/** Bytes of the heap that are in use after a full collection. */
export function heapInUse(): number {
  if (collectGarbage === undefined) {
    setFlagsFromString('--expose-gc');
    collectGarbage = runInNewContext('gc') as () => void;
  }
  collectGarbage();
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
