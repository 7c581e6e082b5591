import { captureContext, type Context } from '../core/context.ts';
import { cancelsWrites, checkConnectAsPlatform, platformNet } from '../core/node/platform.ts';
import type { Address } from '../core/endpoint.ts';
import type { NetFailure } from '../core/failures/index.ts';
import type {
  Done,
  PeerName,
  StreamChunk,
  StreamLink,
  StreamLinkEvents,
  StreamLinkOptions,
} from '../core/stream-link.ts';
import type { Chunk, DialHandler, Link, LinkHandler, Transport } from '../core/transport.ts';
import { errorOfFailure, makeSystemError } from './error-of-failure.ts';
import { guarded } from './guarded.ts';
import { LINK } from './internal-names.ts';
import { asChunk, sizeOf } from './link-chunks.ts';
import { acceptedHandler, HandlerInContext } from './link-context.ts';
import { dialOptions, endpointOf } from './link-dial.ts';
import { OwnBuffer } from './own-buffer.ts';
import type { SocketMethods } from './socket-methods.ts';

/** A `StreamLink` over a `Link`, which it dials, or which was accepted. */
export class LinkStream<Owner extends object> implements StreamLink, DialHandler {
  private readonly transport: Transport;
  private readonly options: StreamLinkOptions;
  private readonly events: StreamLinkEvents<Owner>;
  private readonly ownBuffer: OwnBuffer | undefined;
  private readonly owner: Owner;
  private link: Link | undefined = undefined;
  private readonly attempts: string[] = [];
  /** Addresses that a lookup has given, of those that can be dialled. */
  private candidates = 0;
  private stands = false;
  private inherited = false;
  private isPath = false;
  /** Where it dials, over IPC. */
  private path: string | undefined = undefined;
  private referenced = true;
  private linkClosed = false;
  private destroyed = false;
  private hadError = false;
  private writing: Done | undefined = undefined;
  /** What the link will have counted when the outstanding write has left. */
  private dispatched = 0;
  /** What it had counted when it was last asked for progress. */
  private writtenBefore = 0;
  /** That of the outstanding write. */
  private writer: Context | undefined = undefined;

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

  /** A descriptor that the process was given: it stands, or fails soon. */
  inherit(fd: number): void {
    this.stands = true;
    this.inherited = true;
    // Whether it could be reset isn't known.
    this.isPath = false;
    this.link = this.transport.dial({ fd }, {}, new HandlerInContext(this));
  }

  get handle(): undefined {
    return undefined;
  }

  get bytesRead(): number {
    return (this.link?.bytesRead ?? 0) - (this.ownBuffer?.waiting ?? 0);
  }

  get bytesWritten(): number {
    return this.writing === undefined ? (this.link?.bytesWritten ?? 0) : this.dispatched;
  }

  get connecting(): boolean {
    return !this.stands && !this.linkClosed;
  }

  get attempted(): string[] | undefined {
    return this.candidates > 1 ? this.attempts : undefined;
  }

  get canReset(): boolean {
    return !this.isPath;
  }

  connect(given: object): void {
    checkConnectAsPlatform(given);
    if (this.link !== undefined) {
      // It is connected, or about to be: the system connects nothing twice, and says that it stands.
      if (this.stands) process.nextTick(connectedAgain, this);
      return;
    }
    const endpoint = endpointOf(given);
    this.isPath = 'path' in endpoint;
    this.link = this.transport.dial(endpoint, dialOptions(given, this.options), new HandlerInContext(this));
    if (!this.referenced) this.link.unref();
    if ('path' in endpoint) {
      this.path = endpoint.path;
      this.events.onEvent(this.owner, 'connectionAttempt', endpoint.path, undefined, undefined);
    }
  }

  startReading(): void {
    const { ownBuffer } = this;
    if (ownBuffer === undefined) this.link?.startReading();
    else if (ownBuffer.resume()) setImmediate(readOn, this);
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
    this.writtenBefore = link.bytesWritten;
    this.dispatched = this.writtenBefore + sizeOf(data);
    this.writing = done;
    if (link.write(data)) {
      this.writing = undefined;
      done();
    } else {
      this.writer = captureContext();
    }
  }

