import { checkFunction, refuse } from '../core/options/index.ts';
import type { Network } from './network.ts';

/** Steps that a scenario takes at given moments: what `network.at` and `network.play` return. */
export interface Timeline {
  /** Adds a step, when the network's clock is at `time`, in ms. Steps at the same moment keep their order. */
  at(time: number, step: () => unknown): Timeline;
  /** Steps that have not begun are not taken, and faults of `play` that are there are taken back. */
  cancel(): void;
  /** How many steps are still to be taken. */
  readonly pending: number;
  /** When nothing is pending any more: every step was taken and has settled, or the timeline was cancelled. It never rejects. */
  readonly done: Promise<void>;
}

/** A step of a timeline has failed; `cause` is what it failed with. */
export class StepFailed extends Error {
  constructor(time: number, error: unknown) {
    const why = error instanceof Error ? error.message : String(error);
    super(`the step at ${time} ms failed: ${why}`, { cause: error });
  }
}

export class ScriptedTimeline implements Timeline {
  private readonly network: Network;
  private readonly cancels = new Set<() => void>();
  private readonly undone: (() => void)[] = [];
  private readonly waiters: (() => void)[] = [];
  /** Steps that were taken and whose promise is pending. */
  private settling = 0;

  constructor(network: Network) {
    this.network = network;
  }

  get pending(): number {
    return this.cancels.size;
  }

  get done(): Promise<void> {
    return new Promise((resolve) => {
      this.waiters.push(resolve);
      this.tellIfDone();
    });
  }

  at(time: number, step: () => unknown): this {
    const { clock } = this.network;
    checkFunction('step', step);
    const now = clock.now();
    if (typeof time !== 'number' || !(time >= now && time < Number.POSITIVE_INFINITY))
      refuse('time', time, `a moment in ms, from ${now} on, which is now`);
    const cancel = clock.after(time - now, () => {
      this.cancels.delete(cancel);
      try {
        this.take(time, step);
      } finally {
        this.tellIfDone();
      }
    });
    this.cancels.add(cancel);
    return this;
  }

  /** What is thrown inside an event reaches whoever moves the time. */
  private take(time: number, step: () => unknown): void {
    let result: unknown;
    try {
      result = step();
    } catch (error) {
      throw new StepFailed(time, error);
    }
    if (!isThenable(result)) return;
    this.settling++;
    const settled = (): void => {
      this.settling--;
      this.tellIfDone();
    };
    result.then(settled, (error: unknown) => {
      this.network.later(0, () => {
        throw new StepFailed(time, error);
      });
      settled();
    });
  }

  /** Is called when the timeline is cancelled. */
  onCancel(undo: () => void): void {
    this.undone.push(undo);
  }

  cancel(): void {
    for (const cancel of this.cancels) cancel();
    this.cancels.clear();
    for (const undo of this.undone.splice(0)) undo();
    this.tellIfDone();
  }

  private tellIfDone(): void {
    if (this.cancels.size > 0 || this.settling > 0) return;
    for (const tell of this.waiters.splice(0)) tell();
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
