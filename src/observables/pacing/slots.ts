import type { Holder, Waits } from '../../core/demand.ts';
import type { GuardedAbort } from '../../core/guarded-abort.ts';
import { guarded, reportDefect } from '../../core/report-defect.ts';
import { BoundedQueue } from './bounded-queue.ts';
import { Holds } from './holds.ts';
import type { Limits } from './limits.ts';
import { Receiver } from './receiver.ts';
import type { Work } from './work.ts';
import { inTurn } from './release-all.ts';

/** What comes of one value. */
export interface Slot {
  readonly work: Work;
  /** Whether there is a value to be taken. */
  readonly hasValue: boolean;
  take(): unknown;
  /** Whether no further value comes. */
  readonly done: boolean;
  readonly failed: boolean;
  readonly reason: unknown;
  /** Lets go on what was held while it was not first; false when there is none. */
  release(): boolean;
  cancel(): void;
}

export interface SlotOwner {
  slotNext(slot: ObservableSlot, value: unknown): void;
  slotDone(slot: Slot): void;
  /** A teardown of what a slot had emitted, and ended with, threw. */
  slotThrew(error: unknown): void;
  readonly operator: string;
  readonly progress: number;
  slotAwaits(slot: Slot, waits: Waits): boolean;
}

/** One value, now or later. */
export class PromiseSlot implements Slot {
  hasValue = false;
  done = false;
  failed = false;
  reason: unknown = undefined;
  readonly work: Work;
  private value: unknown = undefined;
  private readonly owner: SlotOwner;
  private readonly abort: GuardedAbort | undefined;
  private cancelled = false;

  constructor(owner: SlotOwner, work: Work, abort: GuardedAbort | undefined) {
    this.owner = owner;
    this.work = work;
    this.abort = abort;
  }

  await(promise: PromiseLike<unknown>): void {
    try {
      promise.then(
        (value) => guarded(() => this.resolve(value)),
        (error: unknown) => guarded(() => this.reject(error)),
      );
    } catch (error) {
      this.reject(error);
    }
  }

  resolve(value: unknown): void {
    if (this.cancelled || this.done) return;
    this.value = value;
    this.hasValue = true;
    this.done = true;
    this.owner.slotDone(this);
  }

  reject(error: unknown): void {
    if (this.cancelled || this.done) return;
    this.reason = error;
    this.failed = true;
    this.done = true;
    this.owner.slotDone(this);
  }

  take(): unknown {
    const { value } = this;
    this.value = undefined;
    this.hasValue = false;
    return value;
  }

  release(): boolean {
    return false;
  }

  cancel(): void {
    if (this.cancelled) return;
    this.cancelled = true;
    this.value = undefined;
    if (!this.done) this.abort?.abort();
  }
}

/** What an Observable emits. Until it is first its values are kept, and who brings them is made to wait. */
export class ObservableSlot extends Receiver<unknown> implements Slot, Holder {
  readonly kept: BoundedQueue<unknown>;
  readonly holds = new Holds(this);
  readonly work: Work;
  done = false;
  failed = false;
  reason: unknown = undefined;
  private readonly owner: SlotOwner;
  private readonly abort: GuardedAbort | undefined;

  constructor(owner: SlotOwner, work: Work, abort: GuardedAbort | undefined, limits: Limits) {
    super();
    this.work = work;
    this.owner = owner;
    this.abort = abort;
    this.kept = new BoundedQueue(limits, (value) => value);
  }

  get operator(): string {
    return this.owner.operator;
  }

  get progress(): number {
    return this.owner.progress;
  }

  awaits(waits: Waits): boolean {
    return this.owner.slotAwaits(this, waits);
  }

  get hasValue(): boolean {
    return !this.kept.isEmpty;
  }

  take(): unknown {
    return this.kept.shift();
  }

  protected onNext(value: unknown): void {
    this.owner.slotNext(this, value);
  }

  protected onError(error: unknown): void {
    this.reason = error;
    this.failed = true;
    this.end();
  }

  protected override onThrownAtEnd(error: unknown): void {
    this.owner.slotThrew(error);
  }

  protected onComplete(): void {
    this.end();
  }

  /** Its resources are free before the next work begins. */
  private end(): void {
    this.done = true;
    try {
      this.unsubscribe();
    } catch (error) {
      // A teardown that throws is a failure of this flow, unless it has one.
      if (this.failed) reportDefect(error);
      else this.reason = error;
      this.failed = true;
    }
    this.owner.slotDone(this);
  }

  release(): boolean {
    if (this.holds.isEmpty) return false;
    this.holds.release();
    return true;
  }

  cancel(): void {
    const inFlight = !this.done;
    this.done = true;
    inTurn(
      () => this.unsubscribe(),
      () => this.kept.clear(),
      () => void (inFlight && this.abort?.abort()),
      () => this.holds.release(),
    );
  }
}
