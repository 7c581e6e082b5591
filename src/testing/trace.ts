/** What a trace tells of: segments, and what becomes of hosts and of the network. */
export const TRACE_KINDS = [
  'SYN',
  'SYN-ACK',
  'ACK',
  'DATA',
  'WINDOW',
  'FIN',
  'RST',
  'KEEP-ALIVE',
  'LISTEN',
  'BACKLOG-FULL',
  'CRASH',
  'RESTART',
  'PARTITION',
  'HEAL',
  'FAULT',
  'FAULT-END',
] as const;

/** What an entry of a trace tells of. */
export type TraceKind = (typeof TRACE_KINDS)[number];

/** One thing that happened on a simulated network: an entry of `network.traceEntries()`. */
export interface TraceEntry {
  /** Virtual time, in ms. */
  readonly time: number;
  readonly from: string;
  readonly to: string;
  readonly what: TraceKind;
  readonly size: number;
  /** What becomes of a segment; undefined for all that is none. */
  readonly fate?: SegmentFate | undefined;
  /** When a segment arrives, in ms of virtual time; undefined when it doesn't. */
  readonly arrives?: number | undefined;
  /** Which fault it is. */
  readonly detail?: string | undefined;
}

/** What becomes of a segment on its way. Lost ones are sent again; held ones too, once the fault is taken back. */
export type SegmentFate = 'arrives' | 'lost' | 'held' | 'reset' | 'corrupted';

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

  /** All that is kept, and how much is not. */
  wholeText(): string {
    const { dropped } = this;
    const what = dropped === 1 ? 'entry was' : 'entries were';
    return dropped === 0 ? this.text() : `… ${dropped} older ${what} dropped\n${this.text()}`;
  }

  /** An array, with a line for each entry. */
  json(): string {
    const lines = this.all().map((entry) => `  ${JSON.stringify(entry)}`);
    return lines.length === 0 ? '[]' : `[\n${lines.join(',\n')}\n]`;
  }
}

function lineOf({ time, from, to, what, size, fate, detail }: TraceEntry): string {
  const parts = [time.toFixed(3).padStart(12), from];
  if (to !== '') parts.push(isMutual(what) ? '↔' : '→', to);
  parts.push(what);
  if (size > 0) parts.push(String(size));
  if (detail !== undefined) parts.push(detail);
  if (fate !== undefined && fate !== 'arrives') parts.push(`(${fate})`);
  return parts.join(' ');
}

/** Whether it is between two hosts, and not from one to the other. */
function isMutual(what: TraceKind): boolean {
  return what === 'PARTITION' || what === 'HEAL';
}
