import { Observable, type Subscriber } from 'rxjs';

import type { Clock } from '../../core/clock.ts';
import { captureContext, type Context } from '../../core/context.ts';
import type { NetFailure } from '../../core/failures/index.ts';
import { guarded, reportDefect } from '../../core/report-defect.ts';
import { checkDuration } from '../../core/options/index.ts';
import type { Op } from '../flow.ts';
import { endAfter } from '../pacing/end-after.ts';
import { type SourceHandler, SourceReceiver } from '../pacing/receiver.ts';
import { collectLeaves, type LeafCollector, type LeafRole } from './leaves.ts';
import { failureOf, type LimitKind } from './limits-of-options.ts';
import { LiveConnection } from './live-connection.ts';
import { clockOf, defaultSourceClock, type TimeSource } from './source-clock.ts';
import type { Watch } from './watches.ts';

/**
 * How a limit runs where there is no connection to watch: it starts over with each item, stops with the first, or never
 * runs. `total` runs from the subscription on in any case: a connection is not watched then, only ended.
 */
export type ItemRule = 'restart' | 'stop' | 'never' | 'total';

/** One time limit as an operator: what it watches, and what items mean where there is no connection to watch. */
export function timeLimit<A, F extends NetFailure>(
  name: string,
  kind: LimitKind<F>,
  items: ItemRule,
  limit: number,
  source: TimeSource | undefined,
): Op<A, A, F> {
  return (flow) =>
    new Observable<A>((subscriber) => {
      let run: LimitRun<A>;
      try {
        checkDuration(name, limit);
        run = new LimitRun<A>(subscriber, kind, items, limit, source === undefined ? undefined : clockOf(source));
      } catch (failure) {
        subscriber.error(failure);
        return;
      }
      // Before it starts: a source may emit within `subscribe`, and who takes it give up.
      subscriber.add(() => run.stop());
      run.start(flow);
    });
}

/** One subscription of a time limit. */
class LimitRun<A> implements LeafCollector, SourceHandler<A> {
  private readonly subscriber: Subscriber<A>;
  private readonly kind: LimitKind<NetFailure>;
  private readonly items: ItemRule;
  private readonly limit: number;
  /** The time may be up in the context of another one, who uses the connection. */
  private readonly context: Context = captureContext();
  private readonly clock: Clock | undefined;
  private readonly source: SourceReceiver<A> = new SourceReceiver<A>(this);
  /** What is ended when the time is up, and what watches it; the watch of a connection that has closed is over. */
  private readonly watches = new Map<LiveConnection, Watch | undefined>();
  /** Connections that are only sent to: what the limit is about when nothing else is. */
  private readonly sinks: LiveConnection[] = [];
  /** For a source that comes from no connection. */
  private cancelTimer: (() => void) | undefined = undefined;
  private timerClock: Clock;
  private since = 0;
  /** The item came that stops the time. */
  private isDone = false;
  private stopped = false;

  constructor(
    subscriber: Subscriber<A>,
    kind: LimitKind<NetFailure>,
    items: ItemRule,
    limit: number,
    clock: Clock | undefined,
  ) {
    this.subscriber = subscriber;
    this.kind = kind;
    this.items = items;
    this.limit = limit;
    this.clock = clock;
    this.timerClock = clock ?? defaultSourceClock;
  }

  start(flow: Observable<A>): void {
    // The time begins before the source can have emitted.
    this.since = this.timerClock.now();
    collectLeaves(this, () => flow.subscribe(this.source));
    if (this.watches.size === 0) for (const sink of this.sinks) this.take(sink);
    if (this.stopped || this.isDone || this.items === 'never') return;
    const [connection] = this.watches.keys();
    if (connection !== undefined) {
      if (this.items !== 'total') return;
      this.timerClock = this.clock ?? connection.settings.clock;
      this.since = this.timerClock.now();
    }
    this.startTimer(this.limit);
  }

  found(connection: LiveConnection, role: LeafRole): void {
    // A dial has no bytes yet; the flow emits what becomes of it.
    if (role === 'dial') return;
    if (role === 'source' || this.kind.watchesSinks) this.take(connection);
    else this.sinks.push(connection);
  }

  /** Takes on a connection as one that the limit is about. */
  private take(connection: LiveConnection): void {
    if (this.stopped || this.watches.has(connection)) return;
    if (this.items === 'total') {
      this.watches.set(connection, undefined);
      return;
    }
    const clock = this.clock ?? connection.settings.clock;
    const watch = new this.kind.Watch(connection, clock, this.limit, () => this.expire(connection));
    watch.whenDisposed = () => this.watches.delete(connection);
    this.watches.set(connection, watch);
    connection.addWatch(watch);
  }

  sourceNext(value: A): void {
    if (value instanceof LiveConnection) {
      // A flow of connections, such as `connect`'s: what is limited is what comes out of it.
      if (this.items !== 'total') this.stopTimer();
      this.take(value);
    } else if (this.watches.size > 0) {
      if (this.kind.countsItems === true) for (const watch of this.watches.values()) watch?.itemPassed();
    } else {
      if (this.items === 'restart') this.since = this.timerClock.now();
      else if (this.items === 'stop') this.stopTimer();
    }
    this.subscriber.next(value);
  }

  sourceError(error: unknown): void {
    endAfter(() => this.stop(), this.subscriber, { error });
  }

  sourceComplete(): void {
    endAfter(() => this.stop(), this.subscriber, undefined);
  }

  private startTimer(delay: number): void {
    this.cancelTimer = this.timerClock.after(delay, () => {
      const left = this.since + this.limit - this.timerClock.now();
      if (left > 0) this.startTimer(Math.ceil(left));
      else this.expire(undefined);
    });
  }

  private stopTimer(): void {
    this.isDone = true;
    this.cancelTimer?.();
    this.cancelTimer = undefined;
  }

  /** Tells who is downstream first, so that a last word to the peer can still be sent; then ends what it was about. */
  private expire(which: LiveConnection | undefined): void {
    const ended = which === undefined ? [...this.watches.keys()] : [which];
    // Where there is no connection, it is the items that did not come.
    const message = ended.length === 0 && this.items !== 'total' ? `no item came for ${this.limit} ms` : undefined;
    const failure = failureOf(this.kind, ended[0], this.limit, message);
    // A teardown of the source may throw; the limit acts all the same.
    const report = (thrown: unknown): void =>
      ended[0] === undefined ? reportDefect(thrown) : ended[0].reportDefect(thrown);
    guarded(() => this.stop(), report);
    guarded(() => this.context.runInAsyncScope(() => this.subscriber.error(failure), undefined), report);
    for (const connection of ended) connection.fail(failure);
  }

  stop(): void {
    if (this.stopped) return;
    this.stopped = true;
    this.stopTimer();
    for (const watch of this.watches.values()) watch?.dispose();
    this.watches.clear();
    this.source.unsubscribe();
  }
}
