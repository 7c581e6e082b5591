import { Socket } from 'node:net';

import type {
  Done,
  PeerName,
  StreamChunk,
  StreamLink,
  StreamLinkEvents,
  StreamLinkOptions,
  StreamTransport,
} from '../stream-link.ts';
import { callMethod } from './call-method.ts';
import { guardConnect } from './guard-connect.ts';
import { SystemListener } from './system-listener.ts';

/** Where a socket keeps its link, so that all sockets share the functions that are put on them. */
const LINK = Symbol('rxjs-net.stream-link');

/** A socket that is driven by a `SystemLink`. */
interface DrivenSocket extends Socket {
  readonly [LINK]: Told;
}

/** What the functions on the socket call. */
interface Told {
  received(chunk: Buffer | null): boolean;
  failing(error: Error | null): void;
  told(event: string, details: readonly unknown[]): void;
}

/** The implementer methods by which a stream writes; their types leave out some of the encodings that streams pass. */
interface Sink {
  _write(chunk: string | Uint8Array, encoding: string, done: Done): void;
  _writev?(chunks: readonly StreamChunk[], done: Done): void;
}

/**
 * A socket of the system as a stream of `src/compat` drives it: by the documented implementer methods of the one socket, so that
 * neither of its two queues is gone through, and every step happens in the turn, and with the error, of `node:net` itself.
 *
 * Four methods are put on the instance: `push` and `_destroy`, by which the platform hands over what it read and that it
 * failed; `emit`, by which it tells the rest, so that an idle connection needs no listeners; nothing on the prototype.
 * As with the direct driver, this is sound because nobody else has the socket in hand, and because the stream that
 * drives it has one write outstanding at most.
 */
export class SystemLink<Owner extends object> implements StreamLink {
  readonly socket: DrivenSocket;
  private readonly events: StreamLinkEvents<Owner>;
  private readonly owner: Owner;
  /** Undefined when it was not dialled. */
  private dialsPath: boolean | undefined = undefined;
  private closing = false;
  private resetting = false;
  private hadError = false;

  constructor(socket: Socket, events: StreamLinkEvents<Owner>, owner: Owner) {
    drive(socket, this);
    this.socket = socket;
    this.events = events;
    this.owner = owner;
  }

  get handle(): object | null | undefined {
    // Not ours to use: child processes and `tls` take it from the stream that they are given.
    const handle: unknown = Reflect.get(this.socket, '_handle');
    return typeof handle === 'object' ? handle : undefined;
  }

  get bytesRead(): number {
    return this.socket.bytesRead;
  }

  get bytesWritten(): number {
    return this.socket.bytesWritten;
  }

  get connecting(): boolean {
    return this.socket.connecting;
  }

  get attempted(): string[] | undefined {
    // Its type says that it is always there.
    const attempted: string[] | undefined = this.socket.autoSelectFamilyAttemptedAddresses;
    return attempted;
  }

  get canReset(): boolean {
    // A pipe has no address.
    return this.dialsPath === undefined ? this.socket.localAddress !== undefined : !this.dialsPath;
  }

  connect(options: { readonly path?: unknown }): void {
    this.dialsPath = Boolean(options.path);
    callMethod(this.socket, 'connect', [guardConnect(options)]);
  }

  startReading(): void {
    this.socket._read(0);
  }

  stopReading(): void {
    this.socket.pause();
  }

  write(chunk: string | Uint8Array, encoding: string, done: Done): void {
    const sink: Sink = this.socket;
    sink._write(chunk, encoding, done);
  }

  writev(chunks: readonly StreamChunk[], done: Done): void {
    const sink: Sink = this.socket;
    sink._writev?.(chunks, done);
  }

  watchProgress(delay: number): void {
    // How much of a write has left is told in no other public way than by this: the platform's time-out does not
    // come while some of it does.
    this.socket.setTimeout(delay);
  }

  finish(done: Done): void {
    this.socket._final(done);
  }

  destroy(hadError: boolean): void {
    this.closing = true;
    this.hadError = hadError;
    this.socket.destroy();
  }

  reset(hadError: boolean): void {
    this.resetting = true;
    try {
      this.socket.resetAndDestroy();
    } finally {
      this.resetting = false;
    }
    this.closing = true;
    this.hadError = hadError;
  }

  ref(): void {
    this.socket.ref();
  }

