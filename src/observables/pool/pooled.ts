import { setImmediate } from 'node:timers';

import { DeadlineExceeded } from '../../core/failures/index.ts';
import type { Clock } from '../../core/clock.ts';
import { guarded } from '../../core/report-defect.ts';
import type { CloseInfo, ConnectionEvent } from '../connection.ts';
import type { LiveConnection } from '../internal/live-connection.ts';
import type { Switches } from '../internal/switches.ts';
import { isTagged } from '../internal/tagged.ts';
import { severalOf } from '../one-chunk.ts';
import { toObservable } from '../rx/from.ts';
import { Receiver } from '../pacing/receiver.ts';
import type { LeaveReason } from './events.ts';
import type { HealthCheck, PoolPlan } from './options.ts';
import type { Waiter } from './waiter.ts';

/** What one connection of a pool does. */
export type Stage = 'idle' | 'leased' | 'settling' | 'checking' | 'leaving';

/** What a pool is told of one of its connections. */
export interface PooledOwner {
  readonly plan: PoolPlan;
  /** Its stage is another one; `from` is undefined the first time. */
  moved(pooled: Pooled, from: Stage | undefined): void;
  /** Its check takes longer than those who wait have patience. */
  checkIsSlow(pooled: Pooled): void;
  /** A defect of the caller's check. */
  checkThrew(error: unknown): void;
  /** It has closed; the last call. */
  left(pooled: Pooled, info: CloseInfo): void;
}

/**
 * One connection of a pool, from when it stands.
 *
 * ```
 *            lent                given back
 *  idle ──────────────▶ leased ─────────────▶ settling ──▶ idle
 *    └────▶ checking ────────────────────────────▲
 *  any ──▶ leaving: destroyed, and soon closed
 * ```
 */
export class Pooled {
  readonly connection: LiveConnection;
  reason: LeaveReason = 'lost';
  /** What a check failed with. */
  failure: unknown = undefined;
  /** Who its check was begun for. */
  checkedFor: Waiter | undefined = undefined;
  /** Told when it closes while it is leased. */
  whenLost: (() => void) | undefined = undefined;
  private current: Stage | undefined = undefined;
  /** On the clock: when it was last known to work, by use or by a check. */
  private lastGood: number;
  private lastUsed: number;
  /** It was made, used or checked this very moment. */
  private isFresh = false;
  private readonly clock: Clock;
  private readonly diesAt: number;
  /** How it was switched when it was lent, or checked, for the first time. */
  private switches: Readonly<Switches> | undefined = undefined;
  private readonly owner: PooledOwner;
  /** The subscription that made it. */
  private readonly dial: { unsubscribe(): void };
  private readonly events: { unsubscribe(): void };
  private cancelTimer: (() => void) | undefined = undefined;
  private checking: Checking | undefined = undefined;

  constructor(connection: LiveConnection, dial: { unsubscribe(): void }, owner: PooledOwner) {
    this.connection = connection;
    this.dial = dial;
    this.owner = owner;
    const { clock, random, lifetime } = owner.plan;
    this.clock = clock ?? connection.settings.clock;
    const { now } = this;
    this.lastGood = now;
    this.lastUsed = now;
    this.diesAt = now + lifetime(random ?? connection.settings.random);
    this.events = connection.events.subscribe((event) => this.told(event));
  }

  get stage(): Stage | undefined {
    return this.current;
  }

  private enter(stage: Stage): void {
    const from = this.current;
    this.current = stage;
    this.owner.moved(this, from);
  }

  private told(event: ConnectionEvent): void {
    if (event.type === 'end' && this.current !== 'leased') this.leave('ended');
    else if (event.type === 'close') this.closed(event.info);
  }

  private closed(info: CloseInfo): void {
    const { whenLost } = this;
    this.whenLost = undefined;
    this.stopWatching();
    if (this.current !== 'leaving') this.enter('leaving');
    this.events.unsubscribe();
    // A teardown of the flow that dials may throw; the pool hears of the end all the same.
    this.guarded(() => this.dial.unsubscribe());
    this.owner.left(this, info);
    if (whenLost !== undefined) this.guarded(whenLost);
  }

  /** Calls a function of the program, or one that ends a flow of the program's. */
  private guarded(call: () => void): void {
    guarded(call, (thrown) => this.connection.reportDefect(thrown));
  }

  private get now(): number {
    return this.clock.now();
  }

  private get isTooOld(): boolean {
    return this.now >= this.diesAt;
  }

  /** Whether it has to be checked before it is lent. */
  get isStale(): boolean {
    const { check, checkAfter } = this.owner.plan;
    return check !== undefined && !this.isFresh && this.now - this.lastGood >= checkAfter;
  }

  /** It has just been made: who made it ready may be about to stop reading it. */
  arrive(): void {
    this.enter('settling');
    setImmediate(() => {
      if (this.current !== 'settling') return;
      if (this.connection.hasReader) this.leave('unclean');
      // Not looked over: what the peer says first is for who gets it first.
      else this.beIdle();
    });
  }

  // ---- idle

  /**
   * It is free, and lent at once if somebody waits. Watches for what must not come, and for its
   * time.
   */
  private beIdle(): void {
    this.lookOut();
    this.startTimer();
    this.isFresh = true;
    this.enter('idle');
    this.isFresh = false;
  }