  checkProgress(told: (moved: boolean) => void): void {
    const { link } = this;
    if (link?.checkProgress !== undefined) {
      link.checkProgress(told);
      return;
    }
    const before = this.writtenBefore;
    this.writtenBefore = link?.bytesWritten ?? 0;
    told(this.writtenBefore !== before);
  }

  /** What the user's buffer had no room for comes first. Not within `resume()`, and not when it was paused meanwhile. */
  readOn(): void {
    if (!this.destroyed && this.ownBuffer?.flush() === true) this.link?.startReading();
  }

  /** The FIN of a system leaves in a later turn. */
  finish(done: Done): void {
    this.link?.end();
    setImmediate(done);
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
    // A handle of the system that was closed says so at the end of the turn.
    else setImmediate(tellClosed, this);
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
    return addressOf(this.link?.local);
  }

  peer(): PeerName {
    return addressOf(this.link?.remote);
  }

  // ---- what the transport tells

  onConnected(): void {
    if (this.destroyed || this.inherited) return;
    this.stands = true;
    this.events.onConnect(this.owner);
  }

  onLookup(failure: NetFailure | undefined, address?: string, family?: number, host?: string): void {
    if (address !== undefined && platformNet.isIP(address) !== 0 && (family === 4 || family === 6)) this.candidates++;
    const error = failure === undefined ? null : errorOfFailure(failure);
    this.tell('lookup', error, address, family, host);
  }

  onAttempt(address: string, port: number, family: number): void {
    this.tell('connectionAttempt', address, port, family);
    this.attempts.push(`${address}:${port}`);
  }

  onAttemptFailed(address: string, port: number, family: number, failure: NetFailure): void {
    this.tell('connectionAttemptFailed', address, port, family, errorOfFailure(failure));
  }

  onAttemptTimeout(address: string, port: number, family: number): void {
    this.tell('connectionAttemptTimeout', address, port, family);
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

  /** A transport may tell it from within a lookup, and would take what a listener throws for the lookup's. */
  private tell(event: string, ...details: readonly unknown[]): void {
    guarded(() => this.events.onEvent(this.owner, event, ...details));
  }

  onWritten(): void {
    this.callBack();
  }

  onClosed(failure: NetFailure | undefined): void {
    this.linkClosed = true;
    if (this.destroyed) {
      this.tellClosedSoon();
    } else if (failure !== undefined) {
      const error = errorOfFailure(failure);
      if (this.path !== undefined && !this.stands)
        this.events.onEvent(this.owner, 'connectionAttemptFailed', this.path, undefined, undefined, error);
      this.fail(failure, error);
    } else if (!this.stands) {
      this.events.onFailed(this.owner, new Error('the dial was given up'));
    }
  }

  /** A write that failed has the error; one that was under way when something else failed has none, as in `node:net`. */
  private fail(failure: NetFailure, error: Error): void {
    if (this.writing !== undefined && (failure.syscall === 'write' || failure._tag === 'BrokenPipe')) {
      this.callBack(error);
    } else {
      this.events.onFailed(this.owner, error);
    }
  }

  /** Ends the outstanding write, in the context of its writer. */
  private callBack(...result: Parameters<Done>): void {
    const { writing, writer } = this;
    this.writing = undefined;
    this.writer = undefined;
    if (writing !== undefined) writer?.runInAsyncScope(writing, undefined, ...result);
  }

  tellClosed(): void {
    this.callBack(cancelsWrites ? makeSystemError('write', 'ECANCELED') : null);
    this.events.onClosed(this.owner, this.hadError);
  }
}

function tellClosed(stream: LinkStream<object>): void {
  stream.tellClosed();
}

function readOn(stream: LinkStream<object>): void {
  stream.readOn();
}

function connectedAgain(stream: LinkStream<object>): void {
  stream.onConnected();
}

function addressOf(address: Address | undefined): PeerName {
  if (address === undefined || !('address' in address)) return {};
  return { address: address.address, family: address.family, port: address.port };
}

/** What `resetAndDestroy` throws over IPC. */
export function pipeHandleError(): Error {
  return Object.assign(new TypeError('This handle type cannot be sent'), { code: 'ERR_INVALID_HANDLE_TYPE' });
}

/** What is told of the `Link` below a socket, when it is over one. */
export function handlerOf(socket: SocketMethods): LinkHandler | undefined {
  const link = socket[LINK];
  return link instanceof LinkStream ? acceptedHandler(link) : undefined;
}
