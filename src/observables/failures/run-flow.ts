import { onAbort } from '../../core/on-abort.ts';
import { guarded } from '../../core/report-defect.ts';
import type { Flow } from '../flow.ts';
import { Receiver } from '../pacing/receiver.ts';

export interface RunFlowOptions<A> {
  /** Unsubscribes when it aborts; the promise is then rejected with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called with each value; what it throws is a defect, which ends the flow. */
  readonly next?: ((value: A) => void) | undefined;
}

/**
 * Runs a flow with no failure left to handle, and resolves to its last value (`undefined` when it had none).
 *
 * The promise is rejected with nothing but a defect, or with the reason of `signal` when that aborts. A flow that can
 * still fail does not compile: see `catchFailure`, `catchFailures` and `orDie`.
 *
 * @example
 * ```ts
 * import { runFlow } from 'rxjs-net';
 * import { of } from 'rxjs-net/rx';
 *
 * console.log(await runFlow(of(1, 2, 3))); // => 3
 * ```
 */
export function runFlow<A>(flow: Flow<A>, options: RunFlowOptions<A> = {}): Promise<A | undefined> {
  return new Promise((resolve, reject) => {
    const { signal, next } = options;
    if (signal?.aborted === true) {
      reject(signal.reason);
      return;
    }
    const run = new Run<A>(next, resolve, reject);
    if (signal !== undefined) {
      const forget = onAbort(signal, () => {
        reject(signal.reason);
        run.unsubscribe();
      });
      // However it ends, it ends in unsubscribing.
      run.add(forget);
    }
    flow.subscribe(run);
  });
}

class Run<A> extends Receiver<A> {
  private last: A | undefined = undefined;
  private readonly each: ((value: A) => void) | undefined;
  private readonly resolve: (last: A | undefined) => void;
  private readonly reject: (defect: unknown) => void;

  constructor(
    each: ((value: A) => void) | undefined,
    resolve: (last: A | undefined) => void,
    reject: (defect: unknown) => void,
  ) {
    super();
    this.each = each;
    this.resolve = resolve;
    this.reject = reject;
  }

  protected onNext(value: A): void {
    this.last = value;
    try {
      this.each?.(value);
    } catch (error) {
      this.error(error);
    }
  }

  protected onError(error: unknown): void {
    this.reject(error);
    guarded(() => this.unsubscribe());
  }

  protected onComplete(): void {
    try {
      this.unsubscribe();
    } catch (error) {
      // A teardown that throws is a defect of the flow.
      this.reject(error);
      return;
    }
    this.resolve(this.last);
  }
}
