import type { Upstream, Waits } from '../../core/demand.ts';

/** How many different upstreams one piece of work is remembered by; one more replaces the last. */
const MAX_UPSTREAMS = 16;

/**
 * A piece of work in flight, such as an inner of `concatMap`, as far as demand is concerned: the
 * upstreams that have to deliver before it can complete. They are learned from what it subscribes
 * to and from what it emits.
 */
export class Work {
  /** The work that was being begun when this one was. */
  outer: Work | null = null;
  private first: Upstream | null = null;
  private more: Set<Upstream> | null = null;
  private last: Upstream | null = null;

  learn(upstream: Upstream): void {
    if (upstream === this.last) return;
    this.last = upstream;
    if (this.first === null || this.first === upstream) {
      this.first = upstream;
      return;
    }
    const more = (this.more ??= new Set());
    if (more.size < MAX_UPSTREAMS) more.add(upstream);
    else this.first = upstream;
  }

  /** Reports these upstreams, until one report returns true. */
  reportTo(waits: Waits): boolean {
    if (this.first !== null && waits.forDelivery(this.first)) return true;
    if (this.more !== null) for (const upstream of this.more) if (waits.forDelivery(upstream)) return true;
    return false;
  }
}

/** The work that is being begun on this stack, innermost first. */
let beginning: Work | null = null;

/** Begins what subscribes for `work`; pass what it returns to `leaveWork`, in a `finally`. */
export function enterWork(work: Work | null): Work | null {
  const outer = beginning;
  if (work !== null) work.outer = outer;
  beginning = work;
  return outer;
}

/** Ends what `enterWork` began. */
export function leaveWork(outer: Work | null): void {
  beginning = outer;
}

/**
 * Tells the work that is being begun on this stack that it cannot complete unless `upstream`
 * delivers.
 */
export function announceNeed(upstream: Upstream): void {
  for (let each = beginning; each !== null; each = each.outer) each.learn(upstream);
}
