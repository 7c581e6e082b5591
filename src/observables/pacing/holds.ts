import type { Holder, Room, Upstream } from '../../core/demand.ts';
import { wouldWaitForItself } from '../../core/self-wait.ts';

/** The upstreams that one holder pauses, each of them once. */
export class Holds {
  private readonly holder: Holder;
  // One field before a map: nearly always there is a single upstream.
  private first: Upstream | null = null;
  private releaseFirst: (() => void) | null = null;
  private more: Map<Upstream, () => void> | null = null;

  constructor(holder: Holder) {
    this.holder = holder;
  }

  get isEmpty(): boolean {
    return this.first === null;
  }

  has(upstream: Upstream): boolean {
    return this.first === upstream || this.more?.has(upstream) === true;
  }

  /**
   * Pauses an upstream, unless the holder would wait for itself then: what that brings has to be
   * buffered. With `room` the rest of a short array is taken first.
   */
  add(upstream: Upstream, room?: Room): void {
    if (this.has(upstream) || wouldWaitForItself(this.holder, upstream)) return;
    const burst = room === undefined ? undefined : upstream.holdAfterBurst?.(this.holder, room);
    const release = burst ?? upstream.hold(this.holder);
    if (this.first === null) {
      this.first = upstream;
      this.releaseFirst = release;
    } else {
      (this.more ??= new Map()).set(upstream, release);
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
