import type { Subscriber, Subscription } from 'rxjs';

import { captureContext, type Context } from '../../core/context.ts';
import { currentUpstream, type Holder, type Upstream, type Waits } from '../../core/demand.ts';
import { ConnectionClosed, isNetFailure, PossiblyDelivered } from '../../core/failures/index.ts';
import { guarded } from '../../core/report-defect.ts';
import type { Frame } from '../framing/framing.ts';
import { type Encoder, encodeMessage } from '../internal/encode-message.ts';
import { withoutLeaves } from '../internal/leaves.ts';
import type { LiveConnection } from '../internal/live-connection.ts';
import { isTagged } from '../internal/tagged.ts';
import { wouldWaitForItself } from '../../core/self-wait.ts';
import { Holds } from '../pacing/holds.ts';
import { type SourceHandler, SourceReceiver } from '../pacing/receiver.ts';
import { announceNeed } from '../pacing/work.ts';
import { sendFlow } from '../send.ts';
import { checkPart } from './check-part.ts';
import { ById, ByOrder, type Correlation, type Late } from './correlation.ts';
import type { FramedConnection } from './framed.ts';
import { Outgoing } from './outgoing.ts';
import { OwedIds } from './owed-ids.ts';
import { OwedWatch } from './owed-watch.ts';
import { recallOwed, rememberOwed } from './owed-after-release.ts';
import { answersNothing, asRequestFailure, overflowOf } from './request-failure.ts';
import { limitRequest } from './request-limits.ts';
import { KeptAnswers } from './kept-answers.ts';
import { type RequestOwner, RequestRun } from './request-run.ts';
import type { RpcPlan } from './rpc-plan.ts';
import type { AnswerPart, RequestFailure, RequestOptions } from './rpc-types.ts';
import { Unmatched, type UnmatchedOwner } from './unmatched.ts';

/**
 * What an `rpc` is: requests that wait, requests under way, and the one reader and the one sender of the connection, which begin with
 * the first request.
 *
 * ```
 *  request ──▶ waiting ──▶ correlation ──▶ outgoing ──▶ connection
 *    ▲            │ held until it is empty                   │
 *    └────────────┘           answers ◀── correlation ◀──────┘
 * ```
 */
export class Requester implements RequestOwner, SourceHandler<unknown>, Holder, UnmatchedOwner {
  readonly operator = 'rpc';
  progress = 0;
  private readonly channel: FramedConnection<unknown, unknown, unknown>;
  private readonly connection: LiveConnection;
  private readonly plan: RpcPlan;
  private readonly correlation: Correlation;
  /** That of `rpc`: the reader that all requests share, and `unmatched`, belong to none of them. */
  private readonly context: Context = captureContext();
  private readonly waitingRuns = new Set<RequestRun>();
  /** Those that deliver what requests are made of, while some wait. */
  private readonly askers = new Holds(this);
  private readonly owedWatch: OwedWatch;
  private readonly outgoing = new Outgoing(() => this.sendWaiting());
  private reading: Subscription | undefined = undefined;
  private sending: Subscription | undefined = undefined;
  private started = false;
  private sendingWaiting = false;
  /** The upstream of the messages that come in; paused when too many answers are kept. */
  feeder: Upstream | null = null;
  private readonly kept = new KeptAnswers();
  private readonly unmatched: Unmatched | undefined;
  /** Why nothing can be asked any more. */
  private over: RequestFailure | undefined = undefined;

  constructor(channel: FramedConnection<unknown, unknown, unknown>, plan: RpcPlan) {
    this.channel = channel;
    this.connection = channel.connection;
    this.plan = plan;
    const clock = plan.clock ?? this.connection.settings.clock;
    const { lateAnswerTimeout, owedTimeout, unmatched, unmatchedLimits } = plan;
    this.correlation =
      plan.ids === undefined ? new ByOrder() : new ById(plan.ids, new OwedIds(clock, lateAnswerTimeout));
    this.owedWatch = new OwedWatch(clock, owedTimeout, lateAnswerTimeout, (isOver) => this.goOnWithoutOwed(isOver));
    this.unmatched = unmatched === undefined ? undefined : new Unmatched(unmatched, this, unmatchedLimits);
  }