  private lookOut(): void {
    this.connection.lookOut(() => {
      if (this.current !== 'leased') this.leave(this.current === 'settling' ? 'unclean' : 'unexpected');
    });
  }

  private startTimer(): void {
    const { idle, check, checkEvery } = this.owner.plan;
    const checkAt = check === undefined ? Number.POSITIVE_INFINITY : this.lastGood + checkEvery;
    const due = Math.min(this.lastUsed + idle, this.diesAt, checkAt);
    this.cancelTimer = this.clock.after(Math.max(0, Math.ceil(due - this.now)), () => this.isDue());
  }

  private isDue(): void {
    this.cancelTimer = undefined;
    if (this.current !== 'idle') return;
    const { now } = this;
    const { idle, check, checkEvery } = this.owner.plan;
    if (now >= this.diesAt) this.leave('lifetime');
    else if (now >= this.lastUsed + idle) this.leave('idle');
    else if (check !== undefined && now >= this.lastGood + checkEvery) this.check(check);
    // A platform's timer may come a fraction of a millisecond early.
    else this.startTimer();
  }

  private stopWatching(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    const { checking } = this;
    this.checking = undefined;
    if (checking !== undefined) this.guarded(() => checking.unsubscribe());
  }

  // ---- leased

  /** It is lent from here on. */
  beLeased(): void {
    this.stopWatching();
    this.connection.lookAway();
    this.switchBack();
    this.enter('leased');
  }

  /**
   * What a user switched is not the next one's; nor is what one switched who kept it beyond the
   * loan.
   */
  private switchBack(): void {
    if (this.switches === undefined) this.switches = this.connection.copySwitches();
    else this.connection.switchBack(this.switches);
  }

  /** Its user is done with it. */
  release(): void {
    this.whenLost = undefined;
    this.lastUsed = this.now;
    if (this.isTooOld) this.leave('lifetime');
    else this.settle();
  }

  /**
   * Looks it over before anybody gets it: who read it may stop within this turn, and what was not
   * read comes up from the kernel with the next turn of the event loop. Nobody must take that for
   * an answer to a question of his own.
   */
  private settle(): void {
    this.enter('settling');
    this.switchBack();
    setImmediate(() => {
      if (this.current !== 'settling') return;
      if (this.connection.hasReader) {
        this.leave('unclean');
        return;
      }
      this.lookOut();
      setImmediate(() => this.settled());
    });
  }

  private settled(): void {
    if (this.current !== 'settling') return;
    this.lastGood = this.now;
    if (!this.connection.isUnused) this.leave('unclean');
    else if (this.isTooOld) this.leave('lifetime');
    else this.beIdle();
  }

  // ---- checking

  /** @param waiter - who waits for it; undefined when nobody does. */
  check(check: HealthCheck, waiter?: Waiter): void {
    this.stopWatching();
    this.checkedFor = waiter;
    this.connection.lookAway();
    this.switchBack();
    const checking = new Checking(this);
    this.checking = checking;
    this.enter('checking');
    checking.start(check, this.owner.plan, this.clock);
  }

  /** Gives up a check that takes too long. */
  endCheck(): void {
    const { patience } = this.owner.plan;
    const message = `the check of a connection did not complete within ${patience} ms, and its place is needed`;
    this.checking?.error(new DeadlineExceeded({ ...this.connection.failureDetails(), limit: patience, message }));
  }

  checkIsSlow(): void {
    if (this.current === 'checking') this.owner.checkIsSlow(this);
  }

  /** The check has completed. */
  isWell(): void {
    this.checking = undefined;
    if (this.current === 'checking') this.settle();
  }

  /** The check has failed. */
  isIll(error: unknown): void {
    this.checking = undefined;
    if (this.current !== 'checking') return;
    this.failure = error;
    this.leave('unhealthy');
    if (!isTagged(error)) this.owner.checkThrew(error);
  }

  // ---- the end

  /** Destroys it; the owner is told when it has closed. */
  leave(reason: LeaveReason): void {
    if (this.current === 'leaving') return;
    this.stopWatching();
    this.reason = reason;
    this.enter('leaving');
    this.connection.destroy();
  }
}

/** One run of the caller's check. */
class Checking extends Receiver<unknown> {
  private readonly pooled: Pooled;

  constructor(pooled: Pooled) {
    super();
    this.pooled = pooled;
  }

  start(check: HealthCheck, { checkTimeout, patience }: PoolPlan, clock: Clock): void {
    const { connection } = this.pooled;
    if (patience < checkTimeout) this.add(clock.after(patience, () => this.pooled.checkIsSlow()));
    this.add(
      clock.after(checkTimeout, () => {
        const message = `the check of a connection did not complete within ${checkTimeout} ms`;
        this.error(new DeadlineExceeded({ ...connection.failureDetails(), limit: checkTimeout, message }));
      }),
    );
    try {
      toObservable(severalOf(check(connection), 'check')).subscribe(this);
    } catch (error) {
      this.error(error);
    }
  }

  protected onNext(): void {
    // Only how it ends counts.
  }

  protected onError(error: unknown): void {
    this.pooled.isIll(error);
  }

  protected onComplete(): void {
    // What it used is free before the connection is looked over.
    try {
      this.unsubscribe();
    } catch (error) {
      this.pooled.isIll(error);
      return;
    }
    this.pooled.isWell();
  }
}