  unref(): void {
    this.socket.unref();
  }

  setNoDelay(enable: boolean): void {
    this.socket.setNoDelay(enable);
  }

  setKeepAlive(...settings: readonly unknown[]): void {
    callMethod(this.socket, 'setKeepAlive', settings);
  }

  setTypeOfService(value: number): void {
    callMethod(this.socket, 'setTypeOfService', [value]);
  }

  getTypeOfService(): number | undefined {
    const value = callMethod(this.socket, 'getTypeOfService', []);
    return typeof value === 'number' ? value : undefined;
  }

  address(): object {
    return this.socket.address();
  }

  peer(): PeerName {
    const { remoteAddress: address, remoteFamily: family, remotePort: port } = this.socket;
    return address === undefined ? {} : { address, family, port };
  }

  // ---- what the socket's shared functions call

  received(chunk: Buffer | null): boolean {
    if (chunk !== null) return this.events.onData(this.owner, chunk);
    this.events.onEnd(this.owner);
    return false;
  }

  wasActive(): void {
    this.events.onActivity(this.owner);
  }

  failing(error: Error | null): void {
    if (!this.closing && error !== null) this.events.onFailed(this.owner, error);
  }

  told(event: string, details: readonly unknown[]): void {
    const { events, owner } = this;
    switch (event) {
      case 'connect':
        events.onConnect(owner);
        break;
      case 'close':
        events.onClosed(owner, this.hadError);
        break;
      case 'timeout':
        events.onStalled(owner);
        break;
      case 'error':
        // The system refused to reset; other errors have been told already.
        if (this.resetting) events.onEvent(owner, event, ...details);
        break;
      case 'lookup':
      case 'connectionAttempt':
      case 'connectionAttemptFailed':
      case 'connectionAttemptTimeout':
        events.onEvent(owner, event, ...details);
        break;
      default:
        break;
    }
  }
}

/** Sockets of the system for the streams of `src/compat`. */
export const systemStreams: StreamTransport = {
  listen: (owner) => new SystemListener(owner),

  open(options, events, owner) {
    const { platform, noDelay, keepAlive } = options;
    const born: { link?: SystemLink<typeof owner> } = {};
    const socket = new Socket({
      ...withOwnCallback(platform, () => born.link?.wasActive(), owner),
      // When to answer a FIN is the outer stream's business.
      allowHalfOpen: true,
    });
    const link = new SystemLink(socket, events, owner);
    born.link = link;
    // Reading begins when the outer stream asks for it. What is there already is read as `node:net` reads it.
    if (socket.pending) socket.pause();
    if (noDelay === true) socket.setNoDelay(true);
    if (keepAlive !== undefined) link.setKeepAlive(...keepAlive);
    return link;
  },

  adopt(accepted, events, owner) {
    if (accepted instanceof Socket) return new SystemLink(accepted, events, owner);
    throw new TypeError('only a socket of the system can be adopted');
  },
};

/** `onread.callback` is called on the stream that the user knows. */
function withOwnCallback(platform: StreamLinkOptions['platform'], active: () => void, owner: object): object {
  const onread = platform?.onread;
  if (onread === undefined) return platform ?? {};
  return {
    ...platform,
    onread: {
      buffer: onread.buffer,
      callback(size: number, buffer: Uint8Array): unknown {
        active();
        return Reflect.apply(onread.callback, owner, [size, buffer]);
      },
    },
  };
}

/** One by one: this is done for every connection, and `Object.assign` would need an object for it. */
function drive(socket: Socket & { [LINK]?: Told }, link: Told): asserts socket is DrivenSocket {
  socket[LINK] = link;
  socket.push = pushToLink;
  socket.emit = emitToLink;
  socket._destroy = destroyWithLink;
}

function pushToLink(this: DrivenSocket, chunk: Buffer | null): boolean {
  return this[LINK].received(chunk);
}

function emitToLink(this: DrivenSocket, event: string | symbol, ...details: unknown[]): boolean {
  if (typeof event === 'string') this[LINK].told(event, details);
  return true;
}

function destroyWithLink(this: DrivenSocket, error: Error | null, done: (error?: Error | null) => void): void {
  this[LINK].failing(error);
  // The error has been told: the socket itself closes without one.
  Socket.prototype._destroy.call(this, null, done);
}
