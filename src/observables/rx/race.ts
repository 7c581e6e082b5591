import { Observable, type Subscriber } from 'rxjs';

import type { EmittedBy } from '../emitted-by.ts';
import type { FailureOf, Flow } from '../flow.ts';
import { inputsOf } from '../pacing/arguments.ts';
import type { Inputs } from '../pacing/inputs.ts';
import { subscribeTo } from '../pacing/joining.ts';
import { type InputHandler, InputReceiver } from '../pacing/receiver.ts';
import { unsubscribeAll } from '../pacing/release-all.ts';
import { toObservable } from './from.ts';

/**
 * RxJS's `race`, with the failures of all flows in the type: subscribes to all, stays with the
 * first that emits, and unsubscribes from the others. One that fails or completes before any has
 * emitted ends the race.
 *
 * Its failures are those of the flows. Completes when the winner does.
 *
 * @example
 * ```ts
 * import { map, race, timer } from 'rxjs-net/rx';
 *
 * race(timer(50).pipe(map(() => 'slow')), timer(1).pipe(map(() => 'fast')))
 *   .subscribe((winner) => console.log(winner)); // => fast
 * ```
 */
export function race<I extends Inputs>(inputs: readonly [...I]): Flow<EmittedBy<I[number]>, FailureOf<I[number]>>;
export function race<I extends Inputs>(...inputs: I): Flow<EmittedBy<I[number]>, FailureOf<I[number]>>;
export function race(...given: unknown[]): Flow<unknown, unknown> {
  const inputs = inputsOf(given);
  const [first] = inputs;
  if (inputs.length === 1) return toObservable(first);
  return new Observable((subscriber) => {
    const racing = new Racing(subscriber);
    subscriber.add(racing);
    racing.start(inputs);
  });
}

class Racing implements InputHandler<unknown> {
  private readonly subscriber: Subscriber<unknown>;
  private racers: InputReceiver<unknown>[] = [];
  private winner: InputReceiver<unknown> | undefined = undefined;

  constructor(subscriber: Subscriber<unknown>) {
    this.subscriber = subscriber;
  }

  start(inputs: Inputs): void {
    for (const [index, input] of inputs.entries()) {
      if (this.winner !== undefined || this.subscriber.closed) return;
      const racer = new InputReceiver(this, index);
      this.racers.push(racer);
      subscribeTo(input, racer);
    }
  }

  inputNext(value: unknown, input: InputReceiver<unknown>): void {
    if (this.winner === undefined) {
      this.winner = input;
      const losers = this.racers.filter((racer) => racer !== input);
      this.racers = [input];
      try {
        unsubscribeAll(losers);
      } catch (error) {
        this.subscriber.error(error);
        return;
      }
    }
    this.subscriber.next(value);
  }

  inputError(error: unknown): void {
    this.subscriber.error(error);
  }

  inputComplete(): void {
    this.subscriber.complete();
  }

  unsubscribe(): void {
    unsubscribeAll(this.racers);
  }
}
