import type { Upstream } from '../../core/demand.ts';

/** Told that something downstream can't take what one of its inners emits, and that it can again. */
export interface InnerHoldOwner {
  innerHeld(): void;
  innerReleased(): void;
}

/**
 * The upstream of an inner, as whoever is downstream of the flattening sees it: a hold reaches the inner's own source, and
 * keeps new inners from being begun. Otherwise each new one would emit once before it is held itself.
 */
export class ThroughInner implements Upstream {
  readonly upstream: Upstream;
  private readonly owner: InnerHoldOwner;

  constructor(upstream: Upstream, owner: InnerHoldOwner) {
    this.upstream = upstream;
    this.owner = owner;
  }

  get emitting(): unknown {
    return this.upstream.emitting;
  }

  hold(): () => void {
    const release = this.upstream.hold();
    this.owner.innerHeld();
    let released = false;
    return () => {
      if (released) return;
      released = true;
      release();
      this.owner.innerReleased();
    };
  }

  unread(bytes: Uint8Array): void {
    this.upstream.unread?.(bytes);
  }
}
