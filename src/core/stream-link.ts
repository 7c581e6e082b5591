import type { StreamListener, StreamListenerOwner } from './stream-listener.ts';

/**
 * What a stream of Node's needs of a connection, beyond `Link`, to behave exactly as the streams of `node:net` do: encodings, a
 * callback for each write, the errors of the system as they are, and every step in the very turn in which the system takes it.
 *
 * A transport over the operating system offers it (`Transport.streams`). Over any other, `src/compat` makes one from a `Link`.
 *
 * The differences from `Link`:
 * - Errors are what the platform throws and emits, not failures: compat has to emit exactly those.
 * - `onData` says by its result whether to go on reading; `onConnect`, `onFailed` and `onEvent` may come during `connect()`.
 * - Nothing closes by itself: the stream decides when both halves have ended.
 */
export interface StreamLink {
  /** The platform's own object behind the connection, for what only the platform can do with it; `undefined` where there is none. */
  readonly handle: object | null | undefined;
  /** Bytes that were received. */
  readonly bytesRead: number;
  /** Bytes that were handed to the system, and those of the outstanding write. */
  readonly bytesWritten: number;
  /** A dial is under way. */
  readonly connecting: boolean;
  /** `address:port` of each address that was tried, when a name had several. */
  readonly attempted: string[] | undefined;
  /** Whether a reset is possible: not over IPC. */
  readonly canReset: boolean;
  /**
   * Connects; what the options are is the business of who implements it. Throws where `net.connect` throws.
   */
  connect(options: { readonly path?: unknown }): void;
  startReading(): void;
  /** For a stream with a buffer of its own (`onread`), which stops and goes on without the stream's own queue. */
  stopReading(): void;
  /** Calls `done` inside this call when all of it was taken at once, else later; with the system's error if it failed. */
  write(chunk: string | Uint8Array, encoding: string, done: Done): void;
  /** Writes several as one; each has its encoding. */
  writev(chunks: readonly StreamChunk[], done: Done): void;
  /**
   * Calls `onStalled` once a write has been outstanding for so long, in ms, without any of it leaving, as often as that happens; 0 stops it.
   * Only where the system tells how much has left: elsewhere it is undefined.
   */
  readonly watchProgress?: (delay: number) => void;
  /**
   * Calls `told` with whether any of the outstanding write has left since it began, or since this
   * was last asked; maybe at once, and never once it has closed. For links without `watchProgress`.
   */
  readonly checkProgress?: (told: (moved: boolean) => void) => void;
  /** Sends FIN; `done` when it has left. */
  finish(done: Done): void;
  /** Closes; `onClosed` gets `hadError`. */
  destroy(hadError: boolean): void;
  /** Closes with an RST; throws where that is not possible. */
  reset(hadError: boolean): void;
  ref(): void;
  unref(): void;
  setNoDelay(enable: boolean): void;
  /** The arguments of `Socket.setKeepAlive` of the platform. */
  setKeepAlive(...settings: readonly unknown[]): void;
  /** The type of service of outgoing packets, where platform and transport have it. */
  setTypeOfService(value: number): void;
  getTypeOfService(): number | undefined;
  /** Our end, as `Socket.address()` gives it. */
  address(): object;
  /** The peer's end; `{}` when it isn't known. */
  peer(): PeerName;
}

/** The callback of one write. */
export type Done = (error?: Error | null) => void;

/** One of several chunks that are written as one. */
export interface StreamChunk {
  readonly chunk: string | Uint8Array;
  readonly encoding: string;
}

/** The peer's end of a connection, in the platform's own form. */
export interface PeerName {
  address?: string | undefined;
  family?: string | undefined;
  port?: number | undefined;
}

/**
 * What a `StreamLink` tells its stream. One object serves all the streams of a kind, so each call says whose it is.
 */
export interface StreamLinkEvents<Owner> {
  /** @returns false to stop reading. */
  onData(owner: Owner, chunk: Buffer): boolean;
  /** Data came into a buffer of the user's (`onread`): the connection is not idle. */
  onActivity(owner: Owner): void;
  /** See `watchProgress`. */
  onStalled(owner: Owner): void;
  /** The peer's FIN. */
  onEnd(owner: Owner): void;
  /** A dial succeeded. */
  onConnect(owner: Owner): void;
  /** What goes on during a dial: the events of `net.Socket` with their arguments. */
  onEvent(owner: Owner, event: string, ...details: readonly unknown[]): void;
  /** It has failed, or was closed by somebody else (`null`), and is about to close. */
  onFailed(owner: Owner, error: Error | null): void;
  /** The last call: all of it is released. */
  onClosed(owner: Owner, hadError: boolean): void;
}

/** Reading into a buffer of the user's. */
export interface OnReadOptions {
  readonly buffer: Uint8Array | (() => Uint8Array);
  readonly callback: (size: number, buffer: Uint8Array) => unknown;
}

/** What of the options of `new net.Socket()` the platform has to know at birth. */
export interface PlatformOptions {
  readonly onread?: OnReadOptions | undefined;
  readonly [option: string]: unknown;
}

/** How a connection is to be opened. */
export interface StreamLinkOptions {
  /** What of the options of `new net.Socket()` the platform has to know at birth: `fd`, `handle`, `onread`, `blockList` … */
  readonly platform?: PlatformOptions | undefined;
  readonly noDelay?: boolean | undefined;
  /** The arguments of `Socket.setKeepAlive`. */
  readonly keepAlive?: readonly unknown[] | undefined;
}

/** What a transport offers that can connect streams exactly as `node:net` does. */
export interface StreamTransport {
  /** A connection that is not connected yet, unless `options.platform` names one that is there. Throws where `new net.Socket()` throws. */
  open<Owner extends object>(options: StreamLinkOptions, events: StreamLinkEvents<Owner>, owner: Owner): StreamLink;
  /**
   * The link of a connection that was accepted: the system's own socket, opened half-open and paused, or, over other transports,
   * the `Link` that was accepted, whose handler the result is.
   */
  adopt<Owner extends object>(accepted: object, events: StreamLinkEvents<Owner>, owner: Owner): StreamLink;
  /** What a server listens by, with all that the platform's servers can; without it `src/compat` uses `Transport.bind`. */
  listen?<Stream extends object>(owner: StreamListenerOwner<Stream>): StreamListener;
}
