import { captureContext, type Context } from './context.ts';
import { guarded } from './report-defect.ts';

/**
 * One that waits for an abort, and its neighbours. Not an entry of a Set: a signal may be waited for anew with every message, and
 * the tables that a Set outgrows point at their successors, so that old ones keep new ones from being collected.
 */
interface Follower {
  readonly callback: () => void;
  readonly context: Context;
  /** Undefined once it was called or taken back. */
  list: Followers | undefined;
  previous: Follower | undefined;
  next: Follower | undefined;
}

/** Those that wait for the abort of one signal, in the order in which they came. */
class Followers {
  readonly listener = (): void => this.abort();
  private readonly signal: AbortSignal;
  private first: Follower | undefined = undefined;
  private last: Follower | undefined = undefined;

  constructor(signal: AbortSignal) {
    this.signal = signal;
    followersOf.set(signal, this);
    signal.addEventListener('abort', this.listener, { once: true });
  }

  add(callback: () => void): Follower {
    const { last } = this;
    const context = captureContext();
    const follower: Follower = { callback, context, list: this, previous: last, next: undefined };
    if (last === undefined) this.first = follower;
    else last.next = follower;
    this.last = follower;
    return follower;
  }

  /** The last one takes the listener off. */
  remove(follower: Follower): void {
    this.unlink(follower);
    if (this.first !== undefined || this.signal.aborted) return;
    followersOf.delete(this.signal);
    this.signal.removeEventListener('abort', this.listener);
  }

  private unlink(follower: Follower): void {
    const { previous, next } = follower;
    if (previous === undefined) this.first = next;
    else previous.next = next;
    if (next === undefined) this.last = previous;
    else next.previous = previous;
    follower.list = undefined;
    follower.previous = undefined;
    follower.next = undefined;
  }

  private abort(): void {
    followersOf.delete(this.signal);
    while (this.first !== undefined) {
      const { first } = this;
      this.unlink(first);
      // One signal serves many: an exception of one must not keep the others from being told.
      guarded(() => first.context.runInAsyncScope(first.callback, undefined));
    }
  }
}

const followersOf = new WeakMap<AbortSignal, Followers>();

/**
 * Calls `callback` when the signal, which isn't aborted yet, is; in the context of this call, not
 * of the abort.
 *
 * One signal may well guard a thousand connections. They share one listener: Node warns of a leak from the eleventh on.
 *
 * @returns a function that takes it back; the last one takes the listener off.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const follower = (followersOf.get(signal) ?? new Followers(signal)).add(callback);
  return () => follower.list?.remove(follower);
}
