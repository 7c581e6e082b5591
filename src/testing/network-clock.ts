import type { Clock } from '../core/clock.ts';
import { EventQueue } from './event-queue.ts';

/** What a network takes its time from: a clock on which events can be put at a moment, and keep their order. */
export interface NetworkClock extends Clock {
  scheduleAt(time: number, callback: () => void): void;
}

/** Due within a microsecond is due: the sum of a reading and a delay may be off by a rounding error. */
const TOLERANCE = 0.001;

/**
 * A network's events by somebody else's clock, of the process or of a scheduler. They have a queue of their own and one timer for
 * the first of them: timers of a platform of different lengths may overtake each other, and bytes must not.
 */
export class FollowingClock implements NetworkClock {
  private readonly leader: Clock;
  private readonly queue = new EventQueue();
  private armedFor = Number.POSITIVE_INFINITY;
  private disarm: () => void = () => {};
  /** Those who want to be told of what is thrown inside an event. */
  private readonly watchers = new Set<(error: unknown) => void>();

  constructor(leader: Clock) {
    this.leader = leader;
  }

  now(): number {
    return this.leader.now();
  }

  /** It keeps the process alive: elsewhere the socket that it guards sees to that, and here there is none. */
  after(delay: number, callback: () => void): () => void {
    return this.leader.after(delay, () => this.take(callback), true);
  }

  /** Tells of what is thrown inside an event from here on, until what is returned is called; otherwise it is nobody's, and uncaught. */
  watch(tell: (error: unknown) => void): () => void {
    this.watchers.add(tell);
    return () => void this.watchers.delete(tell);
  }

  private take(callback: () => void): void {
    try {
      callback();
    } catch (error) {
      if (this.watchers.size === 0) throw error;
      for (const tell of this.watchers) tell(error);
    }
  }

  scheduleAt(time: number, callback: () => void): void {
    this.queue.add(Math.max(time, this.now()), callback);
    this.arm();
  }

  private arm(): void {
    const time = this.queue.first?.time;
    if (time === undefined || time >= this.armedFor) return;
    this.disarm();
    this.armedFor = time;
    // What is under way is waited for: no socket keeps the process alive here.
    this.disarm = this.leader.after(Math.max(0, time - this.now()), () => this.fire(), true);
  }

  private fire(): void {
    this.armedFor = Number.POSITIVE_INFINITY;
    try {
      for (;;) {
        const { first } = this.queue;
        if (first === undefined || first.time > this.now() + TOLERANCE) return;
        this.queue.remove(first);
        this.take(first.callback);
      }
    } finally {
      this.arm();
    }
  }
}
