import { Fifo } from '../pacing/fifo.ts';
import type { RequestRun } from './request-run.ts';
import type { IdPlan } from './rpc-plan.ts';

/** Which request an incoming message belongs to. */
export interface Correlation {
  /** How many places are taken. */
  readonly size: number;
  /** Begins to ask a request, and returns the message for it; throws what the caller's function does. */
  ask(run: RequestRun): unknown;
  /** The message of a request that was begun can't be sent. */
  withdraw(run: RequestRun): void;
  /** The message is about to be written. */
  commit(run: RequestRun): void;
  /** The request that a message belongs to, also one that was given up. */
  find(message: unknown): RequestRun | undefined;
  /** The last answer has come to the request that `find` found. */
  settle(run: RequestRun): void;
  /** A request that was committed is given up; its answers may still come. */
  giveUp(run: RequestRun): void;
  /** Empties it. */
  takeAll(): RequestRun[];
}

/** Answers come in the order of the requests. One that was given up keeps its place until its answer has come. */
export class ByOrder implements Correlation {
  private readonly runs = new Fifo<RequestRun>();

  get size(): number {
    return this.runs.size;
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

  find(): RequestRun | undefined {
    return this.runs.isEmpty ? undefined : this.runs.peek();
  }

  settle(): void {
    this.runs.shift();
  }

  giveUp(): void {
    // The answer that comes next but one would be taken for its own.
  }

  takeAll(): RequestRun[] {
    const all: RequestRun[] = [];
    while (!this.runs.isEmpty) all.push(this.runs.shift());
    return all;
  }
}

/**
 * Answers carry the id of their request. Requests that were given up are remembered, so that their late answers are told from
 * wrong ones: the oldest is forgotten when there are too many, and its id comes round again last.
 */
export class ById implements Correlation {
  private readonly plan: IdPlan;
  private readonly runs = new Map<number, RequestRun>();
  private readonly givenUp = new Set<RequestRun>();
  private last = 0;

  constructor(plan: IdPlan) {
    this.plan = plan;
  }

  get size(): number {
    return this.runs.size - this.givenUp.size;
  }

  ask(run: RequestRun): unknown {
    run.id = this.nextId();
    // Before the caller's function, which may ask for more.
    this.runs.set(run.id, run);
    return this.plan.assign(run.request, run.id);
  }

  /** There is a free one: fewer than all are under way, and no more are remembered than are left over. */
  private nextId(): number {
    do {
      this.last = this.last === this.plan.largest ? 1 : this.last + 1;
    } while (this.runs.has(this.last));
    return this.last;
  }

  withdraw(run: RequestRun): void {
    this.runs.delete(run.id);
  }

  commit(): void {
    // It has its place already.
  }

  find(message: unknown): RequestRun | undefined {
    const id = this.plan.idOf(message);
    return typeof id === 'number' ? this.runs.get(id) : undefined;
  }

  settle(run: RequestRun): void {
    this.runs.delete(run.id);
    if (this.givenUp.size > 0) this.givenUp.delete(run);
  }

  giveUp(run: RequestRun): void {
    this.givenUp.add(run);
    if (this.givenUp.size <= this.plan.remembered) return;
    const [oldest] = this.givenUp;
    if (oldest !== undefined) this.settle(oldest);
  }

  takeAll(): RequestRun[] {
    const all = [...this.runs.values()];
    this.runs.clear();
    this.givenUp.clear();
    return all;
  }
}
