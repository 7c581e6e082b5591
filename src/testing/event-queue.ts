/** Something that is to happen at a moment of virtual time. */
export interface Scheduled {
  readonly time: number;
  /** Of two at the same moment the one that was scheduled first comes first. */
  readonly order: number;
  readonly callback: () => void;
  /** Where it stands in the heap, -1 once it has fired or was cancelled. */
  place: number;
}

/**
 * What is to happen, by time: a binary heap, from which an entry can be taken out again. Nothing that was cancelled stays
 * behind, so a time limit that is renewed with every chunk costs no memory.
 */
export class EventQueue {
  private readonly heap: Scheduled[] = [];
  private order = 0;

  get size(): number {
    return this.heap.length;
  }

  get first(): Scheduled | undefined {
    return this.heap[0];
  }

  add(time: number, callback: () => void): Scheduled {
    const entry: Scheduled = { time, order: this.order++, callback, place: this.heap.length };
    this.heap.push(entry);
    this.rise(entry);
    return entry;
  }

  /** Takes an entry out; false when it is not in any more. */
  remove(entry: Scheduled): boolean {
    const { place } = entry;
    if (place < 0) return false;
    entry.place = -1;
    const last = this.heap.pop();
    if (last === undefined || last === entry) return true;
    this.put(last, place);
    this.rise(last);
    this.sink(last);
    return true;
  }

  private put(entry: Scheduled, place: number): void {
    this.heap[place] = entry;
    entry.place = place;
  }

  private rise(entry: Scheduled): void {
    while (entry.place > 0) {
      const parentPlace = (entry.place - 1) >> 1;
      const parent = this.heap[parentPlace];
      if (parent === undefined || isBefore(parent, entry)) return;
      this.put(parent, entry.place);
      this.put(entry, parentPlace);
    }
  }

  private sink(entry: Scheduled): void {
    for (;;) {
      const left = this.heap[2 * entry.place + 1];
      const right = this.heap[2 * entry.place + 2];
      const child = right !== undefined && left !== undefined && isBefore(right, left) ? right : left;
      if (child === undefined || isBefore(entry, child)) return;
      const { place } = child;
      this.put(child, entry.place);
      this.put(entry, place);
    }
  }
}

function isBefore(a: Scheduled, b: Scheduled): boolean {
  return a.time < b.time || (a.time === b.time && a.order < b.order);
}
