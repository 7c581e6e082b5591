import { mergeMap, Observable, type ObservableInput, scheduled, type SchedulerLike, type Subscriber } from 'rxjs';

import { captureContext, type Context } from '../../core/context.ts';
import { toObservable } from '../rx/from.ts';
import type { Inputs } from './inputs.ts';
import { type InputHandler, InputReceiver } from './receiver.ts';
import { MAX_NESTED } from './nested.ts';
import { unsubscribeAll } from './release-all.ts';

/**
 * Subscribes to inputs in their order, at most `concurrency` at a time, and passes on what they
 * emit.
 */
export class Joining implements InputHandler<unknown> {
  private readonly subscriber: Subscriber<unknown>;
  private readonly inputs: Inputs;
  private readonly concurrency: number;
  private readonly context: Context = captureContext();
  private readonly active = new Set<InputReceiver<unknown>>();
  private next = 0;
  /** How many calls of `run` are on the stack. */
  private depth = 0;

  constructor(subscriber: Subscriber<unknown>, inputs: Inputs, concurrency: number) {
    this.subscriber = subscriber;
    this.inputs = inputs;
    this.concurrency = concurrency;
  }

  /**
   * Begins the first ones, in a loop: one that ends at once doesn't begin the next one by itself.
   */
  start(): void {
    this.depth = MAX_NESTED - 1;
    this.run();
    this.depth = 0;
    this.completeIfDone();
  }

  /** Begins what there is room for. */
  private run(): void {
    if (this.depth >= MAX_NESTED) return;
    this.depth++;
    while (!this.subscriber.closed && this.active.size < this.concurrency) {
      if (this.next >= this.inputs.length) break;
      const input = this.inputs[this.next];
      const receiver = new InputReceiver(this, this.next++);
      this.active.add(receiver);
      subscribeTo(input, receiver);
    }
    this.depth--;
    this.completeIfDone();
  }

  private completeIfDone(): void {
    if (this.active.size === 0 && this.next >= this.inputs.length) this.subscriber.complete();
  }

  inputNext(value: unknown): void {
    this.subscriber.next(value);
  }

  inputError(error: unknown): void {
    this.subscriber.error(error);
  }

  inputComplete(input: InputReceiver<unknown>): void {
    this.active.delete(input);
    try {
      input.unsubscribe();
    } catch (error) {
      this.subscriber.error(error);
      return;
    }
    // The next input is no part of what ended this one.
    this.context.runInAsyncScope(() => this.run(), undefined);
  }

  unsubscribe(): void {
    const inputs = [...this.active];
    this.active.clear();
    unsubscribeAll(inputs);
  }
}

/** Subscribes to an input; what is none is its error. */
export function subscribeTo(input: ObservableInput<unknown> | undefined, receiver: InputReceiver<unknown>): void {
  let observable: Observable<unknown>;
  try {
    observable = toObservable(input);
  } catch (error) {
    receiver.error(error);
    return;
  }
  observable.subscribe(receiver);
}

/**
 * An Observable of what the inputs emit, at most `concurrency` of them subscribed at a time.
 *
 * @param scheduler - subscribes to them.
 */
export function join(inputs: Inputs, concurrency: number, scheduler?: SchedulerLike): Observable<unknown> {
  if (scheduler !== undefined) {
    return scheduled(inputs, scheduler).pipe(mergeMap((input) => toObservable(input), concurrency));
  }
  return new Observable((subscriber) => {
    const joining = new Joining(subscriber, inputs, concurrency);
    subscriber.add(joining);
    joining.start();
  });
}
