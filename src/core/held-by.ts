import type { Holder } from './demand.ts';

/** The holds of one upstream: how many there are, and those of its holders that gave their name. */
export class HeldBy {
  private count = 0;
  // One field before a set: nearly always there is a single holder.
  private first: Holder | undefined = undefined;
  private more: Set<Holder> | undefined = undefined;

  get isEmpty(): boolean {
    return this.count === 0;
  }

  /** @returns whether this is the first hold. */
  add(holder: Holder | undefined): boolean {
    this.count++;
    if (holder !== undefined) {
      if (this.first === undefined) this.first = holder;
      else if (this.first !== holder) (this.more ??= new Set()).add(holder);
    }
    return this.count === 1;
  }

  /** @returns whether that was the last hold. */
  remove(holder: Holder | undefined): boolean {
    this.count--;
    if (holder !== undefined && holder === this.first) this.first = undefined;
    else if (holder !== undefined) this.more?.delete(holder);
    return this.count === 0;
  }

  visit(visit: (holder: Holder) => boolean): boolean {
    if (this.first !== undefined && visit(this.first)) return true;
    if (this.more !== undefined) for (const holder of this.more) if (visit(holder)) return true;
    return false;
  }
}
