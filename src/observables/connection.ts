import type { ObservableInput } from 'rxjs';

import type { Address } from '../core/endpoint.ts';
import type { NetFailure, ReadFailure, WriteFailure } from '../core/failures/index.ts';
import type { Chunk } from '../core/transport.ts';
import type { FailureOf, Flow } from './flow.ts';
import type { OneChunk } from './one-chunk.ts';

/**
 * How one half of a connection ended: `fin` in order; `reset` by an RST of either side; `timeout`
 * by a time limit; `aborted` by `destroy()`, an unsubscription or a signal; `cut` at the deadline
 * of a drain, or by `closeTimeout`; `failed` by anything else.
 */
export type HalfEnd = 'fin' | 'reset' | 'timeout' | 'aborted' | 'cut' | 'failed';

/**
 * The ledger of a connection that has closed. Two that say `fin` both ways do not prove that all
 * bytes arrived: of a reset that comes while there are unread bytes the system tells as of an end
 * in order, and that may be so at both ends. A protocol's own end proves it.
 */
export interface CloseInfo {
  /** How the half that brought bytes in ended. */
  readonly read: HalfEnd;
  /** How the half that took bytes out ended. */
  readonly write: HalfEnd;
  /** Bytes that came in. */
  readonly bytesRead: number;
  /** Bytes that were handed to the kernel; whether the peer has them, nobody knows. */
  readonly bytesWritten: number;
  /** Bytes that were accepted by `write` or `send` and never handed to the kernel. */
  readonly bytesUnflushed: number;
  /** From the moment the connection stood to its close, in ms. */
  readonly lifetime: number;
  /** What ended it, when it was not a FIN from each side or a `destroy()` of ours. */
  readonly failure: NetFailure | undefined;
}

/** What happens on a connection besides bytes; discriminated by `type`. */
export type ConnectionEvent =
  | {
      /**
       * A name was resolved, or could not be: then `failure` is there. Only on connections that
       * were dialled.
       */
      readonly type: 'lookup';
      readonly host: string;
      readonly address: string | undefined;
      readonly family: number | undefined;
      readonly failure: NetFailure | undefined;
    }
  | {
      /** One address is being tried; several when a name has several. */
      readonly type: 'attempt';
      readonly address: string;
      readonly port: number;
      readonly family: number;
    }
  | {
      /**
       * One address could not be reached; the next one is tried. `failure` is undefined when it
       * took too long.
       */
      readonly type: 'attemptFailed';
      readonly address: string;
      readonly port: number;
      readonly family: number;
      readonly failure: NetFailure | undefined;
    }
  /** It stands. Only on connections that were dialled. */
  | { readonly type: 'connect' }
  /** The peer's FIN was read. */
  | { readonly type: 'end' }
  /** Everything that was queued has been handed to the kernel, after `write` had returned false. */
  | { readonly type: 'drain' }
  /** No byte went either way for as long as `setTimeout` said. */
  | { readonly type: 'timeout' }
  /** The server stops; what is still open at `deadline` ms from now is cut. */
  | { readonly type: 'draining'; readonly deadline: number }
  /** It has closed; the last event. */
  | { readonly type: 'close'; readonly info: CloseInfo };

/**
 * One TCP or IPC connection: a stream of bytes in and a sink for bytes out.
 *
 * It is used once: a new dial makes a new one. Who subscribes to the flow that emitted it owns it;
 * a subscription to `incoming` owns only the reading.
 */
export interface Connection extends AsyncDisposable {
  /** Our end; undefined once closed, unless it was asked for before. */
  readonly local: Address | undefined;
  /**
   * The peer's end. Once closed it is undefined if nobody asked for it before, and the connection
   * lived for less than 25 ms in a burst of more than 16.
   */
  readonly remote: Address | undefined;
  /**
   * The bytes that come in.
   *
   * Nothing is read before it is subscribed; it has one subscriber at a time, and a second one,
   * meanwhile, gets `AlreadySubscribed`. It completes on the peer's FIN. Unsubscribing stops the
   * reading and nothing else: the next subscriber starts exactly there, with what a framing
   * operator had taken and not used. A chunk belongs to who receives it.
   */
  readonly incoming: Flow<Buffer, ReadFailure>;
  /**
   * What happens besides bytes. On a dialled connection, what happened while it was dialled comes
   * first.
   */
  readonly events: Flow<ConnectionEvent>;
  /**
   * Emits the ledger once the connection has closed, also to those who come later; then completes.
   */
  readonly closed: Flow<CloseInfo>;
  /** Bytes that came in. */
  readonly bytesRead: number;
  /** Bytes that were handed to the kernel. */
  readonly bytesWritten: number;
  /** Bytes that were accepted and wait in the process. */
  readonly bytesQueued: number;
  /**
   * Queues a chunk; text is encoded as UTF-8. Several writes made while one chunk is being
   * delivered leave as one; outside of a delivery they leave on the next tick.
   *
   * Above `maxQueued` bytes the connection fails with `BufferOverflow`; after `end()` with
   * `ConnectionClosed`; when `chunk` is neither bytes nor text, with `InvalidOptions`. What was
   * written before is sent in the last two cases.
   *
   * @returns false when more than the high-water mark waits: `events` tells `drain` when there is room.
   */
  write(chunk: Chunk): boolean;
  /**
   * Sends what `source` emits, with backpressure: a source that can be held is held while more than
   * the high-water mark waits; an iterable is read as fast as there is room. A text, or bytes, is
   * sent as one chunk. Completes when all of it was handed to the kernel.
   *
   * It adds `WriteFailure`. Cold: nothing is sent before it is subscribed. Unsubscribing stops the
   * source; what was written stays written.
   */
  send<R extends ObservableInput<Chunk> | OneChunk>(source: R): Flow<never, FailureOf<R> | WriteFailure>;
  /**
   * Sends FIN after everything that is queued; reading goes on. Writing afterwards is a failure.
   */
  end(chunk?: Chunk): void;
  /** Closes at once, after one attempt to hand over what is queued. */
  destroy(): void;
  /**
   * Closes at once with an RST, so that the peer sees a reset; on IPC, which has none, as
   * `destroy`.
   */
  reset(): void;
  /** Whether small writes leave at once (no Nagle). */
  setNoDelay(enable?: boolean): this;
  /**
   * Whether the system probes an idle peer, from `initialDelay` ms of silence on; 0 leaves the
   * system's value.
   */
  setKeepAlive(enable?: boolean, initialDelay?: number): this;
  /**
   * Tells a `timeout` event after `ms` without a byte either way, and again after each further such
   * time; ends nothing. 0 switches it off.
   */
  setTimeout(ms: number): this;
  /** The connection keeps the process alive (default). */
  ref(): this;
  /** The connection doesn't keep the process alive by itself. */
  unref(): this;
  /**
   * Sends FIN after what is queued and waits for the peer's, as long as the peer shows life
   * (`closeTimeout`); resolves when it has closed.
   */
  [Symbol.asyncDispose](): Promise<void>;
}
