import { Fifo } from '../pacing/fifo.ts';
import type { OwedIds } from './owed-ids.ts';
import type { RequestRun } from './request-run.ts';
import type { IdPlan } from './rpc-plan.ts';

/**
 * An answer to a request that was given up, and is not known any more: its id, where there is one.
 */
export type Late = number;

/** Which request an incoming message belongs to. */
export interface Correlation {
  /** How many places are taken. */
  readonly size: number;
  /**
   * How many requests that were given up are owed an answer, as far as they keep others from being
   * sent.
   */
  readonly owed: number;
  /** Whether one more request can be told from those that are owed an answer. */
  readonly hasFree: boolean;
  /**
   * Whether requests wait only because of those that were given up: without them there were room.
   */
  waitsForOwed(maxInFlight: number): boolean;
  /** Begins to ask a request, and returns the message for it; throws what the caller's function does. */
  ask(run: RequestRun): unknown;
  /** The message of a request that was begun can't be sent. */
  withdraw(run: RequestRun): void;
  /** The message is about to be written. */
  commit(run: RequestRun): void;
  /** The request that a message belongs to, also one that was given up. */
  find(message: unknown): RequestRun | Late | undefined;
  /** The last answer has come to the request that `find` found. */
  settle(run: RequestRun): void;
  settleLate(late: Late): void;
  /** A request that was committed is given up; its answers may still come. */
  giveUp(run: RequestRun): void;
  /**
   * Takes out the requests in flight: from now on they are owed an answer as those that were given
   * up.
   */
  giveUpAll(): RequestRun[];
  /** The same connection had another one before: what the peer owes, it owes still. */
  inherit(former: Correlation): void;
}

/** Answers come in the order of the requests. One that was given up keeps its place until its answer has come. */
export class ByOrder implements Correlation {
  private readonly runs = new Fifo<RequestRun>();
  /** How many answers come before those of `runs`, for requests that are not known any more. */
  private before = 0;
  /** How many of `runs` were given up. */
  private givenUp = 0;
  readonly hasFree = true;

  get size(): number {
    return this.runs.size + this.before;
  }

  get owed(): number {
    return this.givenUp + this.before;
  }

  /** A stream of answers may last: behind one that is wanted, waiting is in order. */
  waitsForOwed(maxInFlight: number): boolean {
    return this.size >= maxInFlight && this.owed === this.size;
  }

  ask(run: RequestRun): unknown {
    return run.request;
  }

  withdraw(): void {
    // It has no place yet.
  }

  commit(run: RequestRun): void {
    this.runs.push(run);
  }

  find(): RequestRun | Late | undefined {
    if (this.before > 0) return 0;
    return this.runs.isEmpty ? undefined : this.runs.peek();
  }

  settle(run: RequestRun): void {
    this.runs.shift();
    if (run.isSettled) this.givenUp--;
  }

  settleLate(): void {
    this.before--;
  }

  giveUp(): void {
    // It keeps its place: the answer that comes next but one would be taken for its own.
    this.givenUp++;
  }

  giveUpAll(): RequestRun[] {
    const all: RequestRun[] = [];
    while (!this.runs.isEmpty) all.push(this.runs.shift());
    this.before += all.length;
    this.givenUp = 0;
    return all;
  }

  inherit(former: Correlation): void {
    if (former instanceof ByOrder) this.before = former.before;
  }
}

/**
 * Answers carry the id of their request. The id of a request that was given up is not given out
 * again before its answer has come: another request would take that for its own.
 */
export class ById implements Correlation {
  private readonly plan: IdPlan;
  private readonly runs = new Map<number, RequestRun>();
  private owedIds: OwedIds;
  /** The id that was given out last. */
  private last = 0;

  constructor(plan: IdPlan, owedIds: OwedIds) {
    this.plan = plan;
    this.owedIds = owedIds;
  }

  get size(): number {
    return this.runs.size;
  }

  get owed(): number {
    return this.owedIds.size;
  }

  get hasFree(): boolean {
    const { largest } = this.plan;
    if (this.runs.size + this.owedIds.size < largest) return true;
    this.owedIds.expire();
    return this.runs.size + this.owedIds.size < largest;
  }

  waitsForOwed(maxInFlight: number): boolean {
    return this.runs.size < maxInFlight && !this.hasFree;
  }

  ask(run: RequestRun): unknown {
    run.id = this.nextId();
    // Before the caller's function, which may ask for more.
    this.runs.set(run.id, run);
    return this.plan.assign(run.request, run.id);
  }

  /** There is a free one: see `hasFree`. */
  private nextId(): number {
    const { runs, owedIds } = this;
    const { largest } = this.plan;
    let id = this.last;
    do {
      id = owedIds.skipPresumed(id >= largest ? 1 : id + 1);
    } while (runs.has(id) || owedIds.has(id));
    this.last = id;
    return id;
  }

  withdraw(run: RequestRun): void {
    this.runs.delete(run.id);
  }

  commit(): void {
    // It has its place already.
  }

  find(message: unknown): RequestRun | Late | undefined {
    const id = this.plan.idOf(message);
    if (typeof id !== 'number') return undefined;
    return this.runs.get(id) ?? (Number.isInteger(id) && id > 0 && this.owedIds.has(id) ? id : undefined);
  }

  settle(run: RequestRun): void {
    // Where few are free, the search for the next one begins here.
    if (!this.hasFree) this.last = run.id - 1;
    // A function of the caller's may have given it up just now.
    if (!this.runs.delete(run.id)) this.owedIds.delete(run.id);
  }

  settleLate(late: Late): void {
    if (!this.hasFree) this.last = late - 1;
    this.owedIds.delete(late);
  }

  giveUp(run: RequestRun): void {
    this.runs.delete(run.id);
    this.owedIds.add(run.id);
  }

  giveUpAll(): RequestRun[] {
    const all = [...this.runs.values()];
    for (const run of all) this.giveUp(run);
    return all;
  }

  inherit(former: Correlation): void {
    if (!(former instanceof ById)) return;
    this.last = former.last;
    this.owedIds = former.owedIds;
  }
}
