import { type Observable, type Subscriber, Subscription } from 'rxjs';

import { systemRandom } from '../../core/chance.ts';
import type { Clock } from '../../core/clock.ts';
import { ConnectionAborted, ConnectionClosed, isNetFailure, type NetFailure } from '../../core/failures/index.ts';
import { captureContext, type Context } from '../../core/context.ts';
import { onAbort } from '../../core/on-abort.ts';
import { guarded } from '../../core/report-defect.ts';
import type { CloseInfo, ConnectionEvent } from '../connection.ts';
import { collectLeaves, type LeafCollector, type LeafRole } from '../internal/leaves.ts';
import { LiveConnection } from '../internal/live-connection.ts';
import { defaultSourceClock } from '../internal/source-clock.ts';
import { type SourceHandler, SourceReceiver } from '../pacing/receiver.ts';
import type { ReconnectEvent } from './events.ts';
import type { ReconnectPolicy } from './policy.ts';

/** What one attempt has come to. */
class Attempt<A> extends Subscription {
  readonly source: SourceReceiver<A>;
  /** On the clock, from when its connection stood. */
  upSince: number | undefined = undefined;
  cancelTimer: (() => void) | undefined = undefined;
  isStable = false;
  connection: LiveConnection | undefined = undefined;
  /** The ledger of its connection, once that has closed. */
  ledger: CloseInfo | undefined = undefined;

  constructor(handler: SourceHandler<A>) {
    super();
    this.source = new SourceReceiver<A>(handler);
    this.add(this.source);
    this.add(() => this.cancelTimer?.());
  }
}

/**
 * One subscription of `reconnecting`: attempts, one after the other, with waits in between.
 *
 * ```
 *          ┌──────────────── wait ◀───────────────┐
 *          ▼                                      │
 *  ──▶ attempt ──▶ up ──▶ stable ──▶ lost ──▶ worth another?  ──▶ gave up
 *          └────────┴──────────────────▲
 * ```
 */
export class ReconnectRun<A> implements SourceHandler<A>, LeafCollector {
  private readonly flow: Observable<A>;
  private readonly subscriber: Subscriber<A>;
  private readonly policy: ReconnectPolicy;
  /** That of the subscriber: an attempt may end in another one. */
  private readonly context: Context = captureContext();
  private clock: Clock;
  private random: () => number;
  private current: Attempt<A> | undefined = undefined;
  private cancelWait: (() => void) | undefined = undefined;
  private forgetSignal: (() => void) | undefined = undefined;
  /** Attempts in a row that were no success. */
  private failures = 0;
  /** Waits since the last success. */
  private waits = 0;
  private stopped = false;

  constructor(flow: Observable<A>, subscriber: Subscriber<A>, policy: ReconnectPolicy) {
    this.flow = flow;
    this.subscriber = subscriber;
    this.policy = policy;
    this.clock = policy.clock ?? defaultSourceClock;
    this.random = policy.random ?? systemRandom;
  }

  start(): void {
    const { signal } = this.policy;
    if (signal !== undefined) {
      if (signal.aborted) {
        this.aborted(signal);
        return;
      }
      this.forgetSignal = onAbort(signal, () => this.aborted(signal));
    }
    this.attempt();
  }

  private aborted(signal: AbortSignal): void {
    this.subscriber.error(new ConnectionAborted({ code: 'ABORT_ERR', cause: signal.reason }));
  }

  private attempt(): void {
    if (!this.tell({ type: 'attempt', attempt: this.failures + 1 })) return;
    const attempt = new Attempt<A>(this);
    this.current = attempt;
    collectLeaves(this, () => this.flow.subscribe(attempt.source));
  }

  // ---- what becomes of it

  found(connection: LiveConnection, role: LeafRole): void {
    if (role === 'dial' && this.current !== undefined) this.follow(this.current, connection);
  }

  private follow(attempt: Attempt<A>, connection: LiveConnection): void {
    const { clock, random } = connection.settings;
    this.clock = this.policy.clock ?? clock;
    this.random = this.policy.random ?? random;
    attempt.connection ??= connection;
    attempt.add(connection.events.subscribe((event) => this.connectionTold(attempt, connection, event)));
  }

  private connectionTold(attempt: Attempt<A>, connection: LiveConnection, event: ConnectionEvent): void {
    if (event.type === 'connect') {
      attempt.connection = connection;
      this.isUp(attempt);
    } else if (event.type === 'close' && connection === attempt.connection) {
      attempt.ledger = event.info;
    }
  }

