import { onAbort } from '../../core/on-abort.ts';
import { guarded } from '../../core/report-defect.ts';
import type { Flow } from '../flow.ts';
import { isTagged } from '../internal/tagged.ts';
import { Receiver } from '../pacing/receiver.ts';
import { Defect } from './defect.ts';
import type { NothingLeft } from './nothing-left.ts';

export interface RunFlowOptions<A> {
  /** Unsubscribes when it aborts; the promise is then rejected with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called with each value; what it throws is a defect, which ends the flow. */
  readonly next?: ((value: A) => void) | undefined;
}

/**
 * Runs a flow with no failure left to handle, and resolves to its last value (`undefined` when it
 * had none).
 *
 * A flow that can still fail does not compile, and the compiler names what is left: see
 * `catchFailure`, `catchAll` and `orDie`. So the promise is rejected with nothing but a defect, or
 * with the reason of `signal` when that aborts. A failure that comes all the same was forgotten by
 * a type on the way: it becomes a {@link Defect} with the failure as its `cause`.
 *
 * @example
 * ```ts
 * import { runFlow } from 'rxjs-net';
 * import { of } from 'rxjs-net/rx';
 *
 * console.log(await runFlow(of(1, 2, 3))); // => 3
 * ```
 */
export function runFlow<A, E = never>(
  flow: NothingLeft<A, E>,
  options: RunFlowOptions<A> = {},
): Promise<A | undefined> {
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
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- no other is assignable to NothingLeft
    (flow as Flow<A>).subscribe(run);
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
      // As it is, whatever it is: no flow failed with it.
      this.reject(error);
      this.error(error);
    }
  }

  protected onError(error: unknown): void {
    const isForgotten = isTagged(error) && error._tag !== 'Defect';
    this.reject(isForgotten ? new Defect(error, 'the type had forgotten this failure') : error);
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
