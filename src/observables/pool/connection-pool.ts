import { Observable, type ObservableInput } from 'rxjs';

import { type Clock, systemClock } from '../../core/clock.ts';
import { captureContext, type Context } from '../../core/context.ts';
import { withoutUpstream } from '../../core/demand.ts';
import { type DeadlineExceeded, PoolExhausted } from '../../core/failures/index.ts';
import { checkFunction } from '../../core/options/index.ts';
import { guarded, reportDefect } from '../../core/report-defect.ts';
import type { CloseInfo, Connection } from '../connection.ts';
import type { OneChunk } from '../one-chunk.ts';
import { Broadcast } from '../internal/broadcast.ts';
import type { LiveConnection } from '../internal/live-connection.ts';
import { readDrainTimeout } from '../internal/read-options.ts';
import type { Closing } from './closing.ts';
import { Dial, type DialOwner } from './dial.ts';
import { Dials, type DialsOwner } from './dials.ts';
import type { PoolEvent, PoolReport, PoolStats } from './events.ts';
import { LeaseRun } from './lease-run.ts';
import { liveConnectionOf } from './live-connection-of.ts';
import type { PoolPlan } from './options.ts';
import type { Lease } from './pool.ts';
import { poolClosed } from './pool-closed.ts';
import { Pooled, type PooledOwner, type Stage } from './pooled.ts';
import { UseRun } from './use-run.ts';
import type { Lender, Waiter } from './waiter.ts';

/**
 * A pool: who waits, what is free, what is being dialled.
 *
 * `serve` is the only place where what is free is lent, checked or dialled for those who wait: a
 * loop, so that who is lent to and gives back at once doesn't recurse.
 */
export class ConnectionPool implements PooledOwner, DialOwner, DialsOwner, Lender {
  readonly plan: PoolPlan;
  private readonly source: Observable<Connection>;
  /** In the order in which they came. */
  private readonly waiters = new Set<Waiter>();
  /** All connections that stand, whatever they do. */
  private readonly members = new Set<Pooled>();
  /**
   * Of these the idle ones. The one that was used last is last, and lent first, so that those that
   * aren't needed have their time.
   */
  private readonly free: Pooled[] = [];
  private readonly dials = new Dials(this);
  /** Connections whose check counts for nobody. */
  private readonly slow = new Set<Pooled>();
  /** That of the connections, once one was dialled. */
  private foundClock: Clock | undefined = undefined;
  private readonly counts: Record<Stage, number> = { idle: 0, leased: 0, settling: 0, checking: 0, leaving: 0 };
  /**
   * That of the pool: a connection outlives the user who made it necessary, and so must not keep
   * what that one has set.
   */
  private readonly context: Context = captureContext();
  private serving = false;
  private readonly broadcast = new Broadcast<PoolEvent>();
  private closing: Closing | undefined = undefined;
  private closed: Promise<PoolReport> | undefined = undefined;

  constructor(source: Observable<Connection>, plan: PoolPlan) {
    this.source = source;
    this.plan = plan;
  }

  get clock(): Clock {
    return this.plan.clock ?? this.foundClock ?? systemClock;
  }

  get patience(): number {
    return this.plan.patience;
  }

