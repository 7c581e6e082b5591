import { Observable, type ObservableInput, type ObservedValueOf, Subject } from 'rxjs';

import { captureContext, type Context } from '../../core/context.ts';
import { withoutUpstream } from '../../core/demand.ts';
import { ConnectionClosed, PoolExhausted } from '../../core/failures/index.ts';
import { checkFunction, refuse } from '../../core/options/index.ts';
import type { CloseInfo, Connection } from '../connection.ts';
import { inContext } from '../internal/in-context.ts';
import { LiveConnection } from '../internal/live-connection.ts';
import { readDrainTimeout } from '../internal/read-options.ts';
import { reportUnhandled } from '../internal/report-unhandled.ts';
import { Dial, type DialOwner } from './dial.ts';
import type { PoolEvent, PoolReport, PoolStats } from './events.ts';
import { LeaseRun } from './lease-run.ts';
import type { PoolPlan } from './options.ts';
import type { Lease } from './pool.ts';
import { poolClosed } from './pool-closed.ts';
import { Pooled, type PooledOwner, type Stage } from './pooled.ts';
import { UseRun } from './use-run.ts';
import type { Lender, Waiter } from './waiter.ts';

/** A pool that is closing. */
interface Closing {
  readonly since: number;
  readonly refused: number;
  /** How many were in use when it began. */
  readonly leased: number;
  readonly resolve: (report: PoolReport) => void;
  cut: number;
  cancelTimer: (() => void) | undefined;
}

/**
 * A pool: who waits, what is free, what is being dialled.
 *
 * `serve` is the only place where what is free is lent, checked or dialled for those who wait: a loop, so that who is lent to and
 * gives back at once doesn't recurse.
 */
export class ConnectionPool implements PooledOwner, DialOwner, Lender {
  readonly plan: PoolPlan;
  private readonly source: Observable<Connection>;
  /** In the order in which they came. */
  private readonly waiters = new Set<Waiter>();
  /** All connections that stand, whatever they do. */
  private readonly members = new Set<Pooled>();
  /** Of these the idle ones. The one that was used last is last, and lent first, so that those that aren't needed have their time. */
  private readonly free: Pooled[] = [];
  private readonly dials = new Set<Dial>();
  private readonly counts: Record<Stage, number> = { idle: 0, leased: 0, settling: 0, checking: 0, leaving: 0 };
  /** That of the pool: a connection outlives the user who made it necessary, and so must not keep what that one has set. */
  private readonly context: Context = captureContext();
  private serving = false;
  private readonly subject = new Subject<PoolEvent>();
  private closing: Closing | undefined = undefined;
  private closed: Promise<PoolReport> | undefined = undefined;

  constructor(source: Observable<Connection>, plan: PoolPlan) {
    this.source = source;
    this.plan = plan;
  }

  get events(): Observable<PoolEvent> {
    return inContext(this.subject);
  }

  get stats(): PoolStats {
    return {
      size: this.total,
      idle: this.counts.idle + this.coming,
      leased: this.counts.leased,
      dialling: this.dials.size,
      waiting: this.waiters.size,
    };
  }

  private get total(): number {
    return this.members.size + this.dials.size;
  }

  /** Connections that are about to be free. */
  private get coming(): number {
    return this.counts.settling + this.counts.checking;
  }

  use<I extends ObservableInput<unknown>>(work: (connection: Connection) => I): Observable<ObservedValueOf<I>> {
    return new Observable((subscriber) => {
      try {
        checkFunction('work', work);
      } catch (failure) {
        subscriber.error(failure);
        return;
      }
      const run = new UseRun(this, work, subscriber);
      // Before it begins: it may be over within the call.
      subscriber.add(run);
      this.acquire(run);
    });
  }

  lease(): Observable<Lease> {
    return new Observable((subscriber) => {
      const run = new LeaseRun(this, subscriber);
      subscriber.add(() => run.unsubscribe());
      this.acquire(run);
    });
  }

  // ---- who waits

  private acquire(waiter: Waiter): void {
    if (this.closing !== undefined) {
      waiter.refused(poolClosed());
      return;
    }
    const ready = this.waiters.size === 0 ? this.takeFree() : undefined;
    if (ready !== undefined) {
      this.lend(ready, waiter);
      return;
    }
    const { size, maxWaiting, acquireTimeout, clock } = this.plan;
    // As many are served without anybody giving a connection back.
    const served = this.free.length + this.coming + this.dials.size + Math.max(0, size - this.total);
    if (this.waiters.size >= served + maxWaiting) {
      waiter.refused(new PoolExhausted({ size, waiting: this.waiters.size }));
      return;
    }
    this.waiters.add(waiter);
    waiter.cancelTimer = clock.after(acquireTimeout, () => this.timedOut(waiter), true);
    this.serve();
  }

  private timedOut(waiter: Waiter): void {
    if (!this.forget(waiter)) return;
    const { size, acquireTimeout } = this.plan;
    waiter.refused(new PoolExhausted({ size, waiting: this.waiters.size, waited: acquireTimeout }));
  }

  /** What is being dialled for it becomes free. */
  forget(waiter: Waiter): boolean {
    waiter.cancelTimer?.();
    waiter.cancelTimer = undefined;
    return this.waiters.delete(waiter);
  }

  private shiftWaiter(): Waiter | undefined {
    for (const waiter of this.waiters) {
      this.forget(waiter);
      return waiter;
    }
    return undefined;
  }

  // ---- what is lent

  /** The free connection that was used last and may be lent as it is. */
  private takeFree(): Pooled | undefined {
    for (let at = this.free.length - 1; at >= 0; at--) {
      const pooled = this.free[at];
      if (pooled === undefined || pooled.isStale) continue;
      if (pooled.connection.isUnused) return pooled;
      // Somebody has kept it, and used it.
      pooled.leave('unclean');
    }
    return undefined;
  }

