import { catchError, isObservable, map, type Observable, throwError } from 'rxjs';
import { type RunHelpers, TestScheduler } from 'rxjs/testing';

import { ConnectionReset, type FailureTag } from '../../core/failures/index.ts';
import { refuse } from '../../core/options/index.ts';
import type { Chunk } from '../../core/transport.ts';
import { type ByteSource, byteSource, Supply } from './byte-source.ts';
import { demandOf } from './demand-diagram.ts';

/** What the letters of a marble diagram stand for. */
export type MarbleValues<A> = Readonly<Record<string, A>>;

/** What is expected of a flow; see `ByteMarbles`. */
export interface FlowExpectation<A> {
  /**
   * @param marbles - what comes when, in the language of RxJS's `TestScheduler`.
   * @param values - what its letters stand for. Default: themselves.
   * @param failure - what `#` stands for: the tag of a failure, or the error itself.
   */
  toBe(marbles: string, values?: MarbleValues<A>, failure?: FailureTag | object): void;
}

/** What is expected of those who read; see `ByteMarbles`. */
export interface DemandExpectation {
  /**
   * @param marbles - `^` subscribed, `h` held, `r` released, `t` released and held again at that moment, since it took one
   *   more, `!` unsubscribed; `-`, spaces, groups and times as everywhere.
   */
  toBe(marbles: string): void;
}

/** Helpers for bytes, beside those of `TestScheduler.run`. */
export interface ByteMarbles {
  /**
   * Bytes whose diagram begins with each subscription. Its letters are chunks: text, which is sent
   * as UTF-8, or bytes; a letter that has no value stands for itself where no values are given. `#`
   * is a reset by the peer, unless it is given another error. What is due while it is held waits,
   * its end too, and comes when it is released.
   */
  readonly coldBytes: (marbles: string, values?: MarbleValues<Chunk>, error?: unknown) => ByteSource;
  /**
   * Bytes whose diagram goes on whether anybody reads or not, as a peer's does; they wait for a
   * reader, and lose nothing. It has one reader at a time, as `incoming` has, and what one gives
   * back comes first for the next.
   */
  readonly hotBytes: (marbles: string, values?: MarbleValues<Chunk>, error?: unknown) => ByteSource;
  /** Expects what a flow emits, and what it fails with by tag. */
  readonly expectFlow: <A>(flow: Observable<A>, subscription?: string | null) => FlowExpectation<A>;
  /**
   * As `expectFlow`, for bytes: the letters stand for text or bytes, whatever of both the flow
   * emits.
   */
  readonly expectBytes: (flow: Observable<Chunk>, subscription?: string | null) => FlowExpectation<Chunk>;
  /** Expects when a source was read, held and released. */
  readonly expectDemand: (source: ByteSource) => DemandExpectation;
}

/**
 * Helpers to test pipelines over bytes with the `TestScheduler` of RxJS: chunks in, frames out,
 * failures by tag, and when the source was held. Call it inside `run`, with what that gives. Time
 * limits and other operators of the library then run in its time by themselves. Promises don't get
 * a turn in it: what is asynchronous there has to be a flow.
 *
 * @example
 * ```ts
 * import { deepStrictEqual } from 'node:assert/strict';
 * import { TestScheduler } from 'rxjs/testing';
 * import { lines } from 'rxjs-net';
 * import { concatMap, map, timer } from 'rxjs-net/rx';
 * import { byteMarbles } from 'rxjs-net/testing';
 *
 * new TestScheduler(deepStrictEqual).run((helpers) => {
 *   const { coldBytes, expectFlow, expectDemand } = byteMarbles(helpers);
 *   const source = coldBytes('-a-b---|', { a: 'one\ntw', b: 'o\n' });
 *   const slow = source.pipe(
 *     lines(),
 *     concatMap((line) => timer(4).pipe(map(() => line)), { highWaterMark: 1 }),
 *   );
 *   expectFlow(slow).toBe('-----a---(b|)', { a: 'one', b: 'two' });
 *   expectDemand(source).toBe('^--h-r-!');
 * });
 * ```
 */
export function byteMarbles(helpers: RunHelpers): ByteMarbles {
  if (typeof (helpers as Partial<RunHelpers> | undefined)?.expectObservable !== 'function')
    refuse('helpers', helpers, 'what `run` of a TestScheduler gives');
  const { cold, hot, expectObservable } = helpers;
  const script = (
    make: RunHelpers['cold'] | RunHelpers['hot'],
    marbles: string,
    values: MarbleValues<Chunk> | undefined,
    error: unknown,
  ): Observable<Buffer> => make(marbles, chunksOf(marbles, values), error);
  return {
    coldBytes(marbles, values, error = resetByPeer()) {
      const bytes = script(cold, marbles, values, error);
      return byteSource(() => new Supply(bytes, true));
    },
    hotBytes(marbles, values, error = resetByPeer()) {
      const supply = new Supply(script(hot, marbles, values, error), false);
      return byteSource(() => supply);
    },
    expectFlow: (flow, subscription) => ({
      toBe(marbles, values, failure) {
        const shown =
          typeof failure === 'object' ? flow : flow.pipe(catchError((error) => throwError(() => tagOf(error))));
        expectObservable(shown, subscription).toBe(marbles, values, failure);
      },
    }),
    expectBytes: (flow, subscription) => ({
      toBe(marbles, values, failure) {
        const { expectFlow } = byteMarbles(helpers);
        expectFlow(flow.pipe(map(toBytes)), subscription).toBe(marbles, chunksOf(marbles, values), failure);
      },
    }),
    expectDemand: (source) => ({
      toBe(marbles) {
        // What an operator returns is no source any more.
        if (!isObservable(source.demand)) refuse('source', source, 'what coldBytes or hotBytes returned');
        expectObservable(source.demand).toEqual(demandOf(marbles));
      },
    }),
  };
}

const resetByPeer = (): ConnectionReset => new ConnectionReset({ code: 'ECONNRESET', syscall: 'read' });

const toBytes = (chunk: Chunk): Buffer => Buffer.from(chunk);

/** The bytes of each letter of a diagram. */
function chunksOf(marbles: string, values: MarbleValues<Chunk> | undefined): Record<string, Buffer> {
  const chunks: Record<string, Buffer> = {};
  for (const { notification } of TestScheduler.parseMarbles(marbles, undefined, undefined, false, true)) {
    if (notification.kind !== 'N') continue;
    const letter = String(notification.value);
    const chunk: unknown = values === undefined ? letter : values[letter];
    const isChunk = typeof chunk === 'string' || chunk instanceof Uint8Array;
    if (!isChunk || chunk.length === 0)
      return refuse(`values.${letter}`, chunk, 'text or bytes, one at least: a connection delivers nothing empty');
    chunks[letter] = toBytes(chunk);
  }
  return chunks;
}

/** Failures are told by their tag; what has none is told as it is. */
function tagOf(error: unknown): unknown {
  const tag: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, '_tag') : undefined;
  return typeof tag === 'string' ? tag : error;
}
