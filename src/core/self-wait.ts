import type { Holder, Upstream, Waits } from './demand.ts';

/**
 * Tells whether `holder` would wait for itself if it paused `upstream`: whether something that has
 * to deliver before the holder can release is what would be paused, or is paused by a holder that
 * waits for that in turn.
 *
 * It walks the graph of "is paused by" and "has to deliver first", once for each new pause and not
 * for each value.
 */
export function wouldWaitForItself(holder: Holder, upstream: Upstream): boolean {
  const paused: Upstream[] = [];
  for (let each: Upstream | null | undefined = upstream; each !== null && each !== undefined; each = each.pauses) {
    if (paused.includes(each)) break;
    paused.push(each);
  }
  return new SelfWait(paused).visit(holder);
}

/** One walk. Each holder and each upstream is visited once in each of its two roles. */
class SelfWait implements Waits {
  private readonly paused: readonly Upstream[];
  private readonly delivering = new Set<Upstream>();
  private readonly released = new Set<Upstream>();
  private readonly holders = new Set<Holder>();

  constructor(paused: readonly Upstream[]) {
    this.paused = paused;
  }

  readonly visit = (holder: Holder): boolean => {
    if (this.holders.has(holder)) return false;
    this.holders.add(holder);
    return holder.awaits(this);
  };

  forDelivery(upstream: Upstream): boolean {
    if (this.forRelease(upstream)) return true;
    if (this.delivering.has(upstream)) return false;
    this.delivering.add(upstream);
    return upstream.needs?.(this) === true;
  }

  forRelease(upstream: Upstream): boolean {
    if (this.paused.includes(upstream)) return true;
    if (this.released.has(upstream)) return false;
    this.released.add(upstream);
    return upstream.heldBy?.(this.visit) === true;
  }
}
