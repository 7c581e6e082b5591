import type { Subscriber } from 'rxjs';

import type { Clock } from '../../core/clock.ts';
import { InvalidOptions } from '../../core/failures/index.ts';
import { TokenBucket } from '../internal/token-bucket.ts';
import { BoundedQueue } from './bounded-queue.ts';
import type { Limits } from './limits.ts';
import { Relay } from './relay.ts';

/** A rate, checked. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** What the two rates have in common: the source waits as soon as something is kept. */
abstract class RateRun<A, B> extends Relay<A, B> {
  readonly operator = 'rateLimit';
  protected readonly rate: Rate;
  protected readonly kept: BoundedQueue<B>;
  private madeBucket: TokenBucket | undefined = undefined;

  constructor(subscriber: Subscriber<B>, rate: Rate, limits: Limits, clock: Clock | undefined) {
    super(subscriber, clock);
    this.rate = rate;
    this.kept = new BoundedQueue(limits, (value) => value, limits.sizeOf);
  }

  /** Made when it is needed: by then it is known whose clock counts. */
  protected get bucket(): TokenBucket {
    return (this.madeBucket ??= new TokenBucket(this.clock, this.rate.perSecond, this.rate.burst));
  }

  protected keep(value: B): void {
    const overflow = this.kept.push(value);
    if (overflow !== undefined) this.fail(overflow);
  }

  protected get isEmpty(): boolean {
    return this.kept.isEmpty;
  }

  protected get mustWait(): boolean {
    return !this.isEmpty;
  }

  protected get mayGoOn(): boolean {
    return this.isEmpty && !this.isHeld;
  }

  /** How many may leave, if that is so many at least; else 0, and it goes on when they may. */
  protected allowance(least: number): number {
    const { bucket } = this;
    const { available } = bucket;
    if (available >= least) return available;
    this.startTimer(bucket.delayFor(least), this.goOn);
    return 0;
  }

  protected clear(): void {
    this.kept.clear();
  }
}

/** So many messages per second; each leaves whole. */
export class MessageRateRun<A> extends RateRun<A, A> {
  protected accept(value: A): void {
    this.keep(value);
  }

  protected mayEmit(): boolean {
    return this.allowance(1) > 0;
  }

  protected take(): A {
    this.bucket.take(1);
    return this.kept.shift();
  }

  protected leftOver(): readonly Uint8Array[] {
    return this.kept.toArray().filter((value) => value instanceof Uint8Array);
  }
}

const NOTHING = Buffer.alloc(0);

/** Pieces as small as what comes in so many ms, where a chunk has to be cut: small enough for a smooth flow, large enough to be few. */
const PIECE = 10;

/** So many bytes per second; chunks are cut as the rate wants it. */
export class ByteRateRun extends RateRun<unknown, Uint8Array> {
  private readonly piece: number;
  /** What is left of a chunk that was cut. */
  private rest: Uint8Array = NOTHING;
  /** How much of it may leave now. */
  private allowed = 0;

  constructor(subscriber: Subscriber<Uint8Array>, rate: Rate, limits: Limits, clock: Clock | undefined) {
    super(subscriber, rate, limits, clock);
    this.piece = Math.min(rate.burst, Math.ceil((rate.perSecond * PIECE) / 1000));
  }

  protected accept(value: unknown): void {
    if (typeof value === 'string') this.keep(Buffer.from(value));
    else if (value instanceof Uint8Array) this.keep(value);
    else this.fail(new InvalidOptions({ option: 'chunk', value, allowed: 'bytes (a Uint8Array) or a string' }));
  }

  protected override get isEmpty(): boolean {
    return this.rest.length === 0 && super.isEmpty;
  }

  protected mayEmit(): boolean {
    if (this.rest.length === 0) this.rest = this.kept.shift();
    const { length } = this.rest;
    this.allowed = length === 0 ? 0 : this.allowance(Math.min(length, this.piece));
    return length === 0 || this.allowed > 0;
  }

  protected take(): Uint8Array {
    const { rest } = this;
    const size = Math.min(rest.length, this.allowed);
    this.bucket.take(size);
    this.rest = rest.subarray(size);
    return size === rest.length ? rest : rest.subarray(0, size);
  }

  protected leftOver(): readonly Uint8Array[] {
    return [this.rest, ...this.kept.toArray()];
  }

  protected override clear(): void {
    super.clear();
    this.rest = NOTHING;
  }
}
