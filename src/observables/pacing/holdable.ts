import { captureContext, type Context } from '../../core/context.ts';
import type { Upstream } from '../../core/demand.ts';

/** An upstream that counts its holds. It goes on in the context in which it was made, and not of the one that releases it. */
export abstract class Holdable implements Upstream {
  emitting: unknown = undefined;
  readonly context: Context = captureContext();
  private holds = 0;

  /** The last hold was released, perhaps inside a delivery. */
  protected abstract onFree(): void;

  private static free(this: void, holdable: Holdable): void {
    holdable.onFree();
  }

  get isHeld(): boolean {
    return this.holds > 0;
  }

  hold(): () => void {
    this.holds++;
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.holds--;
      if (this.holds === 0) this.context.runInAsyncScope(Holdable.free, undefined, this);
    };
  }
}
