import type { Upstream } from '../../core/demand.ts';

/** An upstream that counts its holds. */
export abstract class Holdable implements Upstream {
  emitting: unknown = undefined;
  private holds = 0;

  /** The last hold was released, perhaps inside a delivery. */
  protected abstract onFree(): void;

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
      if (this.holds === 0) this.onFree();
    };
  }
}
