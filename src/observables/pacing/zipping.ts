import type { Subscriber } from 'rxjs';

import { currentUpstream, type Holder, withoutUpstream, type Waits } from '../../core/demand.ts';
import type { Combine } from './arguments.ts';
import { BoundedQueue } from './bounded-queue.ts';
import { Gate, type GateOwner } from './gate.ts';
import { Holds } from './holds.ts';
import type { Inputs } from './inputs.ts';
import { subscribeTo } from './joining.ts';
import type { Limits } from './limits.ts';
import { type InputHandler, InputReceiver } from './receiver.ts';
import { enterWork, leaveWork, Work } from './work.ts';
import { inTurn, releaseAll, unsubscribeAll } from './release-all.ts';

/** One input of a `zip`, with what it is ahead by. What it pauses waits for the other sides. */
class Side extends InputReceiver<unknown> implements Holder {
  readonly operator = 'zip';
  readonly ahead: BoundedQueue<unknown>;
  readonly holds = new Holds(this);
  /** The upstreams that it needs. */
  readonly work = new Work();
  completed = false;
  private readonly zipping: Zipping;

  constructor(zipping: Zipping, index: number, limits: Limits) {
    super(zipping, index);
    this.zipping = zipping;
    this.ahead = new BoundedQueue(limits, (value) => value);
  }

  get progress(): number {
    return this.zipping.progress;
  }

  awaits(waits: Waits): boolean {
    return this.zipping.othersNeed(this, waits);
  }
}

/** Emits the values of all sides together, and makes those wait that are ahead. */
export class Zipping implements InputHandler<unknown>, GateOwner {
  readonly operator = 'zip';
  private readonly subscriber: Subscriber<unknown>;
  private readonly inputs: Inputs;
  private readonly project: Combine | undefined;
  private readonly sides: readonly Side[];
  private readonly gate: Gate<unknown>;

  constructor(subscriber: Subscriber<unknown>, inputs: Inputs, project: Combine | undefined, limits: Limits) {
    this.subscriber = subscriber;
    this.inputs = inputs;
    this.project = project;
    this.sides = inputs.map((_, index) => new Side(this, index, limits));
    this.gate = new Gate(subscriber, this);
  }

  start(): void {
    for (const [index, input] of this.inputs.entries()) {
      const side = this.sides[index];
      if (this.subscriber.closed || side === undefined) return;
      const outer = enterWork(side.work);
      try {
        subscribeTo(input, side);
      } finally {
        leaveWork(outer);
      }
    }
  }

  inputNext(value: unknown, { index }: InputReceiver<unknown>): void {
    const side = this.sides[index];
    if (side === undefined) return;
    const overflow = side.ahead.push(value);
    if (overflow !== undefined) {
      this.subscriber.error(overflow);
      return;
    }
    const upstream = this.gate.foreignUpstream();
    // Whoever brought what was missing is to be held by a consumer that can't keep up, if it can be
    // held.
    if (upstream !== null || !this.gate.isHeld) this.emitComplete(upstream !== null);
    if (upstream === null || this.subscriber.closed) return;
    side.work.learn(upstream);
    if (side.ahead.isAboveMark) side.holds.add(upstream, side.ahead.room);
  }

  get progress(): number {
    return this.gate.progress;
  }

  /** Reports what has to happen before `side` is no longer ahead, until one report returns true. */
  othersNeed(side: Side, waits: Waits): boolean {
    return waits.forRelease(this.gate) || this.sides.some((other) => other !== side && other.work.reportTo(waits));
  }

  emissionNeeds(waits: Waits): boolean {
    return this.sides.some((side) => side.work.reportTo(waits));
  }

  /** Emits as often as all sides have a value. */
  private emitComplete(passing: boolean): void {
    while (this.sides.every((side) => !side.ahead.isEmpty)) {
      if (this.subscriber.closed || (!passing && this.gate.isHeld)) return;
      const values = this.sides.map((side) => side.ahead.shift());
      let made: unknown = values;
      if (this.project !== undefined) {
        try {
          made = this.project(...values);
        } catch (error) {
          this.subscriber.error(error);
          return;
        }
      }
      if (passing) this.subscriber.next(made);
      else this.gate.emit(made);
      this.endIfOver();
      for (const side of this.sides) if (!side.holds.isEmpty && side.ahead.isBelowMark) side.holds.release();
    }
  }

  onReleased(): void {
    this.goOn();
  }

  private readonly goOn = (): void => {
    if (currentUpstream() === null) this.emitComplete(false);
    else withoutUpstream(() => this.emitComplete(false));
  };

  inputError(error: unknown): void {
    this.subscriber.error(error);
  }

  inputComplete({ index }: InputReceiver<unknown>): void {
    const side = this.sides[index];
    if (side !== undefined) side.completed = true;
    this.endIfOver();
  }

  /** Nothing more can be emitted once a side has neither values nor more to come. */
  private endIfOver(): void {
    if (this.sides.some((side) => side.completed && side.ahead.isEmpty)) this.subscriber.complete();
  }

  unsubscribe(): void {
    inTurn(
      () => unsubscribeAll(this.sides),
      () =>
        releaseAll(this.sides, (side) => {
          side.ahead.clear();
          side.holds.release();
        }),
    );
  }
}
