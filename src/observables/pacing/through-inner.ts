import { HeldBy } from '../../core/held-by.ts';
import type { Holder, Room, Upstream, Waits } from '../../core/demand.ts';

/**
 * With so many inners held, no new ones are begun: each would emit once more before it is held
 * itself.
 */
export const MAX_HELD = 4;

/**
 * An operator that is told when something downstream can't take what one of its inners emits, and
 * when it can again.
 */
export interface InnerHoldOwner {
  innerHeld(through: ThroughInner): void;
  innerReleased(through: ThroughInner): void;
}

/**
 * The upstream of an inner, as it is seen downstream of the flattening: a hold reaches the inner's
 * own source, and keeps new inners from being begun. Otherwise each new one would emit once before
 * it is held itself.
 */
export class ThroughInner implements Upstream {
  readonly upstream: Upstream;
  private readonly owner: InnerHoldOwner;
  /** How much it counts against `MAX_HELD`. */
  readonly weight: number;
  private readonly holds = new HeldBy();

  /**
   * @param isSynchronous - it emits while the inner is being subscribed to. No other inner is begun while it is held then:
   * all of its values come before those of the next, as in RxJS.
   */
  constructor(upstream: Upstream, owner: InnerHoldOwner, isSynchronous: boolean) {
    this.upstream = upstream;
    this.owner = owner;
    this.weight = isSynchronous ? MAX_HELD : 1;
  }

  get emitting(): unknown {
    return this.upstream.emitting;
  }

  get pauses(): Upstream {
    return this.upstream;
  }

  needs(waits: Waits): boolean {
    return waits.forDelivery(this.upstream);
  }

  hold(holder?: Holder): () => void {
    return this.held(this.upstream.hold(holder), holder);
  }

  holdAfterBurst(holder: Holder, room: Room): (() => void) | undefined {
    const release = this.upstream.holdAfterBurst?.(holder, room);
    return release === undefined ? undefined : this.held(release, holder);
  }

  heldBy(visit: (holder: Holder) => boolean): boolean {
    return this.holds.visit(visit);
  }

  private held(release: () => void, holder: Holder | undefined): () => void {
    if (this.holds.add(holder)) this.owner.innerHeld(this);
    let released = false;
    return () => {
      if (released) return;
      released = true;
      const isFree = this.holds.remove(holder);
      release();
      if (isFree) this.owner.innerReleased(this);
    };
  }

  unread(bytes: Uint8Array): void {
    this.upstream.unread?.(bytes);
  }
}
