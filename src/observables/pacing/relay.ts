import type { Observable, Subscriber } from 'rxjs';

import type { Clock } from '../../core/clock.ts';
import {
  currentUpstream,
  deliver,
  type Holder,
  type Upstream,
  withoutUpstream,
  type Waits,
} from '../../core/demand.ts';
import { isStall } from '../../core/failures/index.ts';
import { wouldWaitForItself } from '../../core/self-wait.ts';
import { guarded } from '../../core/report-defect.ts';
import { collectLeaves, type LeafCollector } from '../internal/leaves.ts';
import type { LiveConnection } from '../internal/live-connection.ts';
import { defaultSourceClock } from '../internal/source-clock.ts';
import { endAfter } from './end-after.ts';
import { Holdable } from './holdable.ts';
import { Holds } from './holds.ts';
import { type SourceHandler, SourceReceiver } from './receiver.ts';
import { inTurn } from './release-all.ts';

interface Thrown {
  readonly error: unknown;
}

/**
 * Stands between a source and its consumer, keeps what can't go on yet, and emits it as an upstream of its own. A subclass
 * says what is kept, what may go now, and whether the source has to wait.
 *
 * ```
 *  source ──▶ accept ──▶ kept ──▶ next ──▶ subscriber
 *    ▲                    │ mustWait             │
 *    └────────────────────┘        ◀── hold ─────┘
 * ```
 *
 * `run` is the only place where values leave: a loop, so that nobody who holds and releases at once makes it recurse.
 */
export abstract class Relay<A, B = A> extends Holdable implements Upstream, Holder, SourceHandler<A>, LeafCollector {
  abstract readonly operator: string;
  progress = 0;
  protected readonly subscriber: Subscriber<B>;
  private readonly givenClock: Clock | undefined;
  private foundClock: Clock | undefined = undefined;
  private readonly source: SourceReceiver<A> = new SourceReceiver<A>(this);
  private readonly sourceHolds = new Holds(this);
  private running = false;
  /** How the source ended; told when what is kept is out. */
  private over: 'complete' | Thrown | undefined = undefined;
  private closed = false;
  private cancelTimer: (() => void) | undefined = undefined;
  /** Who delivered last. */
  private feeder: Upstream | null = null;
  /** Whose bytes these are, unchanged: who takes them back. `null` once they came from elsewhere too. */
  private origin: Upstream | null | undefined = undefined;
  /** What was given back when the subscriber left. */
  private givenBack: Uint8Array | undefined = undefined;

  constructor(subscriber: Subscriber<B>, clock: Clock | undefined) {
    super();
    this.subscriber = subscriber;
    this.givenClock = clock;
  }

  // ---- what a subclass makes of it

  /** Takes a value of the source, or drops it, or fails. */
  protected abstract accept(value: A): void;
  /** Whether something is kept. */
  protected abstract get isEmpty(): boolean;
  /** Whether the next value may leave now; if it is only a matter of time, sees to it that `goOn` is called then. */
  protected abstract mayEmit(): boolean;
  /** Takes the next value; only when there is one that may leave. */
  protected abstract take(): B;
  /** Whether the source is to be made to wait, if it can be. */
  protected abstract get mustWait(): boolean;
  /** Whether a source that waits may go on. */
  protected abstract get mayGoOn(): boolean;
  /** All that is kept, in its order, as far as it is bytes of the source. */
  protected abstract leftOver(): readonly Uint8Array[];
  /** Forgets what is kept. */
  protected abstract clear(): void;

  // ---- the source

  start(flow: Observable<A>): void {
    // The clock of the connection that feeds it, where there is one.
    if (this.givenClock === undefined) collectLeaves(this, () => flow.subscribe(this.source));
    else flow.subscribe(this.source);
  }

  found(connection: LiveConnection): void {
    this.foundClock ??= connection.settings.clock;
  }

  protected get clock(): Clock {
    return this.givenClock ?? this.foundClock ?? defaultSourceClock;
  }

  /** Whether no further value comes. */
  protected get isOver(): boolean {
    return this.over !== undefined;
  }

  protected get isClosed(): boolean {
    return this.closed;
  }

  sourceNext(value: A): void {
    const upstream = currentUpstream();
    this.feeder = upstream;
    const origin = upstream !== null && upstream.emitting === value ? upstream : null;
    if (this.origin === undefined) this.origin = origin;
    else if (this.origin !== origin) this.origin = null;
    this.accept(value);
    this.goOn();
    if (upstream !== null && !this.closed && this.mustWait) this.pauseSource(upstream);
  }

