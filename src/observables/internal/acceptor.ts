import type { Address } from '../../core/endpoint.ts';
import type { NetFailure } from '../../core/failures/index.ts';
import { onAbort } from '../../core/on-abort.ts';
import type { BindHandler, Binding, Link, LinkHandler } from '../../core/transport.ts';
import type { CloseInfo } from '../connection.ts';
import type { CutConnection, DrainReport, DroppedEvent } from '../server.ts';
import { ConnectionList } from './connection-list.ts';
import type { ConnectionOwner } from './connection-owner.ts';
import { LiveConnection } from './live-connection.ts';
import type { ListenPlan } from './read-options.ts';
import { Throttle } from './throttle.ts';
import { UnclaimedConnections } from './unclaimed.ts';

/**
 * What `listen` and `serve` share: the endpoint, its connections, those that wait, and the drain.
 *
 * ```
 *  accepted ──▶ waiting ──▶ begun ──▶ closed      waiting: unread, until there is room or somebody takes it
 *      └───────────────────────▲
 * ```
 */
export abstract class Acceptor implements BindHandler, ConnectionOwner {
  protected readonly plan: ListenPlan;
  protected binding: Binding | undefined = undefined;
  private readonly open = new ConnectionList();
  /** Accepted and not begun, oldest first. */
  private readonly waiting = new Set<LiveConnection>();
  private readonly unclaimed: UnclaimedConnections;
  private readonly throttle: Throttle | undefined;
  private state: 'binding' | 'listening' | 'draining' | 'stopped' = 'binding';
  private drain: Drain | undefined = undefined;

  constructor(plan: ListenPlan) {
    this.plan = plan;
    this.unclaimed = new UnclaimedConnections(plan.settings.clock, plan.unclaimedTimeout, (connection) =>
      this.letGo(connection),
    );
    this.throttle = plan.throttle === undefined ? undefined : new Throttle(plan.settings.clock, plan.throttle);
  }

  // ---- what the two make of it

  protected abstract whenListening(address: Address): void;
  /** A connection begins: it has its place among `maxConnections`. */
  protected abstract whenBegun(connection: LiveConnection): void;
  /** A connection that had begun has closed. */
  protected abstract whenClosed(connection: LiveConnection, info: CloseInfo): void;
  /** A teardown of the caller's threw; the connection ends. */
  protected abstract whenDefect(connection: LiveConnection, error: unknown): void;
  protected abstract whenDropped(event: DroppedEvent): void;
  /** The last call: nothing is open any more. `failure` when it never listened or the listener was lost. */
  protected abstract whenStopped(report: DrainReport, failure: NetFailure | undefined): void;
  /** Whether a connection that is accepted now can't begin yet, besides for want of room. */
  protected abstract get mustWait(): boolean;

  // ---- life

  start(): void {
    const { transport, endpoint, bind } = this.plan;
    this.binding = transport.bind(endpoint, bind, this);
  }

  /** Whether connections come in, or will. */
  protected get isAccepting(): boolean {
    return this.state === 'binding' || this.state === 'listening';
  }

  get connectionCount(): number {
    return this.open.size;
  }

  /** Lets go of everything at once, without a word to anybody. */
  abandon(): void {
    this.state = 'stopped';
    this.throttle?.stop();
    this.drain?.stopWaiting();
    this.binding?.close();
    this.unclaimed.clear();
    for (const connection of this.open.toArray()) {
      // Before it hears of the close: who has unsubscribed hears nothing any more.
      connection.run?.cancel();
      connection.destroy();
    }
  }

  onListening(address: Address): void {
    if (this.state !== 'binding') return;
    this.state = 'listening';
    this.whenListening(address);
  }

  onClosed(failure: NetFailure | undefined): void {
    if (this.drain?.awaitsBinding === true) {
      this.drain.awaitsBinding = false;
      this.finishDrain();
    }
    if (this.state === 'stopped' || this.state === 'draining') return;
    // Its signal was aborted, it never listened, or the listener was lost.
    this.drain = new Drain(this.plan.settings.clock.now(), failure);
    this.drain.unclaimed = this.waiting.size;
    this.state = 'draining';
    this.throttle?.stop();
    this.unclaimed.clear();
    this.closeAll((connection) => connection.destroy());
    this.finishDrain();
  }

  onAcceptFailed(failure: NetFailure): void {
    this.whenDropped({ type: 'dropped', reason: 'acceptFailed', remote: undefined, failure, count: 1 });
  }

  // ---- one connection