  get events(): Observable<PoolEvent> {
    return this.broadcast.flow;
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

  use(work: (connection: Connection) => ObservableInput<unknown> | OneChunk): Observable<never> {
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
    const { size, maxWaiting, acquireTimeout } = this.plan;
    // As many are served without anybody giving a connection back.
    const served = this.free.length + this.coming + this.dials.size + Math.max(0, size - this.total);
    if (this.waiters.size >= served + maxWaiting) {
      waiter.refused(new PoolExhausted({ size, waiting: this.waiters.size }));
      return;
    }
    this.waiters.add(waiter);
    // The first dial may be what tells whose clock it is.
    this.serve();
    if (!this.waiters.has(waiter)) return;
    waiter.deadline = this.clock.now() + acquireTimeout;
    waiter.cancelTimer = this.clock.after(acquireTimeout, () => this.timedOut(waiter), true);
  }

  private timedOut(waiter: Waiter): void {
    // A timer of the platform may come a fraction of a millisecond early.
    waiter.deadline = Number.NEGATIVE_INFINITY;
    if (!this.remove(waiter)) return;
    const { size, acquireTimeout } = this.plan;
    guarded(() => waiter.refused(new PoolExhausted({ size, waiting: this.waiters.size, waited: acquireTimeout })));
    this.serve();
  }

  forget(waiter: Waiter): void {
    if (this.remove(waiter)) this.serve();
  }

  private remove(waiter: Waiter): boolean {
    waiter.cancelTimer?.();
    waiter.cancelTimer = undefined;
    const { dial, deadline } = waiter;
    waiter.dial = undefined;
    const waited = this.waiters.delete(waiter);
    if (dial !== undefined) this.dials.abandon(dial, deadline);
    return waited;
  }

  private shiftWaiter(): Waiter | undefined {
    for (const waiter of this.waiters) {
      this.remove(waiter);
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
    guarded(
      () => waiter.granted(pooled),
      (thrown) => pooled.connection.reportDefect(thrown),
    );
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

  /** Checks or dials one more, when fewer are in flight than wait. */
  private makeReady(): boolean {
    if (this.coming - this.slow.size + this.dials.counting >= this.waiters.size) return false;
    const { size, check } = this.plan;
    const stale = this.free.at(-1);
    if (stale !== undefined && check !== undefined) {
      const [first] = this.waiters;
      stale.check(check, first);
      return true;
    }
    const waiter = this.firstWithoutDial();
    if (waiter === undefined) return false;
    if (this.total >= size && !this.dials.endOverdue()) {
      this.endSlowCheck();
      return false;
    }
    this.dial(waiter);
    return true;
  }

  /**
   * Takes the place of a connection whose check is for nobody any more, as soon as it has closed.
   */
  private endSlowCheck(): void {
    for (const pooled of this.slow) {
      if (pooled.checkedFor !== undefined && this.waiters.has(pooled.checkedFor)) continue;
      pooled.endCheck();
      return;
    }
  }

  // ---- what is dialled

  /** At most as many are passed over as there are dials. */
  private firstWithoutDial(): Waiter | undefined {
    for (const waiter of this.waiters) if (waiter.dial === undefined) return waiter;
    return undefined;
  }

  private dial(waiter: Waiter): void {
    const dial = new Dial(this, waiter, this.clock.now());
    waiter.dial = dial;
    this.dials.add(dial);
    try {
      dial.start(this.source);
    } catch (error) {
      // A teardown of a flow that ended within the call.
      this.dialFailed(dial, error);
    }
    // By the clock that it has been found on.
    dial.since = this.clock.now();
  }

  dialling(connection: LiveConnection): void {
    this.foundClock = connection.settings.clock;
  }

  dialEnded(_dial: Dial, failure: DeadlineExceeded): void {
    this.broadcast.emit({ type: 'dialFailed', failure });
  }

  dialIsOverdue(): void {
    this.serve();
  }

  checkIsSlow(pooled: Pooled): void {
    this.slow.add(pooled);
    this.serve();
  }

  dialled(dial: Dial, connection: Connection): void {
    let pooled: Pooled;
    try {
      pooled = new Pooled(liveConnectionOf(connection), dial, this);
    } catch (error) {
      // What is no connection of ours; or what the caller's source of chance threw.
      guarded(() => dial.unsubscribe());
      this.dialFailed(dial, error);
      return;
    }
    this.dials.delete(dial);
    this.members.add(pooled);
    this.broadcast.emit({ type: 'opened', connection });
    // Who was told may have closed the pool.
    if (this.closing === undefined) pooled.arrive();
    else pooled.leave('closed');
  }

  dialFailed(dial: Dial, failure: unknown): void {
    if (!this.dials.delete(dial)) return;
    this.broadcast.emit({ type: 'dialFailed', failure });
    guarded(() => this.shiftWaiter()?.refused(failure));
    this.serve();
  }

  // ---- what the connections tell

  moved(pooled: Pooled, from: Stage | undefined): void {
    const { stage } = pooled;
    if (from !== undefined) this.counts[from]--;
    if (stage !== undefined) this.counts[stage]++;
    this.slow.delete(pooled);
    if (from === 'idle') this.free.splice(this.free.indexOf(pooled), 1);
    if (stage !== 'idle') return;
    this.free.push(pooled);
    this.serve();
  }

  checkThrew(error: unknown): void {
    const waiter = this.shiftWaiter();
    if (waiter === undefined) reportDefect(error, 'the check of a pool threw');
    else guarded(() => waiter.refused(error));
  }

  left(pooled: Pooled, info: CloseInfo): void {
    this.members.delete(pooled);
    this.counts.leaving--;
    const { connection, reason, failure } = pooled;
    this.broadcast.emit({ type: 'closed', connection, reason, failure, info });
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
    const closing: Closing = {
      since: this.clock.now(),
      refused: this.waiters.size,
      leased: this.counts.leased,
      resolve,
      cut: 0,
      cancelTimer: undefined,
    };
    this.closing = closing;
    this.dials.endAll();
    for (const pooled of this.members) if (pooled.stage !== 'leased') pooled.leave('closed');
    if (closing.leased > 0) closing.cancelTimer = this.clock.after(drainTimeout, () => this.cut(), true);
    for (let waiter = this.shiftWaiter(); waiter !== undefined; waiter = this.shiftWaiter()) {
      const refused = waiter;
      guarded(() => refused.refused(poolClosed()));
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
    resolve({ finished: leased - cut, cut, refused, duration: this.clock.now() - since });
    this.broadcast.complete();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
