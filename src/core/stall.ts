import { type Holder, peerHolder, type Upstream, type Waits } from './demand.ts';

/** The holders behind a pause, as one walk over them finds them. */
export interface Stall {
  /**
   * The operator whose work the pause waits for; undefined when it waits for a peer to take bytes.
   */
  readonly operator: string | undefined;
  /** The sum of the progress of all holders: it changes when one of them moves. */
  readonly progress: number;
}

/**
 * Looks up what a paused upstream waits for: through operators that only pass a pause on, to the
 * work that has to move.
 */
export function stallOf(upstream: Upstream): Stall {
  const walk = new Walk();
  walk.forRelease(upstream);
  const operator = walk.found ?? (walk.waitsForPeer ? undefined : 'a hold() of the program');
  return { operator, progress: walk.progress };
}

class Walk implements Waits {
  found: string | undefined = undefined;
  waitsForPeer = false;
  progress = 0;
  private readonly upstreams = new Set<Upstream>();
  // A set of its own: many a holder is an upstream, too.
  private readonly holders = new Set<Holder>();

  forDelivery(upstream: Upstream): boolean {
    return this.forRelease(upstream);
  }

  forRelease(upstream: Upstream): boolean {
    if (this.upstreams.has(upstream)) return false;
    this.upstreams.add(upstream);
    upstream.heldBy?.((holder) => {
      this.visit(holder);
      return false;
    });
    return false;
  }

  private visit(holder: Holder): void {
    if (this.holders.has(holder)) return;
    this.holders.add(holder);
    if (holder === peerHolder) {
      this.waitsForPeer = true;
      return;
    }
    this.progress += holder.progress;
    const { found, waitsForPeer } = this;
    holder.awaits(this);
    // One that waits for a holder further on only passes the pause on.
    if (this.found === found && this.waitsForPeer === waitsForPeer) this.found ??= holder.operator;
  }
}