  onAccepted(link: Link): LinkHandler | undefined {
    if (this.state !== 'listening') return undefined;
    const full = this.open.size - this.waiting.size >= this.plan.maxConnections;
    if (full && this.plan.whenFull === 'drop') return this.drop(link, 'full');
    if (this.throttle?.mustDrop() === true) return this.drop(link, 'throttled');
    const waits = full || this.mustWait || this.waiting.size > 0 || this.isThrottled;
    if (waits && this.waiting.size >= this.plan.maxUnclaimed) return this.drop(link, 'unclaimed');
    const connection = new LiveConnection(this.plan.settings, this, 'open');
    connection.link = link;
    this.open.add(connection);
    if (waits) {
      this.waiting.add(connection);
      this.guard(connection);
    } else {
      this.begin(connection);
    }
    return connection;
  }

  /** Whether the next connection has to wait for its turn, which then comes by itself. */
  private get isThrottled(): boolean {
    return this.throttle?.mustWait(this.beginDue) === true;
  }

  private readonly beginDue = (): void => this.beginWaiting();

  private drop(link: Link, reason: 'full' | 'unclaimed' | 'throttled'): undefined {
    this.whenDropped({ type: 'dropped', reason, remote: link.remote, failure: undefined, count: 1 });
  }

  private begin(connection: LiveConnection): void {
    try {
      this.throttle?.begun();
      this.plan.settings.limit?.(connection);
      this.whenBegun(connection);
    } catch (error) {
      // It has its place already, and keeps the one who accepted it waiting.
      connection.defect(error);
    }
    if (connection.isBlind) this.guard(connection);
  }

  /** Begins those that wait, as far as there is room. */
  protected beginWaiting(): void {
    for (const connection of this.waiting) {
      if (this.state !== 'listening' || this.mustWait) return;
      if (this.open.size - this.waiting.size >= this.plan.maxConnections) return;
      // It is being let go.
      if (connection.wasClosedHere) continue;
      if (this.isThrottled) return;
      this.waiting.delete(connection);
      this.unclaimed.delete(connection);
      this.begin(connection);
    }
  }

  /** Nobody reads it: see to it that this has an end. */
  private guard(connection: LiveConnection): void {
    if (!this.plan.guardsUnclaimed || this.state !== 'listening') return;
    this.unclaimed.add(connection);
    const { maxUnclaimed } = this.plan;
    if (this.unclaimed.size > maxUnclaimed && this.unclaimed.countSilent() > maxUnclaimed) this.letGo(connection);
  }

  private letGo(connection: LiveConnection): void {
    this.unclaimed.delete(connection);
    const { remote } = connection;
    connection.letGo();
    this.whenDropped({ type: 'dropped', reason: 'unclaimed', remote, failure: undefined, count: 1 });
  }

  onReaderChanged(connection: LiveConnection): void {
    if (connection.isBlind) this.guard(connection);
    else this.unclaimed.delete(connection);
  }

  onDefect(connection: LiveConnection, error: unknown): void {
    this.whenDefect(connection, error);
  }

  onConnected(): void {
    // Accepted connections stand from the start.
  }

  onConnectionClosed(connection: LiveConnection, info: CloseInfo): void {
    this.open.delete(connection);
    this.unclaimed.delete(connection);
    const hadBegun = !this.waiting.delete(connection);
    if (this.state === 'stopped') return;
    if (hadBegun) {
      this.drain?.closed(connection, info);
      this.whenClosed(connection, info);
    }
    if (this.state === 'draining') this.finishDrain();
    else if (this.waiting.size > 0) this.beginWaiting();
  }

  // ---- drain

  /**
   * One wait for all: stop accepting, half-close what is quiet, cut the rest at the deadline. Once
   * it goes on it can be shortened.
   */
  beginDrain(timeout: number): void {
    if (this.state === 'draining') this.shortenDrain(timeout);
    if (this.state === 'draining' || this.state === 'stopped') return;
    const { clock } = this.plan.settings;
    const drain = new Drain(clock.now(), undefined);
    this.drain = drain;
    // What is being bound can't be released at once.
    drain.awaitsBinding = this.state === 'binding';
    this.state = 'draining';
    this.binding?.close();
    this.throttle?.stop();
    this.unclaimed.clear();
    drain.unclaimed = this.waiting.size;
    for (const connection of this.waiting) connection.destroy();
    this.setDeadline(drain, timeout);
    drain.follow(this.plan.bind.signal, () => this.closeAll((connection) => connection.destroy()));
    this.watchSilence(Math.min(SILENCE, timeout / 2));
    for (const connection of this.open.toArray()) {
      if (this.waiting.has(connection)) continue;
      drain.isSilent(connection);
      connection.drain(timeout);
      this.onQuiet(connection);
    }
    this.finishDrain();
  }