  private isUp(attempt: Attempt<A>): void {
    if (attempt.upSince !== undefined || attempt !== this.current) return;
    attempt.upSince = this.clock.now();
    if (!this.tell({ type: 'up', attempt: this.failures + 1 })) return;
    const { stableAfter } = this.policy;
    if (stableAfter === 0) this.succeeded(attempt);
    else attempt.cancelTimer = this.clock.after(stableAfter, () => guarded(() => this.succeeded(attempt)));
  }

  private succeeded(attempt: Attempt<A>): void {
    attempt.isStable = true;
    const count = this.failures + 1;
    this.failures = 0;
    this.waits = 0;
    this.tell({ type: 'stable', attempt: count });
  }

  sourceNext(value: A): void {
    const attempt = this.current;
    if (attempt !== undefined && attempt.upSince === undefined) {
      // Dialled later than in the call of `subscribe`, or no connection of ours at all.
      if (value instanceof LiveConnection && attempt.connection === undefined) this.follow(attempt, value);
      this.isUp(attempt);
    }
    if (!this.stopped) this.subscriber.next(value);
  }

  sourceError(error: unknown): void {
    if (isNetFailure(error)) this.context.runInAsyncScope(() => this.isOver(error), undefined);
    // A defect, or a failure of the caller's own.
    else this.subscriber.error(error);
  }

  sourceComplete(): void {
    this.context.runInAsyncScope(() => this.isOver(undefined), undefined);
  }

  /** The attempt has ended: `failed` is what it failed with, undefined when it completed. */
  private isOver(failed: NetFailure | undefined): void {
    const attempt = this.current;
    if (attempt === undefined || this.stopped) return;
    this.current = undefined;
    const { upSince, ledger, isStable } = attempt;
    const uptime = upSince === undefined ? undefined : this.clock.now() - upSince;
    // A teardown of the source's may throw.
    if (this.ask(() => (attempt.unsubscribe(), true)) !== true) return;
    const count = this.failures + 1;
    if (!isStable) this.failures = count;
    const failure = failed ?? ledger?.failure;
    if (!this.tell({ type: 'lost', attempt: count, failure, uptime })) return;
    const goesOn = this.ask(
      () => this.failures < this.policy.maxAttempts && (failure === undefined || this.policy.retryOn(failure)),
    );
    if (goesOn === undefined) return;
    if (goesOn) this.wait();
    else if (this.tell({ type: 'gaveUp', attempt: count, failure })) {
      this.subscriber.error(failed ?? this.closedTooSoon(attempt, failure));
    }
  }

  private closedTooSoon({ connection }: Attempt<A>, cause: NetFailure | undefined): ConnectionClosed {
    const times = this.failures === 1 ? 'once' : `${this.failures} times in a row`;
    const soon = `the connection ended ${times} before it had been up for ${this.policy.stableAfter} ms`;
    const message = this.failures === 0 ? 'the connection ended, and is not to be made again' : soon;
    return new ConnectionClosed({ ...connection?.failureDetails(), message, cause });
  }

  private wait(): void {
    this.waits++;
    const delay = this.ask(() => this.policy.delayOf(this.waits, this.random));
    if (delay === undefined) return;
    if (!this.tell({ type: 'waiting', delay, attempt: this.failures + 1 })) return;
    // No socket keeps the process alive meanwhile.
    this.cancelWait = this.clock.after(
      delay,
      () => guarded(() => this.context.runInAsyncScope(() => this.attempt(), undefined)),
      true,
    );
  }

  // ---- functions of the caller's

  /** What a function of the caller's says; undefined when it threw, or everything was given up meanwhile. */
  private ask<T>(question: () => T): T | undefined {
    try {
      const answer = question();
      return this.stopped ? undefined : answer;
    } catch (error) {
      this.subscriber.error(error);
      return undefined;
    }
  }

  /** @returns whether it goes on: false when the caller's function threw, or gave everything up. */
  private tell(event: ReconnectEvent): boolean {
    const { onEvent } = this.policy;
    if (onEvent === undefined) return !this.stopped;
    return this.ask(() => (onEvent(event), true)) === true;
  }

  // ---- the end

  /** The subscriber has ended, or was unsubscribed. */
  stop(): void {
    this.stopped = true;
    this.forgetSignal?.();
    this.cancelWait?.();
    this.current?.unsubscribe();
    this.current = undefined;
  }
}
