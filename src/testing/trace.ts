/** One thing that happened on the network. */
export interface TraceEntry {
  /** Virtual time, in ms. */
  readonly time: number;
  readonly from: string;
  readonly to: string;
  readonly what: string;
  readonly size: number;
  /** It was sent, and did not arrive. */
  readonly lost: boolean;
}

/** What happened, in order; the oldest entries are dropped beyond a limit, and counted. */
export class Trace {
  private readonly limit: number;
  private entries: TraceEntry[] = [];
  private forgotten = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  add(entry: TraceEntry): void {
    if (this.limit === 0) return;
    this.entries.push(entry);
    // By halves, so that it costs next to nothing.
    if (this.entries.length < 2 * this.limit) return;
    this.forgotten += this.entries.length - this.limit;
    this.entries = this.entries.slice(-this.limit);
  }

  all(): readonly TraceEntry[] {
    return this.entries.slice(-this.limit || this.entries.length);
  }

  get dropped(): number {
    return this.forgotten + Math.max(0, this.entries.length - this.limit);
  }

  /** One line an entry, with its virtual time. */
  text(last = this.limit): string {
    return this.all().slice(-last).map(lineOf).join('\n');
  }
}

function lineOf({ time, from, to, what, size, lost }: TraceEntry): string {
  const parts = [time.toFixed(3).padStart(12), from];
  if (to !== '') parts.push('→', to);
  parts.push(what);
  if (size > 0) parts.push(String(size));
  if (lost) parts.push('(lost)');
  return parts.join(' ');
}
