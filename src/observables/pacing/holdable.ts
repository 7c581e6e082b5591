import { captureContext, type Context } from '../../core/context.ts';
import type { Holder, Upstream } from '../../core/demand.ts';
import { HeldBy } from '../../core/held-by.ts';

/**
 * An upstream that counts its holds. It goes on in the context in which it was made, and not of the
 * one that releases it.
 */
export abstract class Holdable implements Upstream {
  emitting: unknown = undefined;
  readonly context: Context = captureContext();
  private readonly holds = new HeldBy();

  /** The last hold was released, perhaps inside a delivery. */
  protected abstract onFree(): void;

  private static free(this: void, holdable: Holdable): void {
    holdable.onFree();
  }

  get isHeld(): boolean {
    return !this.holds.isEmpty;
  }

  hold(holder?: Holder): () => void {
    this.holds.add(holder);
    let released = false;
    return () => {
      if (released) return;
      released = true;
      if (this.holds.remove(holder)) this.context.runInAsyncScope(Holdable.free, undefined, this);
    };
  }

  heldBy(visit: (holder: Holder) => boolean): boolean {
    return this.holds.visit(visit);
  }
}