  private setDeadline(drain: Drain, timeout: number): void {
    const { clock } = this.plan.settings;
    drain.cancelDeadline();
    drain.deadline = clock.now() + timeout;
    drain.cancelDeadline = clock.after(timeout, () => this.closeAll((connection) => connection.cut()), true);
  }

  private shortenDrain(timeout: number): void {
    const { drain } = this;
    if (drain === undefined || this.plan.settings.clock.now() + timeout >= drain.deadline) return;
    this.setDeadline(drain, timeout);
    drain.cancelSilence();
    this.watchSilence(Math.min(SILENCE, timeout / 2));
    for (const connection of this.open.toArray()) if (!this.waiting.has(connection)) connection.drain(timeout);
  }

  onQuiet(connection: LiveConnection): void {
    if (this.state !== 'draining' || !connection.isQuiet) return;
    if (connection.run === undefined) {
      connection.end();
      connection.discard();
    } else if (connection.isBlind && !connection.hasMoved) {
      connection.run.halfClose();
    } else {
      // The handler may be in the middle of an answer, which nobody can tell: without more to read it ends by itself.
      connection.stopTaking();
    }
  }

  /**
   * A connection on which nothing moves any more: its handler may be at work, or wait for more. Its `incoming` completes, so that it
   * finishes either way. One that goes on all the same is at work, for all that anybody can tell.
   */
  private watchSilence(interval: number): void {
    const { drain } = this;
    if (drain === undefined) return;
    drain.cancelSilence = this.plan.settings.clock.after(
      interval,
      () => {
        for (const connection of this.open.toArray()) {
          if (!drain.isSilent(connection)) continue;
          if (!connection.hasUnsentBytes) connection.stopTaking();
          else
            connection.checkProgress(() => {
              if (drain.isSilent(connection)) connection.stopTaking();
            });
        }
        this.watchSilence(interval);
      },
      true,
    );
  }

  /** Whatever is still open: at the deadline of the drain, or at any time for its signal. */
  private closeAll(close: (connection: LiveConnection) => void): void {
    for (const connection of this.open.toArray()) {
      if (!this.waiting.has(connection)) this.drain?.cut(connection);
      close(connection);
    }
  }

  private finishDrain(): void {
    const { drain } = this;
    if (drain === undefined || drain.awaitsBinding || this.open.size > 0) return;
    this.state = 'stopped';
    drain.stopWaiting();
    this.whenStopped(drain.report(this.plan.settings.clock.now()), drain.failure);
  }
}

/** How long nothing moves on a connection before a drain lets its handler finish, in ms; or half of the drain's time. */
const SILENCE = 1_000;

/** What is noted while a server drains. */
class Drain {
  unclaimed = 0;
  /** It began before the endpoint was bound, which is released when it is. */
  awaitsBinding = false;
  readonly failure: NetFailure | undefined;
  private readonly since: number;
  private finished = 0;
  private readonly cuts: CutConnection[] = [];
  private readonly wasCut = new Set<LiveConnection>();
  private readonly movements = new WeakMap<LiveConnection, number>();
  /** On the clock; none for one that only waits for what is being destroyed. */
  deadline = Number.NEGATIVE_INFINITY;
  cancelDeadline: () => void = () => {};
  cancelSilence: () => void = () => {};
  private unfollow: () => void = () => {};

  constructor(since: number, failure: NetFailure | undefined) {
    this.since = since;
    this.failure = failure;
  }

  /** The binding is released already, and with it what followed the signal. */
  follow(signal: AbortSignal | undefined, aborted: () => void): void {
    if (signal?.aborted === false) this.unfollow = onAbort(signal, aborted);
  }

  stopWaiting(): void {
    this.cancelDeadline();
    this.cancelSilence();
    this.unfollow();
  }

  /** Whether no byte has moved on it since this was last asked. */
  isSilent(connection: LiveConnection): boolean {
    const { movement } = connection;
    const before = this.movements.get(connection);
    this.movements.set(connection, movement);
    return before === movement;
  }

  cut(connection: LiveConnection): void {
    if (this.wasCut.has(connection)) return;
    this.wasCut.add(connection);
    this.cuts.push({ remote: connection.remote, bytesPending: connection.bytesQueued });
  }

  closed(connection: LiveConnection, info: CloseInfo): void {
    // Its own close may have had its time before.
    if (info.write === 'cut') this.cut(connection);
    if (!this.wasCut.delete(connection)) this.finished++;
  }

  report(now: number): DrainReport {
    return {
      finished: this.finished,
      cut: this.cuts,
      unclaimed: this.unclaimed,
      duration: now - this.since,
    };
  }
}