  protected get isSourcePaused(): boolean {
    return !this.sourceHolds.isEmpty;
  }

  protected pauseSource(upstream: Upstream): void {
    this.sourceHolds.add(upstream);
  }

  /** What is released may emit before this returns, and be paused again. */
  protected resumeSource(): void {
    this.sourceHolds.release();
  }

  /** What is kept waits for the consumer, and for time. */
  awaits(waits: Waits): boolean {
    return waits.forRelease(this);
  }

  needs(waits: Waits): boolean {
    return this.feeder !== null && waits.forDelivery(this.feeder);
  }

  /** Whether what delivers now can be held, and is not held yet: there is one value of it at most that we did not wait for. */
  protected get canHold(): boolean {
    const upstream = currentUpstream();
    if (upstream === null || this.sourceHolds.has(upstream)) return false;
    return !wouldWaitForItself(this, upstream);
  }

  sourceError(error: unknown): void {
    if (isStall(error)) {
      this.fail(error);
      return;
    }
    this.over = { error };
    this.goOn();
  }

  sourceComplete(): void {
    this.over = 'complete';
    this.goOn();
  }

  /** A drain of our own completed the source: what is unfinished is not to be taken for a whole. */
  get endedEarly(): boolean {
    return this.feeder?.endedEarly === true;
  }

  // ---- the way out

  protected readonly goOn = (): void => {
    if (this.running || this.closed) return;
    // Whatever is being delivered now (to whoever released us, say) is not what is emitted from here on.
    this.context.runInAsyncScope(withoutUpstream, undefined, this.run);
  };

  private readonly run = (): void => {
    this.running = true;
    try {
      while (!this.closed && this.step());
    } finally {
      this.running = false;
    }
  };

  /** Does the next thing that can be done; false when there is none. */
  private step(): boolean {
    if (this.isEmpty && this.over !== undefined) {
      this.finish(this.over);
      return false;
    }
    if (this.isSourcePaused && this.mayGoOn) {
      this.resumeSource();
      return true;
    }
    if (this.isHeld || this.isEmpty || !this.mayEmit()) return false;
    this.emit(this.take());
    return true;
  }

  private emit(value: B): void {
    const outer = this.emitting;
    this.emitting = value;
    this.progress++;
    deliver(this, this.subscriber, value);
    this.emitting = outer;
  }

  protected onFree(): void {
    this.goOn();
  }

  /** Calls `callback` after so many ms; one timer at a time. */
  protected startTimer(delay: number, callback: () => void): void {
    // It is waited for: a socket that is not read keeps no process alive.
    this.cancelTimer ??= this.clock.after(
      delay,
      () => {
        this.cancelTimer = undefined;
        guarded(callback);
      },
      true,
    );
  }

  protected stopTimer(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
  }

  // ---- the end

  private finish(over: 'complete' | Thrown): void {
    endAfter(() => this.close(), this.subscriber, over === 'complete' ? undefined : over);
  }

  /** Ends at once with a failure of its own, or a defect; what is kept is lost. */
  protected fail(failure: unknown): void {
    if (this.closed) return;
    this.origin = null;
    endAfter(() => this.close(), this.subscriber, { error: failure });
  }

  /** The subscriber has left: what it did not get goes back. */
  stop(): void {
    this.close();
  }

  private close(): void {
    if (this.closed) return;
    this.closed = true;
    this.stopTimer();
    const { origin } = this;
    if (origin?.unread !== undefined) this.givenBack = joined(this.leftOver());
    inTurn(
      // Before it is released: so that nothing is emitted to nobody.
      () => this.source.unsubscribe(),
      () => void (this.givenBack !== undefined && this.givenBack.length > 0 && origin?.unread?.(this.givenBack)),
      () => this.clear(),
      () => this.sourceHolds.release(),
    );
  }

  /** Takes back what came last; after it comes what had not been emitted. */
  unread(bytes: Uint8Array): void {
    // While somebody else still reads (behind `share`), the bytes have been seen and are not given back.
    if (this.closed) this.origin?.unread?.(joined([bytes, this.givenBack ?? NOTHING]));
  }
}

const NOTHING = Buffer.alloc(0);

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const some = parts.filter((part) => part.length > 0);
  const [only = NOTHING] = some;
  return some.length > 1 ? Buffer.concat(some) : only;
}