  get inFlight(): number {
    return this.over === undefined ? this.correlation.size : 0;
  }

  get waiting(): number {
    return this.waitingRuns.size;
  }

  get isAsking(): boolean {
    return this.correlation.size > 0 || this.waitingRuns.size > 0;
  }

  /** Requests that wait need answers to those in flight. */
  awaits(waits: Waits): boolean {
    return this.feeder !== null && waits.forDelivery(this.feeder);
  }

  // ---- asking

  /** One subscription of a request. */
  begin(subscriber: Subscriber<unknown>, request: unknown, options: RequestOptions | undefined): RequestRun {
    const run = new RequestRun(this, subscriber, request);
    try {
      limitRequest(run, options, this.plan, this.connection);
    } catch (failure) {
      run.failNow(failure);
    }
    if (run.isSettled) return run;
    announceNeed(run);
    if (!this.started) this.startFor(run);
    if (this.over !== undefined) run.failNow(this.over);
    else if (this.waitingRuns.size === 0 && this.hasRoom) this.send(run);
    else this.wait(run);
    return run;
  }

  private get hasRoom(): boolean {
    const { correlation } = this;
    return correlation.size < this.plan.maxInFlight && correlation.hasFree && !this.outgoing.isHeld;
  }

  private wait(run: RequestRun): void {
    const { maxWaiting, maxInFlight } = this.plan;
    if (this.waitingRuns.size >= maxWaiting) {
      const why =
        `${this.correlation.size} requests are under way (maxInFlight is ${maxInFlight}) and ${maxWaiting} wait, ` +
        `which is the limit${this.whyWaiting()}: ask less at a time (mergeMap with a concurrency), or raise maxWaiting`;
      run.failNow(overflowOf(this.connection, maxWaiting, maxWaiting + 1, why));
      return;
    }
    this.waitingRuns.add(run);
    const upstream = currentUpstream();
    // What we deliver ourselves can't wait for us.
    if (upstream !== null && !this.isOwn(upstream)) this.askers.add(upstream);
    this.watchOwed();
  }

  private isOwn(upstream: Upstream): boolean {
    return upstream instanceof RequestRun && upstream.owner === this;
  }

  private send(run: RequestRun): void {
    if (!this.connection.isWritable) {
      const message = 'the write side of the connection has ended';
      run.failNow(new ConnectionClosed({ ...this.connection.failureDetails(), message }));
      return;
    }
    let frame: Frame;
    try {
      frame = encodeMessage(this.channel.framing, this.correlation.ask(run));
    } catch (failure) {
      this.correlation.withdraw(run);
      run.failNow(failure);
      return;
    }
    // One of the caller's functions may have ended it, or us.
    if (run.isSettled || this.over !== undefined) {
      this.correlation.withdraw(run);
      if (this.over !== undefined) run.failNow(this.over);
      return;
    }
    this.correlation.commit(run);
    this.unmatched?.resumeReading();
    run.sent(this.connection.writePosition);
    this.outgoing.send(frame);
  }

  private static sendFor(this: void, requester: Requester, run: RequestRun): void {
    requester.send(run);
  }

  /** Sends what waits, as far as there is room; then lets those go on who are held for it. */
  private sendWaiting(): void {
    if (this.sendingWaiting) return;
    this.sendingWaiting = true;
    while (this.waitingRuns.size > 0 && this.hasRoom) {
      const [run] = this.waitingRuns;
      if (run === undefined) break;
      this.waitingRuns.delete(run);
      run.context.runInAsyncScope(Requester.sendFor, undefined, this, run);
    }
    this.sendingWaiting = false;
    if (this.waitingRuns.size === 0) this.askers.release();
    this.watchOwed();
  }

  // ---- waiting for what was given up

