import type { Observable, Subscriber } from 'rxjs';

import { captureContext, type Context } from '../../core/context.ts';
import {
  currentUpstream,
  enterUpstream,
  type Holder,
  leaveUpstream,
  type Upstream,
  type Waits,
} from '../../core/demand.ts';
import { BufferOverflow, FrameTruncated, InvalidOptions, isStall } from '../../core/failures/index.ts';
import { HeldBy } from '../../core/held-by.ts';
import { SmallPieces } from '../internal/small-pieces.ts';
import { endAfter } from '../pacing/end-after.ts';
import { type SourceHandler, SourceReceiver } from '../pacing/receiver.ts';
import { type MessageLimit, takeMessageLimit } from './message-limit.ts';
import { inTurn } from '../pacing/release-all.ts';

/** What may wait in front of a decoder whose source can't be held, in bytes. */
const MOST_WAITING = 1_048_576;

/**
 * One subscription of a framing: bytes in, messages out, and what all framings have in common.
 *
 * - Held, it stops after the message on which it was held, and holds whoever feeds it. What a source that can't be held sends
 *   meanwhile waits here, up to a bound.
 * - Given up, it gives back what it took and did not use, if all of it came from one source as it was.
 * - A failure is terminal, and is told when nobody is on the stack as the one to hold.
 *
 * A subclass knows the chunk that is being worked through, and the beginning of a message that earlier chunks have left.
 */
export abstract class FramingRun<In> implements Upstream, Holder, SourceHandler<Uint8Array> {
  readonly operator = 'framing';
  readonly progress = 0;
  readonly emitting = undefined;
  protected readonly subscriber: Subscriber<In>;
  private readonly source: SourceReceiver<Uint8Array> = new SourceReceiver<Uint8Array>(this);

  /** Chunks of a source that can't be held, while we are. */
  private waiting: Buffer[] = [];
  private waitingLength = 0;
  private readonly smallOfWaiting = new SmallPieces();

  /** A release goes on in the context of the subscriber. */
  private readonly context: Context = captureContext();
  private readonly holds = new HeldBy();
  /** Who delivered the last chunk, and is held when we are. */
  private feeder: Upstream | null = null;
  private releaseFeeder: (() => void) | undefined = undefined;
  /** Who takes bytes back: only if all that we have came from there as it was. */
  private origin: Upstream | null = null;
  private working = false;
  /** How the source ended. */
  private over: 'complete' | { readonly error: unknown } | undefined = undefined;
  private broken: { readonly error: unknown } | undefined = undefined;
  /** Bounds how long half a message may stay half, where the framing is that of a channel. */
  private limit: MessageLimit | undefined = undefined;
  /** How many bytes of the current message had come, before the last chunk. */
  private wasPending = 0;
  private received = 0;
  private closed = false;

  constructor(subscriber: Subscriber<In>) {
    this.subscriber = subscriber;
  }

  // ---- what a subclass does

  /** Messages may be left in the chunk that is being worked through. */
  protected abstract readonly isBusy: boolean;
  /** How many bytes of a message that is not complete there are. Only asked for when it is not busy. */
  protected abstract readonly pending: number;
  /** Works through a chunk, as far as `mayEmit`. Only called when it is not busy. */
  protected abstract take(chunk: Buffer): void;
  /** Goes on with the chunk where `mayEmit` stopped it. */
  protected abstract goOn(): void;
  /** The source has completed: what is pending may be a message or several, which are emitted as far as `mayEmit`. */
  protected abstract emitLast(): void;
  /** What was taken and not used, in order. */
  protected abstract leftOver(): Buffer[];
  /** Lets go of all memory. */
  protected abstract clear(): void;

  /** Nobody holds or has given up, and nothing is wrong. */
  protected mayEmit(): boolean {
    return this.holds.isEmpty && !this.closed && this.broken === undefined;
  }

  /** Something is wrong with the bytes, or the decoder threw. */
  protected breakOff(error: unknown): void {
    this.broken ??= { error };
  }

  // ---- from the source

  start(source: Observable<Uint8Array>): void {
    this.limit = takeMessageLimit();
    source.subscribe(this.source);
  }

  sourceNext(bytes: Uint8Array): void {
    if (!((bytes as unknown) instanceof Uint8Array)) {
      this.fail(new InvalidOptions({ option: 'chunk', value: bytes, allowed: 'bytes (a Uint8Array)' }));
      return;
    }
    if (bytes.length === 0) return;
    this.received += bytes.length;
    const chunk = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const upstream = currentUpstream();
    this.feeder = upstream;
    const origin = upstream !== null && upstream.emitting === bytes ? upstream : null;
    if (!this.isBusy && this.waiting.length === 0 && this.pending === 0) this.origin = origin;
    else if (this.origin !== origin) this.origin = null;
    if (!this.holds.isEmpty || this.working) this.wait(chunk);
    else this.work(chunk);
  }

  sourceError(error: unknown): void {
    if (isStall(error)) {
      this.fail(error);
      return;
    }
    this.over = { error };
    if (this.holds.isEmpty && !this.working) this.work();
  }

  sourceComplete(): void {
    this.over = 'complete';
    if (this.holds.isEmpty && !this.working) this.work();
  }

  /** A chunk although we are held: it can't be helped, but it can be bounded. */
  private wait(chunk: Buffer): void {
    this.smallOfWaiting.addTo(this.waiting, chunk);
    this.waitingLength += chunk.length;
    if (this.waitingLength > MOST_WAITING) {
      this.fail(new BufferOverflow({ limit: MOST_WAITING, queued: this.waitingLength }));
    } else if (!this.holds.isEmpty) {
      this.holdFeeder();
    }
  }

  // ---- what is at hand

  /** Works through it as far as nobody holds or gives up, then lets the source go on. */
  private work(chunk?: Buffer): void {
    this.working = true;
    const outer = enterUpstream(this);
    try {
      if (chunk === undefined) this.goOn();
      else this.take(chunk);
      while (this.isFree) {
        const next = this.waiting.shift();
        if (next === undefined) break;
        if (this.waiting.length === 0) this.smallOfWaiting.clear();
        this.waitingLength -= next.length;
        this.take(next);
      }
      if (this.isFree && this.over === 'complete' && !this.endedEarly && this.pending > 0) this.emitLast();
    } finally {
      leaveUpstream(outer);
      this.working = false;
    }
    if (this.broken !== undefined) this.fail(this.broken.error);
    if (!this.isFree) return;
    this.letFeederGo();
    if (this.over !== undefined) this.finish(this.over);
    else if (this.limit !== undefined) this.watchPending(this.limit);
  }

  /** A message that grows by all that came is still the same one. */
  private watchPending(limit: MessageLimit): void {
    const { pending, received, wasPending } = this;
    this.received = 0;
    this.wasPending = pending;
    if (pending === 0) limit.pause();
    else limit.wait(pending !== wasPending + received);
  }

  private get isFree(): boolean {
    return this.mayEmit() && !this.isBusy;
  }

  // ---- demand

  private static goOnWorking<T>(this: void, run: FramingRun<T>): void {
    run.work();
  }

  get pauses(): Upstream | null {
    return this.feeder;
  }

  needs(waits: Waits): boolean {
    return this.feeder !== null && waits.forDelivery(this.feeder);
  }

  heldBy(visit: (holder: Holder) => boolean): boolean {
    return this.holds.visit(visit);
  }

  /** The source waits as long as this does. */
  awaits(waits: Waits): boolean {
    return waits.forRelease(this);
  }

  hold(holder?: Holder): () => void {
    if (this.closed) return () => {};
    this.holds.add(holder);
    this.limit?.pause();
    this.holdFeeder();
    let released = false;
    return () => {
      if (released) return;
      released = true;
      if (this.holds.remove(holder) && !this.closed && !this.working)
        this.context.runInAsyncScope(FramingRun.goOnWorking<In>, undefined, this);
    };
  }

  /** We have stopped reading, and the peer may be in the middle of a message: that one is not over. */
  get endedEarly(): boolean {
    return this.feeder?.endedEarly === true;
  }

  private holdFeeder(): void {
    if (this.feeder !== null) this.releaseFeeder ??= this.feeder.hold(this);
  }

  private letFeederGo(): void {
    const release = this.releaseFeeder;
    this.releaseFeeder = undefined;
    release?.();
  }

  // ---- the end

  /** The source has ended, and everything that came before is out. */
  private finish(over: 'complete' | { readonly error: unknown }): void {
    if (this.closed) return;
    const { pending } = this;
    if (over !== 'complete') {
      this.fail(over.error);
    } else if (pending > 0 && !this.endedEarly) {
      this.fail(new FrameTruncated({ pending }));
    } else {
      // What is pending goes back.
      endAfter(() => this.stop(), this.subscriber, undefined);
    }
  }

  private fail(error: unknown): void {
    this.origin = null;
    endAfter(() => this.stop(), this.subscriber, { error });
  }

  /** Over, for whatever reason; what was taken and not emitted goes back. */
  stop(): void {
    if (this.closed) return;
    this.closed = true;
    this.limit?.stop();
    const left = this.origin === null ? [] : [...this.leftOver(), ...this.waiting];
    inTurn(
      () => this.source.unsubscribe(),
      () => void (left.length > 0 && this.origin?.unread?.(join(left))),
      () => this.letFeederGo(),
    );
    this.waiting = [];
    this.smallOfWaiting.clear();
    this.clear();
  }
}

/** A view goes back as it is: who reads next is spared a copy. */
function join(pieces: readonly Buffer[]): Buffer {
  const [only] = pieces;
  return only !== undefined && pieces.length === 1 ? only : Buffer.concat(pieces);
}