  private lend(pooled: Pooled, waiter: Waiter): void {
    pooled.beLeased();
    waiter.granted(pooled);
  }

  giveBack(pooled: Pooled, clean: boolean): void {
    if (pooled.stage !== 'leased') return;
    if (!clean) pooled.leave('gaveUp');
    else if (this.closing !== undefined) pooled.leave('closed');
    else this.context.runInAsyncScope(() => pooled.release(), undefined);
  }

  /** Serves those who wait, as far as there is something to serve them with. */
  private serve(): void {
    if (this.serving || this.closing !== undefined || this.waiters.size === 0) return;
    this.serving = true;
    try {
      // What is being delivered at this moment, to whoever gave back, is not what is lent here.
      this.context.runInAsyncScope(withoutUpstream, undefined, this.serveAll);
    } finally {
      this.serving = false;
    }
  }

  private readonly serveAll = (): void => {
    for (let more = true; more;) more = this.lendFree() || this.makeReady();
  };

  private lendFree(): boolean {
    if (this.waiters.size === 0) return false;
    const ready = this.takeFree();
    const waiter = ready === undefined ? undefined : this.shiftWaiter();
    if (ready === undefined || waiter === undefined) return false;
    this.lend(ready, waiter);
    return true;
  }

  /** Checks or dials one more, when fewer are under way than wait. */
  private makeReady(): boolean {
    if (this.coming + this.dials.size >= this.waiters.size) return false;
    const { size, check } = this.plan;
    const stale = this.free.at(-1);
    if (stale !== undefined && check !== undefined) stale.check(check);
    else if (this.total < size) this.dial();
    else return false;
    return true;
  }

  // ---- what is dialled

  private dial(): void {
    const dial = new Dial(this);
    this.dials.add(dial);
    this.source.subscribe(dial);
  }

  dialled(dial: Dial, connection: Connection): void {
    let pooled: Pooled;
    try {
      pooled = new Pooled(liveConnection(connection), dial, this);
    } catch (error) {
      // What is no connection of ours; or what the caller's source of chance threw.
      dial.unsubscribe();
      this.dialFailed(dial, error);
      return;
    }
    this.dials.delete(dial);
    this.members.add(pooled);
    this.subject.next({ type: 'opened', connection });
    // Who was told may have closed the pool.
    if (this.closing === undefined) pooled.arrive();
    else pooled.leave('closed');
  }

  dialFailed(dial: Dial, failure: unknown): void {
    if (!this.dials.delete(dial)) return;
    this.subject.next({ type: 'dialFailed', failure });
    this.shiftWaiter()?.refused(failure);
    this.serve();
  }

  // ---- what the connections tell

  moved(pooled: Pooled, from: Stage | undefined): void {
    const { stage } = pooled;
    if (from !== undefined) this.counts[from]--;
    if (stage !== undefined) this.counts[stage]++;
    if (from === 'idle') this.free.splice(this.free.indexOf(pooled), 1);
    if (stage !== 'idle') return;
    this.free.push(pooled);
    this.serve();
  }

  checkThrew(error: unknown): void {
    const waiter = this.shiftWaiter();
    if (waiter === undefined) reportUnhandled(error);
    else waiter.refused(error);
  }

  left(pooled: Pooled, info: CloseInfo): void {
    this.members.delete(pooled);
    this.counts.leaving--;
    const { connection, reason, failure } = pooled;
    this.subject.next({ type: 'closed', connection, reason, failure, info });
    this.serve();
    this.reportIfClosed();
  }

  // ---- the end

  close(options: { readonly drainTimeout?: number | undefined } = {}): Promise<PoolReport> {
    let drainTimeout: number;
    try {
      drainTimeout = readDrainTimeout(options);
    } catch (failure) {
      return Promise.reject(failure);
    }
    this.closed ??= new Promise((resolve) => this.beginClosing(drainTimeout, resolve));
    return this.closed;
  }

  private beginClosing(drainTimeout: number, resolve: (report: PoolReport) => void): void {
    const { clock } = this.plan;
    const closing: Closing = {
      since: clock.now(),
      refused: this.waiters.size,
      leased: this.counts.leased,
      resolve,
      cut: 0,
      cancelTimer: undefined,
    };
    this.closing = closing;
    for (const dial of this.dials) dial.unsubscribe();
    this.dials.clear();
    for (const pooled of this.members) if (pooled.stage !== 'leased') pooled.leave('closed');
    if (closing.leased > 0) closing.cancelTimer = clock.after(drainTimeout, () => this.cut(), true);
    for (let waiter = this.shiftWaiter(); waiter !== undefined; waiter = this.shiftWaiter()) {
      waiter.refused(poolClosed());
    }
    this.reportIfClosed();
  }

  private cut(): void {
    const { closing } = this;
    if (closing === undefined) return;
    for (const pooled of this.members) {
      if (pooled.stage !== 'leased') continue;
      closing.cut++;
      pooled.leave('closed');
    }
  }

  private reportIfClosed(): void {
    const { closing } = this;
    if (closing === undefined || this.members.size > 0) return;
    closing.cancelTimer?.();
    const { leased, cut, refused, since, resolve } = closing;
    resolve({ finished: leased - cut, cut, refused, duration: this.plan.clock.now() - since });
    this.subject.complete();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function liveConnection(connection: unknown): LiveConnection {
  if (connection instanceof LiveConnection) {
    if (connection.state === 'open') return connection;
    throw new ConnectionClosed({ ...connection.failureDetails(), message: 'it closed before it came to the pool' });
  }
  return refuse('target', connection, 'a flow of connections, such as connect() gives');
}
