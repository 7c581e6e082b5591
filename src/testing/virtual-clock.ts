import { captureContext } from '../core/context.ts';
import { refuse } from '../core/options/index.ts';
import { checkUnclaimed } from './claims.ts';
import { EventQueue, type Scheduled } from './event-queue.ts';
import type { NetworkClock } from './network-clock.ts';

/**
 * A clock whose time stands still until it is moved. It drives everything that takes a `Clock`: the time limits of
 * connections, the operators, a simulated network.
 *
 * @example
 * ```ts
 * import { VirtualClock } from 'rxjs-net/testing';
 *
 * const clock = new VirtualClock();
 * clock.after(1_000, () => console.log(`at ${clock.now()} ms`)); // => at 1000 ms
 * clock.advance(999);
 * clock.advance(1);
 * ```
 */
export class VirtualClock implements NetworkClock {
  private readonly queue = new EventQueue();
  private time = 0;

  /** Virtual milliseconds since the clock was made. */
  now(): number {
    return this.time;
  }

  /** The callback has the context of this call, as the platform's timers give it. */
  after(delay: number, callback: () => void): () => void {
    const context = captureContext();
    const entry = this.schedule(delay, () => context.runInAsyncScope(callback, undefined));
    return () => void this.queue.remove(entry);
  }

  /** As `after`, for who wants to take it out again without a function for it. */
  schedule(delay: number, callback: () => void): Scheduled {
    return this.queue.add(this.time + (delay > 0 ? delay : 0), callback);
  }

  /** At a moment, which must not have passed: a sum of delays would be off by a rounding error, and overtake what is due then. */
  scheduleAt(time: number, callback: () => void): Scheduled {
    return this.queue.add(time > this.time ? time : this.time, callback);
  }

  cancel(entry: Scheduled): boolean {
    return this.queue.remove(entry);
  }

  /** How many timers and events are pending. */
  get pending(): number {
    return this.queue.size;
  }

  /** When the next one is due; undefined when there is none. */
  get next(): number | undefined {
    return this.queue.first?.time;
  }

  /** Moves to the next timer or event, unless it is due after `until`, and runs it; false when there was none. */
  step(until = Number.POSITIVE_INFINITY): boolean {
    const { first } = this.queue;
    // What is due after all time never is.
    if (first === undefined || first.time > until || first.time === Number.POSITIVE_INFINITY) return false;
    this.queue.remove(first);
    this.time = first.time;
    first.callback();
    return true;
  }

  /**
   * Moves by `ms`, and runs in order what comes due on the way. Promises don't get a turn meanwhile: `network.advance` lets them. Throws
   * while a network's `run` moves the time.
   *
   * @throws InvalidOptions
   */
  advance(ms: number): void {
    checkUnclaimed(this, 'advance');
    if (typeof ms !== 'number' || !(ms >= 0 && ms < Number.POSITIVE_INFINITY))
      refuse('ms', ms, 'a number of milliseconds, 0 or more');
    const until = this.time + ms;
    while (this.step(until));
    this.moveTo(until);
  }

  /** Moves on to `time`, before which nothing is due any more. */
  moveTo(time: number): void {
    if (time > this.time && time < Number.POSITIVE_INFINITY) this.time = time;
  }
}
