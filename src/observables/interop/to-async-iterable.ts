import type { Observable } from 'rxjs';

import { onAbort } from '../../core/on-abort.ts';
import { guarded } from '../../core/report-defect.ts';
import { Fifo } from '../pacing/fifo.ts';
import { ItemPuller, type ItemTaker } from './item-puller.ts';
import { planTaking, type TakeOptions, type TakePlan } from './interop-options.ts';

/**
 * A flow for `for await`.
 *
 * Each iteration subscribes, with its first `next()`. The flow is held while the loop's body runs,
 * so it goes as fast as the loop does, and nothing is taken ahead: leaving the loop (`break`,
 * `return`, a throw) unsubscribes at once, and what a connection has not given is there for its
 * next reader. A failure of the flow is thrown into the loop; the types of an iteration have no
 * word for it.
 *
 * An iterator that is not used up by a loop, but by calls of `next()`, is to be ended by
 * `return()`: until then it keeps its subscription, and its listener on `signal`, for as long as
 * the signal lives.
 *
 * Only what can't be held (a timer, a `Subject`) is queued: beyond 16,384 items or 16 MiB the loop
 * fails with `BufferOverflow`; what is in that queue when the loop is left is lost. Wrong options
 * fail the first `next()` with `InvalidOptions`.
 *
 * The other way is `from(iterable)` of `rxjs-net/rx`.
 *
 * @example
 * ```ts
 * import { toAsyncIterable } from 'rxjs-net';
 * import { interval, map } from 'rxjs-net/rx';
 *
 * for await (const count of toAsyncIterable(interval(1).pipe(map((each) => each + 1)))) {
 *   console.log(count);
 *   if (count === 2) break;
 * }
 * // => 1
 * // => 2
 * ```
 */
export function toAsyncIterable<A>(flow: Observable<A>, options: TakeOptions = {}): AsyncIterable<A> {
  return { [Symbol.asyncIterator]: () => new FlowIterator(flow, options) };
}

/** Who has asked for an item. */
interface Asker<A> {
  readonly resolve: (result: IteratorResult<A, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

class FlowIterator<A> implements AsyncIterator<A, undefined>, ItemTaker<A> {
  private readonly flow: Observable<A>;
  private readonly options: TakeOptions;
  private puller: ItemPuller<A> | undefined = undefined;
  private forgetSignal: (() => void) | undefined = undefined;
  private readonly askers = new Fifo<Asker<A>>();
  private done = false;
  /** A failure that nobody has been told of yet. */
  private untold: { readonly error: unknown } | undefined = undefined;

  constructor(flow: Observable<A>, options: TakeOptions) {
    this.flow = flow;
    this.options = options;
  }

  next(): Promise<IteratorResult<A, undefined>> {
    return new Promise((resolve, reject) => {
      if (this.untold !== undefined) {
        const { error } = this.untold;
        this.untold = undefined;
        reject(error);
      } else if (this.done) {
        resolve(DONE);
      } else {
        this.askers.push({ resolve, reject });
        (this.puller ?? this.start())?.want(this.flow);
      }
    });
  }

  private start(): ItemPuller<A> | undefined {
    let plan: TakePlan;
    try {
      plan = planTaking('toAsyncIterable', this.flow, this.options);
    } catch (failure) {
      this.failed(failure);
      return undefined;
    }
    const { limits, signal } = plan;
    this.puller = new ItemPuller(this, limits);
    if (signal?.aborted === true) {
      this.failed(signal.reason);
      return undefined;
    }
    if (signal !== undefined) this.forgetSignal = onAbort(signal, () => this.failed(signal.reason));
    return this.puller;
  }

  take(item: A): void {
    this.askers.shift().resolve({ done: false, value: item });
    if (!this.askers.isEmpty) this.puller?.want(this.flow);
  }

  failed(error: unknown): void {
    // A teardown of the flow may throw; the loop ends all the same.
    guarded(() => this.finish());
    if (this.askers.isEmpty) this.untold = { error };
    else this.askers.shift().reject(error);
    this.dismiss();
  }

  completed(): void {
    try {
      this.finish();
    } catch (error) {
      this.failed(error);
      return;
    }
    this.dismiss();
  }

  private finish(): void {
    this.done = true;
    this.forgetSignal?.();
    this.puller?.stop();
  }

  private dismiss(): void {
    while (!this.askers.isEmpty) this.askers.shift().resolve(DONE);
  }

  return(): Promise<IteratorResult<A, undefined>> {
    return this.leave(() => Promise.resolve(DONE));
  }

  throw(error: unknown): Promise<IteratorResult<A, undefined>> {
    return this.leave(async () => {
      throw error;
    });
  }

  /** What a teardown throws is thrown into the loop that is left. */
  private leave(result: () => Promise<IteratorResult<A, undefined>>): Promise<IteratorResult<A, undefined>> {
    this.untold = undefined;
    let left = result;
    try {
      this.finish();
    } catch (error) {
      left = () => Promise.reject(error);
    }
    this.dismiss();
    return left();
  }
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };
