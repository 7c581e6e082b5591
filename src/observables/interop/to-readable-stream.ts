import type { Observable } from 'rxjs';

import { onAbort } from '../../core/on-abort.ts';
import { checkOneOf } from '../../core/options/index.ts';
import { guarded } from '../../core/report-defect.ts';
import { read } from '../internal/read-options.ts';
import { ItemPuller, type ItemTaker } from './item-puller.ts';
import { planTaking, type TakeOptions } from './interop-options.ts';

/** Options of `toReadableStream`. */
export interface ReadableStreamOptions extends TakeOptions {
  /**
   * `bytes` makes a byte stream, for readers that bring their own buffer. Its chunks are copies: a
   * byte stream takes the memory of what it is given away from everybody else, and memory of a
   * connection may still be somebody's.
   *
   * @defaultValue a stream of what the flow emits, not copied
   */
  readonly type?: 'bytes' | undefined;
}

/**
 * A flow as a `ReadableStream`.
 *
 * It is subscribed with the first read, held whenever nobody reads, and nothing is taken ahead.
 * `cancel()` unsubscribes at once: what a connection has not given is there for its next reader.
 * The stream closes when the flow completes, and errors with its failure as it is.
 *
 * Only what can't be held (a timer, a `Subject`) is queued: beyond 16,384 items or 16 MiB the
 * stream errors with `BufferOverflow`, and what is in that queue at a `cancel()` is lost. Wrong
 * options error the stream with `InvalidOptions`.
 *
 * The other way is `from(stream)` of `rxjs-net/rx`.
 *
 * @example
 * ```ts
 * import { from } from 'rxjs-net/rx';
 * import { toReadableStream } from 'rxjs-net';
 *
 * const stream = toReadableStream(from(['a', 'b'])).pipeThrough(new TextEncoderStream());
 * console.log(await new Response(stream).text()); // => ab
 * ```
 */
export function toReadableStream(
  flow: Observable<Uint8Array>,
  options: ReadableStreamOptions & { readonly type: 'bytes' },
): ReadableStream<Uint8Array>;
export function toReadableStream<A>(
  flow: Observable<A>,
  options?: ReadableStreamOptions & { readonly type?: undefined },
): ReadableStream<A>;
export function toReadableStream(
  flow: Observable<unknown>,
  options: ReadableStreamOptions = {},
): ReadableStream<unknown> {
  return streamOf(flow, options, () => {});
}

/** As `toReadableStream`; `ended` is called when it is over, `cancelled` if by its reader. */
export function streamOf(
  flow: Observable<unknown>,
  options: ReadableStreamOptions,
  ended: (how: 'closed' | 'errored' | 'cancelled') => void,
): ReadableStream<unknown> {
  let run: StreamRun;
  let bytes = false;
  try {
    const plan = planTaking('toReadableStream', flow, options, ['type']);
    bytes = read(options, 'type', checkBytes) !== undefined;
    run = new StreamRun(flow, plan, ended);
  } catch (failure) {
    return new ReadableStream({ start: (controller) => controller.error(failure) });
  }
  const reading = { pull: () => run.pull(), cancel: () => run.cancel() };
  return bytes
    ? new ReadableStream(
        { type: 'bytes', start: (controller) => run.start(controller, bytesInto(controller)), ...reading },
        { highWaterMark: 0 },
      )
    : new ReadableStream(
        { start: (controller) => run.start(controller, itemsInto(controller)), ...reading },
        { highWaterMark: 0 },
      );
}

const checkBytes = (name: string, value: unknown): 'bytes' => checkOneOf(name, value, ['bytes']);

type Controller = ReadableStreamDefaultController<unknown> | ReadableByteStreamController;

/** Gives an item to whoever reads. @returns whether that was something to read. */
type Enqueue = (item: unknown) => boolean;

function itemsInto(controller: ReadableStreamDefaultController<unknown>): Enqueue {
  return (item) => {
    controller.enqueue(item);
    return true;
  };
}

function bytesInto(controller: ReadableByteStreamController): Enqueue {
  return (item) => {
    if (!(item instanceof Uint8Array)) throw new TypeError('a byte stream takes bytes (Uint8Array) alone');
    // A byte stream refuses a chunk of nothing.
    if (item.length === 0) return false;
    controller.enqueue(new Uint8Array(item));
    return true;
  };
}

class StreamRun implements ItemTaker<unknown> {
  private readonly flow: Observable<unknown>;
  private readonly ended: (how: 'closed' | 'errored' | 'cancelled') => void;
  private readonly signal: AbortSignal | undefined;
  private readonly puller: ItemPuller<unknown>;
  private forgetSignal: (() => void) | undefined = undefined;
  private controller: Controller | undefined = undefined;
  private enqueue: Enqueue | undefined = undefined;

  constructor(
    flow: Observable<unknown>,
    { limits, signal }: ReturnType<typeof planTaking>,
    ended: (how: 'closed' | 'errored' | 'cancelled') => void,
  ) {
    this.flow = flow;
    this.ended = ended;
    this.signal = signal;
    this.puller = new ItemPuller(this, limits);
  }

  start(controller: Controller, enqueue: Enqueue): void {
    const { signal } = this;
    this.controller = controller;
    this.enqueue = enqueue;
    if (signal === undefined) return;
    if (signal.aborted) this.failed(signal.reason);
    else this.forgetSignal = onAbort(signal, () => this.failed(signal.reason));
  }

  pull(): void {
    this.puller.want(this.flow);
  }

  take(item: unknown): void {
    try {
      if (this.enqueue?.(item) === false) this.pull();
    } catch (error) {
      this.failed(error);
    }
  }

  failed(error: unknown): void {
    // A teardown of the flow may throw; the stream ends all the same.
    guarded(() => this.finish());
    this.controller?.error(error);
    this.ended('errored');
  }

  completed(): void {
    this.finish();
    const { controller } = this;
    controller?.close();
    // Who brought a buffer gets it back empty.
    if (controller !== undefined && 'byobRequest' in controller) controller.byobRequest?.respond(0);
    this.ended('closed');
  }

  cancel(): void {
    try {
      this.finish();
    } finally {
      this.ended('cancelled');
    }
  }

  private finish(): void {
    this.forgetSignal?.();
    this.puller.stop();
  }
}
