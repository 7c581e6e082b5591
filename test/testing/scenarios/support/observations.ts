import { isNetFailure } from '../../../../src/index.ts';
import type { CloseInfo, DrainReport } from '../../../../src/index.ts';

/** How something ended: `complete`, `given up` by whoever wanted it, a failure's tag, or `defect: …`. */
export type End = string;

/** A failure of a user's own, thrown on purpose. */
export class Planted extends Error {
  readonly _tag = 'Planted';
}

export function endOf(error: unknown): End {
  if (isNetFailure(error) || error instanceof Planted) return error._tag;
  return `defect: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

/** What one end sent, what the other received, and how each of them was told that it ended. */
export class StreamRecord {
  readonly name: string;
  readonly sent: string[] = [];
  readonly received: string[] = [];
  sender: End | undefined = undefined;
  receiver: End | undefined = undefined;
  /** The items are parts of one text, cut anywhere. */
  isBytes = false;
  /** The connections that it went over, by their keys; all of them have to have ended in order for all of it to have arrived. */
  readonly over: string[] = [];

  constructor(name: string) {
    this.name = name;
  }

  /** Who sends is who receives, and was told once. */
  endedAs(end: End): void {
    this.sender = end;
    this.receiver = end;
  }
}

/** A connection's ledger, as one of its ends has it. */
export interface LedgerRecord {
  readonly key: string;
  readonly side: 'client' | 'server';
  readonly info: CloseInfo;
}

export interface DrainRecord {
  /** Open when it began, those that nobody had been given included. */
  readonly open: number;
  readonly deadline: number;
  readonly report: DrainReport;
}

/** What a scenario has seen. It keeps what the invariants need, and notes at once what can be judged at once. */
export class Observations {
  readonly streams: StreamRecord[] = [];
  readonly ledgers: LedgerRecord[] = [];
  readonly drains: DrainRecord[] = [];
  /** How each thing that has an end ended, by name; undefined for what has not ended. */
  readonly ends = new Map<string, End | undefined>();
  /** How often each request settled. */
  readonly requests = new Map<string, number>();
  readonly violations: string[] = [];
  /**
   * Connections, by their keys, that were reset on the way. Who has unread bytes then is told of an end in order, as by libuv on
   * Linux; that may be both of its ends.
   */
  readonly cut = new Set<string>();
  /** Connections that were watched and have not told their ledger. */
  private readonly unclosed = new Set<string>();

  stream(name: string): StreamRecord {
    const record = new StreamRecord(name);
    this.streams.push(record);
    return record;
  }

  opened(key: string, side: string): void {
    this.unclosed.add(`${key} (${side})`);
  }

  closed(key: string, side: 'client' | 'server', info: CloseInfo): void {
    this.require(this.unclosed.delete(`${key} (${side})`), `${key} told its close twice to its ${side}`);
    this.ledgers.push({ key, side, info });
  }

  get neverClosed(): readonly string[] {
    return [...this.unclosed];
  }

  /** Something begins that has to end, once; what is returned is to be called with how it did. */
  begins(name: string): (end: End) => End {
    this.require(!this.ends.has(name), `${name} began twice`);
    this.ends.set(name, undefined);
    return (end) => {
      this.require(this.ends.get(name) === undefined, `${name} ended twice, the second time as ${end}`);
      this.ends.set(name, end);
      return end;
    };
  }

  asked(name: string): void {
    this.requests.set(name, 0);
  }

  settled(name: string): void {
    this.requests.set(name, (this.requests.get(name) ?? 0) + 1);
  }

  atMost(what: string, actual: number, bound: number): void {
    this.require(actual <= bound, `${what}: ${actual}, which is more than ${bound}`);
  }

  require(isSo: boolean, otherwise: string): void {
    // A few say it all.
    if (!isSo && this.violations.length < 20) this.violations.push(otherwise);
  }
}
