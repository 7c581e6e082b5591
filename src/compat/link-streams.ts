import { checkConnectAsPlatform } from '../core/node/platform.ts';
import type { Endpoint } from '../core/endpoint.ts';
import type { NetFailure } from '../core/failures/index.ts';
import type {
  Done,
  PeerName,
  StreamChunk,
  StreamLink,
  StreamLinkEvents,
  StreamLinkOptions,
  StreamTransport,
} from '../core/stream-link.ts';
import type {
  Chunk,
  DialHandler,
  DialOptions,
  Link,
  LinkHandler,
  LookupFunction,
  Transport,
} from '../core/transport.ts';
import { errorOfFailure } from './error-of-failure.ts';
import { LINK } from './internal-names.ts';
import type { SocketMethods } from './socket-methods.ts';
import { OwnBuffer } from './own-buffer.ts';

/** Streams over any transport: what the system's sockets do by themselves is done here, over a `Link`. */
export function linkStreams(transport: Transport): StreamTransport {
  return {
    open(options, events, owner) {
      return new LinkStream(transport, options, events, owner);
    },

    adopt(accepted, events, owner) {
      const stream = new LinkStream(transport, {}, events, owner);
      stream.accept(accepted as Link);
      return stream;
    },
  };
}

/** The options of `connect` that mean something to any transport. */
interface ConnectOptions extends DialOptions {
  readonly port?: number | string | undefined;
  readonly host?: string | undefined;
  readonly path?: string | undefined;
}

/** A `StreamLink` over a `Link`, which it dials, or which was accepted. */
export class LinkStream<Owner extends object> implements StreamLink, DialHandler {
  private readonly transport: Transport;
  private readonly options: StreamLinkOptions;
  private readonly events: StreamLinkEvents<Owner>;
  private readonly ownBuffer: OwnBuffer | undefined;
  private readonly owner: Owner;
  private link: Link | undefined = undefined;
  private readonly attempts: string[] = [];
  private lookups = 0;
  private stands = false;
  private isPath = false;
  private referenced = true;
  private linkClosed = false;
  private destroyed = false;
  private hadError = false;
  private writing: Done | undefined = undefined;
  /** Bytes of the outstanding write, which the link does not count yet. */
  private outstanding = 0;

  constructor(transport: Transport, options: StreamLinkOptions, events: StreamLinkEvents<Owner>, owner: Owner) {
    this.transport = transport;
    this.options = options;
    this.events = events;
    this.owner = owner;
    const onread = options.platform?.onread;
    this.ownBuffer = onread === undefined ? undefined : new OwnBuffer(onread, owner);
  }

  /** Takes over a connection that stands. */
  accept(link: Link): void {
    this.link = link;
    this.stands = true;
    this.isPath = link.local !== undefined && 'path' in link.local;
  }

  get handle(): undefined {
    return undefined;
  }

  get bytesRead(): number {
    return this.link?.bytesRead ?? 0;
  }

  get bytesWritten(): number {
    return (this.link?.bytesWritten ?? 0) + this.outstanding;
  }

  get connecting(): boolean {
    return !this.stands && !this.linkClosed;
  }

  get attempted(): string[] | undefined {
    return this.lookups > 1 ? this.attempts : undefined;
  }

  get canReset(): boolean {
    return !this.isPath;
  }

  connect(given: object): void {
    checkConnectAsPlatform(given);
    const { path, host, port, ...rest } = given as ConnectOptions;
    const { noDelay, keepAlive } = this.options;
    const endpoint: Endpoint = path ? { path } : { host: host || 'localhost', port: Number(port) };
    this.isPath = 'path' in endpoint;
    const options: DialOptions = {
      ...pick(rest),
      ...(noDelay === true && { noDelay }),
      ...(keepAlive?.[0] === true && { keepAlive: true, keepAliveInitialDelay: Number(keepAlive[1] ?? 0) || 0 }),
    };
    this.link = this.transport.dial(endpoint, options, this);
    if (!this.referenced) this.link.unref();
  }

  startReading(): void {
    const { ownBuffer } = this;
    if (ownBuffer !== undefined && !ownBuffer.resume()) return;
    this.link?.startReading();
  }

  stopReading(): void {
    this.ownBuffer?.pause();
    this.link?.stopReading();
  }

  write(chunk: string | Uint8Array, encoding: string, done: Done): void {
    this.pass(asChunk(chunk, encoding), done);
  }

  writev(chunks: readonly StreamChunk[], done: Done): void {
    this.pass(
      chunks.map(({ chunk, encoding }) => asChunk(chunk, encoding)).filter((chunk) => chunk.length > 0),
      done,
    );
  }

  private pass(data: Chunk | readonly Chunk[], done: Done): void {
    const { link } = this;
    if (data.length === 0 || link === undefined) {
      done();
      return;
    }
    if (this.linkClosed) {
      done(new Error('write EPIPE'));
      return;
    }
    this.writing = done;
    if (link.write(data)) {
      this.writing = undefined;
      done();
    } else {
      this.outstanding = sizeOf(data);
    }
  }

  finish(done: Done): void {
    this.link?.end();
    process.nextTick(done);
  }

