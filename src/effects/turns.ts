import type { Clock } from '../core/index.ts';

/** So many steps take a millisecond or so, where none of them waits. */
const STEPS = 1000;

/**
 * Lets the event loop have its turn in a loop without an end: while no step waits, no timer fires, no bytes come, and nobody can abort.
 * A loop whose steps do wait pays for a timer now and then, and is not held up.
 */
export class Turns {
  private readonly clock: Clock;
  private steps = 0;
  private cancel: (() => void) | undefined = undefined;
  private resume: (() => void) | undefined = undefined;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** To be awaited where it is a promise. */
  step(): Promise<void> | undefined {
    this.steps += 1;
    if (this.steps < STEPS) return undefined;
    this.steps = 0;
    if (this.cancel !== undefined) {
      // The loop has gone on for as long again, and there was no turn.
      return new Promise((resolve) => {
        this.resume = resolve;
      });
    }
    this.cancel = this.clock.after(0, this.turned, true);
    return undefined;
  }

  private readonly turned = (): void => {
    this.cancel = undefined;
    this.resume?.();
    this.resume = undefined;
  };

  end(): void {
    this.cancel?.();
    this.turned();
  }
}
