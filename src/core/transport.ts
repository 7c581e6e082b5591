import type { Clock } from './clock.ts';
import type { Address, Endpoint } from './endpoint.ts';
import type { NetFailure } from './failures/index.ts';
import type { StreamTransport } from './stream-link.ts';

/** What goes out: bytes, or text that is encoded as UTF-8. */
export type Chunk = Uint8Array | string;

/**
 * A connection as a provider offers it: callbacks, no streams, no queue.
 *
 * The contract, which `test/core/provider-suite.ts` checks for every provider:
 * - Nothing is read before `startReading()`. After `stopReading()` no further `onData` and no `onEnd`
 *   comes until `startReading()`; both are idempotent. `stopReading()` may be called inside `onData`.
 * - A FIN that arrives while stopped keeps the link open until it was read by `startReading()`, or `destroy()` is called.
 * - At most one write is outstanding. `write` returns true when all of it was handed to the system at once (writing
 *   nothing is that too); otherwise `onWritten` follows, unless the link closes first. Calling `write` in between is a defect.
 * - `end()` sends FIN after the outstanding write, once; reading goes on.
 * - When both halves have ended the link closes by itself; `destroy()` and `reset()` close it at once.
 * - No method of the handler is called inside a call of the link's own methods, nor inside `dial` or `bind`.
 * - `onClosed` comes exactly once, last, and by then everything of the link is released. After it every method is
 *   harmless; `remote` is still known where it was asked for before.
 */
export interface Link {
  readonly local: Address | undefined;
  readonly remote: Address | undefined;
  /**
   * True where nothing but the system stands between the end of both halves and `onClosed`: no
   * peer, timer or program can delay it. A connection over any other link is force-closed when that
   * takes longer than its `closeTimeout`.
   */
  readonly closesAtOnce?: boolean;
  /** Bytes that were received and passed to `onData`. */
  readonly bytesRead: number;
  /**
   * Bytes that were handed to the system; never counts what was discarded. Within an outstanding
   * write it moves as far as the transport can tell how much of it has left; where the transport
   * can't, `checkProgress` answers.
   */
  readonly bytesWritten: number;
  startReading(): void;
  stopReading(): void;
  /** Writes one chunk, or several as one. */
  write(data: Chunk | readonly Chunk[]): boolean;
  /**
   * Finds out whether any byte of the outstanding write was handed to the system since the write
   * began, or since the last check. Calls `told` once, later, unless the link closes first. A
   * transport whose `bytesWritten` moves within an outstanding write leaves it out. One check at a
   * time.
   */
  checkProgress?(told: (moved: boolean) => void): void;
  end(): void;
  /**
   * Asks the system whether the peer has reset the connection, sends nothing, and closes the link
   * with that failure if so: what no read reports while reading is stopped, or after the peer's
   * FIN. Only where the transport can tell.
   */
  checkPeer?(): void;
  /** Sends RST where the transport has it, and closes. */
  reset(): void;
  /** Closes; a peer that was sent everything sees FIN. */
  destroy(): void;
  ref(): void;
  unref(): void;
  setNoDelay(enable: boolean): void;
  /** `initialDelay` in ms; 0 leaves the system's value. */
  setKeepAlive(enable: boolean, initialDelay: number): void;
}

/** What a provider calls for one connection. Its methods must not throw. */
export interface LinkHandler {
  /** The chunk belongs to the receiver; the provider never touches it again. */
  onData(chunk: Buffer): void;
  /** The peer's FIN. */
  onEnd(): void;
  /** The outstanding write was handed to the system. */
  onWritten(): void;
  /**
   * A write failed: nothing more is written, and no `onWritten` follows. What the peer had sent
   * before can still be read; `onClosed` comes when that has ended. For a handler without this
   * method the link closes at once.
   */
  onWriteFailed?(failure: NetFailure): void;
  /** Closed; `failure` when it was not by a FIN of each side or our own `destroy` or `reset`. */
  onClosed(failure: NetFailure | undefined): void;
}

