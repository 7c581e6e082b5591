import type { Upstream } from '../../core/demand.ts';

/** The upstreams that one operator holds, each of them once. */
export class Holds {
  // One slot before a map: nearly always there is a single upstream.
  private first: Upstream | null = null;
  private releaseFirst: (() => void) | null = null;
  private more: Map<Upstream, () => void> | null = null;

  get isEmpty(): boolean {
    return this.first === null;
  }

  has(upstream: Upstream): boolean {
    return this.first === upstream || this.more?.has(upstream) === true;
  }

  add(upstream: Upstream): void {
    if (this.first === null) {
      this.first = upstream;
      this.releaseFirst = upstream.hold();
    } else if (this.first !== upstream && this.more?.has(upstream) !== true) {
      this.more ??= new Map();
      this.more.set(upstream, upstream.hold());
    }
  }

  /** Releases all. What is released may emit before this returns, and be held again. */
  release(): void {
    const { releaseFirst, more } = this;
    this.first = null;
    this.releaseFirst = null;
    this.more = null;
    releaseFirst?.();
    if (more !== null) for (const release of more.values()) release();
  }
}