  destroy(hadError: boolean): void {
    this.close(hadError, (link) => link.destroy());
  }

  reset(hadError: boolean): void {
    if (this.isPath) throw pipeHandleError();
    this.close(hadError, (link) => link.reset());
  }

  private close(hadError: boolean, how: (link: Link) => void): void {
    this.destroyed = true;
    this.hadError = hadError;
    if (this.link !== undefined && !this.linkClosed) how(this.link);
    else this.tellClosedSoon();
  }

  /** Not before the stream has told its error, which it does on the next tick. */
  private tellClosedSoon(): void {
    process.nextTick(process.nextTick, tellClosed, this);
  }

  ref(): void {
    this.referenced = true;
    this.link?.ref();
  }

  unref(): void {
    this.referenced = false;
    this.link?.unref();
  }

  setNoDelay(enable: boolean): void {
    this.link?.setNoDelay(enable);
  }

  setKeepAlive(enable?: unknown, initialDelay?: unknown): void {
    this.link?.setKeepAlive(Boolean(enable), Number(initialDelay ?? 0) || 0);
  }

  setTypeOfService(): void {
    // Packets are the system's.
  }

  getTypeOfService(): undefined {
    return undefined;
  }

  address(): object {
    const local = this.link?.local;
    return local !== undefined && 'address' in local ? { ...local } : {};
  }

  peer(): PeerName {
    const remote = this.link?.remote;
    return remote !== undefined && 'address' in remote ? { ...remote } : {};
  }

  // ---- what the transport tells

  onConnected(): void {
    if (this.destroyed) return;
    this.stands = true;
    this.events.onConnect(this.owner);
  }

  onLookup(failure: NetFailure | undefined, address?: string, family?: number, host?: string): void {
    this.lookups++;
    const error = failure === undefined ? null : errorOfFailure(failure);
    this.events.onEvent(this.owner, 'lookup', error, address, family, host);
  }

  onAttempt(address: string, port: number, family: number): void {
    this.events.onEvent(this.owner, 'connectionAttempt', address, port, family);
    this.attempts.push(`${address}:${port}`);
  }

  onAttemptFailed(address: string, port: number, family: number, failure: NetFailure): void {
    this.events.onEvent(this.owner, 'connectionAttemptFailed', address, port, family, errorOfFailure(failure));
  }

  onAttemptTimeout(address: string, port: number, family: number): void {
    this.events.onEvent(this.owner, 'connectionAttemptTimeout', address, port, family);
  }

  onData(chunk: Buffer): void {
    if (this.destroyed) return;
    const { ownBuffer } = this;
    if (ownBuffer !== undefined) this.events.onActivity(this.owner);
    const goOn = ownBuffer === undefined ? this.events.onData(this.owner, chunk) : ownBuffer.fill(chunk);
    if (!goOn) this.link?.stopReading();
  }

  onEnd(): void {
    if (!this.destroyed) this.events.onEnd(this.owner);
  }

  onWritten(): void {
    const { writing } = this;
    this.writing = undefined;
    this.outstanding = 0;
    writing?.();
  }

  onClosed(failure: NetFailure | undefined): void {
    this.linkClosed = true;
    if (this.destroyed) {
      this.tellClosedSoon();
    } else if (failure !== undefined) {
      this.events.onFailed(this.owner, errorOfFailure(failure));
    } else if (!this.stands) {
      this.events.onFailed(this.owner, new Error('the dial was given up'));
    }
  }

  tellClosed(): void {
    const { writing } = this;
    this.writing = undefined;
    // The stream is destroyed: the callback goes to nobody, as `node:net` calls it too.
    writing?.(null);
    this.events.onClosed(this.owner, this.hadError);
  }
}

function tellClosed(stream: LinkStream<object>): void {
  stream.tellClosed();
}

/** Options with the same meaning for every transport. */
function pick(options: DialOptions & { lookup?: LookupFunction | undefined }): DialOptions {
  const { localAddress, localPort, family, hints, lookup, autoSelectFamily, autoSelectFamilyAttemptTimeout } = options;
  const all = { localAddress, localPort, family, hints, lookup, autoSelectFamily, autoSelectFamilyAttemptTimeout };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** A link takes bytes, and text as UTF-8. */
export function asChunk(chunk: string | Uint8Array, encoding: string): Chunk {
  if (typeof chunk !== 'string' || encoding === 'utf8' || encoding === 'utf-8') return chunk;
  return Buffer.from(chunk, encoding as BufferEncoding);
}

function sizeOf(data: Chunk | readonly Chunk[]): number {
  if (typeof data === 'string') return Buffer.byteLength(data);
  if (data instanceof Uint8Array) return data.byteLength;
  return data.reduce((size, chunk) => size + sizeOf(chunk), 0);
}

/** What `resetAndDestroy` throws over IPC. */
export function pipeHandleError(): Error {
  return Object.assign(new TypeError('This handle type cannot be sent'), { code: 'ERR_INVALID_HANDLE_TYPE' });
}

/** What is told of the `Link` below a socket, when it is over one. */
export function handlerOf(socket: SocketMethods): LinkHandler | undefined {
  const link = socket[LINK];
  return link instanceof LinkStream ? link : undefined;
}