/** What a dial reports on its way; all optional but `onConnected`. */
export interface DialHandler extends LinkHandler {
  /** The link stands: it may be read and written from here on. */
  onConnected(): void;
  onLookup?(
    failure: NetFailure | undefined,
    address: string | undefined,
    family: number | undefined,
    host: string,
  ): void;
  onAttempt?(address: string, port: number, family: number): void;
  onAttemptFailed?(address: string, port: number, family: number, failure: NetFailure): void;
  onAttemptTimeout?(address: string, port: number, family: number): void;
}

/** One result of a name lookup. */
export interface LookupAddress {
  readonly address: string;
  readonly family: number;
}

/** A lookup with the shape of Node's `dns.lookup`; `all: true` in the options asks for an array. */
export type LookupFunction = (
  hostname: string,
  options: { family?: number | 'IPv4' | 'IPv6' | undefined; hints?: number; all?: boolean },
  callback: (error: Error | null, address: string | LookupAddress[], family?: number) => void,
) => void;

/** Options of one dial, checked already (see `checkDialOptions`). */
export interface DialOptions {
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  readonly family?: 0 | 4 | 6 | undefined;
  readonly hints?: number | undefined;
  readonly lookup?: LookupFunction | undefined;
  readonly noDelay?: boolean | undefined;
  readonly keepAlive?: boolean | undefined;
  readonly keepAliveInitialDelay?: number | undefined;
  readonly autoSelectFamily?: boolean | undefined;
  readonly autoSelectFamilyAttemptTimeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Options of one bind, checked already (see `checkBindOptions`). */
export interface BindOptions {
  readonly backlog?: number | undefined;
  readonly exclusive?: boolean | undefined;
  readonly ipv6Only?: boolean | undefined;
  readonly reusePort?: boolean | undefined;
  readonly readableAll?: boolean | undefined;
  readonly writableAll?: boolean | undefined;
  readonly noDelay?: boolean | undefined;
  readonly keepAlive?: boolean | undefined;
  readonly keepAliveInitialDelay?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a provider calls for one bound endpoint. Its methods must not throw. */
export interface BindHandler {
  onListening(address: Address): void;
  /**
   * A connection stands. The handler that is returned receives all its events; `undefined` destroys
   * it.
   */
  onAccepted(link: Link): LinkHandler | undefined;
  /** Accepting one connection failed, or descriptors ran out; the endpoint is still bound. */
  onAcceptFailed(failure: NetFailure): void;
  /** Exactly once, last: released; `failure` when it never listened or the listener was lost. */
  onClosed(failure: NetFailure | undefined): void;
}

/** A bound endpoint. */
export interface Binding {
  readonly address: Address | undefined;
  /**
   * Stops accepting and releases the endpoint; accepted links live on. `onClosed` follows, never
   * inside this call.
   */
  close(): void;
  ref(): void;
  unref(): void;
}

/**
 * What a provider implements: how connections are made and accepted.
 *
 * `nodeTransport` is the one over the operating system. A failure never throws out of these
 * calls: it comes by `onClosed`, later. An abort of `options.signal` destroys what was begun:
 * a dial then closes with `ConnectionAborted`, a binding closes without a failure.
 */
export interface Transport {
  readonly clock: Clock;
  /**
   * The source of chance: at least 0 and less than 1 with each call. What takes chance over this
   * transport takes it from here by default: jitter of `reconnecting` and of effects, lifetimes in
   * a pool. A transport that decorates another passes on the other's; one over a real network takes
   * `Math.random`.
   */
  readonly random: () => number;
  /**
   * Sockets of the system for streams that have to be exactly those of `node:net`; over other
   * transports they are made from links.
   */
  readonly streams?: StreamTransport | undefined;
  dial(endpoint: Endpoint, options: DialOptions, handler: DialHandler): Link;
  bind(endpoint: Endpoint, options: BindOptions, handler: BindHandler): Binding;
}