  private get waitsForOwed(): boolean {
    return this.waitingRuns.size > 0 && this.correlation.waitsForOwed(this.plan.maxInFlight);
  }

  private watchOwed(): void {
    if (this.owedWatch.isRunning || this.waitingRuns.size > 0) this.owedWatch.watch(this.waitsForOwed);
  }

  /** As the second half of a sentence; empty where waiting has another reason. */
  whyWaiting(): string {
    const { correlation, plan } = this;
    if (!correlation.waitsForOwed(plan.maxInFlight)) return '';
    const places = plan.ids === undefined ? 'places' : `ids (largestId is ${plan.ids.largest})`;
    return ` (the peer owes ${correlation.owed} answers to requests that were given up, which keep their ${places})`;
  }

  /**
   * Answers may have become too late to come; `isOver`: nothing was answered for as long as
   * requests may wait for that.
   */
  private goOnWithoutOwed(isOver: boolean): void {
    this.sendWaiting();
    if (!isOver || !this.waitsForOwed) return;
    const { owedTimeout } = this.plan;
    const { owed } = this.correlation;
    const why =
      `a request waited for its turn and no answer came for ${owedTimeout} ms${this.whyWaiting()}: ` +
      'connect again, give up less, or set lateAnswerTimeout if the peer does not answer such requests';
    const failure = overflowOf(this.connection, owed, owed + this.waitingRuns.size, why);
    const waiting = [...this.waitingRuns];
    this.waitingRuns.clear();
    this.askers.release();
    this.owedWatch.watch(false);
    for (const run of waiting) run.failNow(failure);
  }

  // ---- giving up

  onGivenUp(run: RequestRun): void {
    if (run.state === 'waiting') {
      if (this.waitingRuns.delete(run) && this.waitingRuns.size === 0) {
        this.askers.release();
        this.watchOwed();
      }
    } else if (run.state === 'sent' && this.over === undefined) {
      this.correlation.giveUp(run);
      this.tellGivenUp(run);
      this.sendWaiting();
    }
  }

  private tellGivenUp(run: RequestRun): void {
    const cancel = this.plan.ids?.cancel;
    if (cancel === undefined || !this.connection.isWritable) return;
    try {
      this.outgoing.send(encodeMessage(this.channel.framing, cancel(run.id)));
    } catch (failure) {
      this.break(failure);
    }
  }

  // ---- the connection

  /** Begins to send and to read, for a request that is told when that fails. */
  private startFor(run: RequestRun): void {
    this.started = true;
    this.waitingRuns.add(run);
    // A time limit over one request must not end the connection for all the others.
    this.context.runInAsyncScope(withoutLeaves, undefined, () => this.start());
    this.waitingRuns.delete(run);
  }

  private start(): void {
    const former = recallOwed(this.connection);
    if (former !== undefined) this.correlation.inherit(former);
    this.sending = sendFlow(this.connection, this.outgoing.frames, encodedAlready).subscribe({
      error: (failure: unknown) => this.end(failure),
    });
    if (this.over !== undefined) return;
    const receiver = new SourceReceiver<unknown>(this);
    this.reading = receiver;
    try {
      this.channel.incoming.subscribe(receiver);
    } catch (error) {
      // A framing of the caller's own.
      this.break(error);
    }
  }

  sourceNext(message: unknown): void {
    this.feeder = currentUpstream();
    let run: RequestRun | Late | undefined;
    let part: AnswerPart = 'last';
    try {
      run = this.correlation.find(message);
      if (run === undefined) {
        this.takeUnmatched(message);
        return;
      }
      if (this.plan.part !== undefined) part = checkPart(this.plan.part(message));
    } catch (error) {
      this.break(error);
      return;
    }
    this.progress++;
    this.owedWatch.answered();
    if (typeof run === 'number') {
      if (part !== 'more') this.correlation.settleLate(run);
    } else {
      if (part !== 'more') {
        this.correlation.settle(run);
        run.answered();
      }
      try {
        if (part !== 'end' && !run.isSettled) this.give(run, message);
      } catch (error) {
        this.onThrown(run, error);
      }
      if (part !== 'more') run.complete();
    }
    if (this.waitingRuns.size > 0) this.sendWaiting();
  }

