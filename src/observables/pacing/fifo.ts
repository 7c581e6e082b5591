/** A queue on an array: `shift` moves a head instead of all items. */
export class Fifo<T> {
  private items: T[] = [];
  private head = 0;

  get size(): number {
    return this.items.length - this.head;
  }

  get isEmpty(): boolean {
    return this.items.length === this.head;
  }

  push(item: T): void {
    this.items.push(item);
  }

  /** The first item; only when it isn't empty. */
  peek(): T {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- within the bounds; an item may be undefined itself
    return this.items[this.head] as T;
  }

  /** Takes the first item; only when it isn't empty. */
  shift(): T {
    const item = this.peek();
    this.head++;
    if (this.head === this.items.length) {
      this.items.length = 0;
      this.head = 0;
    } else if (this.head >= 1024 && this.head * 2 >= this.items.length) {
      // Lets go of what was taken; each item is moved at most once per doubling.
      this.items = this.items.slice(this.head);
      this.head = 0;
    }
    return item;
  }

  /** Whether `test` returns true for an item; it is called for the first ones first. */
  some(test: (item: T) => boolean): boolean {
    for (let index = this.head; index < this.items.length; index++) {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- within the bounds; an item may be undefined itself
      if (test(this.items[index] as T)) return true;
    }
    return false;
  }

  /** The items, first to last; takes none. */
  toArray(): T[] {
    return this.items.slice(this.head);
  }

  clear(): void {
    this.items = [];
    this.head = 0;
  }
}