  private takeUnmatched(message: unknown): void {
    if (this.unmatched !== undefined) {
      this.unmatched.receive(message);
      return;
    }
    throw answersNothing(this.connection);
  }

  /** An answer to its request, which may be behind. */
  private give(run: RequestRun, answer: unknown): void {
    if (!run.isBehind) {
      run.emit(answer);
      return;
    }
    const { maxKept, failsWhenBehind } = this.plan;
    const { feeder } = this;
    const { kept } = this;
    // A consumer that waits for another request on this connection would wait for itself if the
    // reading stopped.
    if (kept.size >= maxKept && (failsWhenBehind || feeder === null || wouldWaitForItself(kept, feeder))) {
      this.onGivenUp(run);
      const why = `${kept.size} answers are kept for consumers that are behind, which is the limit; raise maxKept`;
      run.failNow(overflowOf(this.connection, maxKept, kept.size + 1, why));
      return;
    }
    kept.add(run);
    run.keep(answer);
    if (kept.size >= maxKept && !failsWhenBehind && feeder !== null) kept.holds.add(feeder);
  }

  /** Of those who share the connection one has thrown: the others go on. */
  onThrown(_run: RequestRun, error: unknown): void {
    this.connection.reportDefect(error);
  }

  onTaken(run: RequestRun, count: number): void {
    this.kept.remove(run, count);
    if (this.kept.size < this.plan.maxKept) this.kept.holds.release();
  }

  onUnmatchedFailed(error: unknown): void {
    this.break(error);
  }

  sourceError(error: unknown): void {
    // Somebody else reads the connection, and goes on.
    if (isNetFailure(error) && error._tag === 'AlreadySubscribed') this.end(error);
    else this.break(error);
  }

  sourceComplete(): void {
    const message = 'the peer has ended the connection';
    this.end(new ConnectionClosed({ ...this.connection.failureDetails(), message }));
  }

  // ---- the end

  release(): void {
    if (this.over !== undefined) return;
    const message = 'the connection was released for another use';
    this.end(new ConnectionClosed({ ...this.connection.failureDetails(), message }));
    if (this.correlation.owed > 0) rememberOwed(this.connection, this.correlation);
  }

  /** Ends the connection too: what comes can't be understood, or a function of the caller's has failed. */
  private break(error: unknown): void {
    this.end(error);
    if (isNetFailure(error)) this.connection.fail(error);
    else this.connection.abandon();
  }

  private end(error: unknown): void {
    if (this.over !== undefined) return;
    const details = this.connection.failureDetails();
    const over = asRequestFailure(error, details);
    this.over = over;
    const underWay = this.correlation.giveUpAll().filter((run) => !run.isSettled);
    const waiting = [...this.waitingRuns];
    this.waitingRuns.clear();
    this.owedWatch.watch(false);
    // A framing of the caller's own may throw; those who wait are told all the same.
    const report = (thrown: unknown): void => this.connection.reportDefect(thrown);
    guarded(() => this.reading?.unsubscribe(), report);
    guarded(() => this.sending?.unsubscribe(), report);
    this.askers.release();
    this.kept.holds.release();
    this.unmatched?.finish();
    if (!isTagged(error)) {
      // A defect is passed on as it is, and not lost.
      for (const run of [...underWay, ...waiting]) run.fail(error);
      if (underWay.length === 0 && waiting.length === 0) this.connection.reportDefect(error);
      return;
    }
    // One for all of them: there may be thousands, and making an error is dear.
    const possiblyDelivered = new PossiblyDelivered({ ...details, cause: error });
    for (const run of underWay) run.fail(this.connection.neverLeft(run.position) ? over : possiblyDelivered);
    for (const run of waiting) run.fail(over);
  }
}

/** Each request is encoded by itself, so that a bad one fails alone. */
const encodedAlready: Encoder = { encode: (frame: Frame) => frame };
