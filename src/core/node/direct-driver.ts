import { Socket } from 'node:net';

import type { Chunk, LinkHandler } from '../transport.ts';
import { LINK, SocketLink, type IpcPaths, type LinkedSocket } from './socket-link.ts';

/**
 * The fast driver: takes chunks and gives them by the documented implementer methods of the one
 * socket (`push`, `_read`, `_write`, `_writev`), so that neither of the stream's two queues is gone
 * through. It needs nothing but a `stream.Duplex` that keeps to its documentation; `plain-driver.ts`
 * does the same with the consumer's API alone, and every test runs on both.
 *
 * Calling `_write` from outside is sound only because a link has one write outstanding at most, and
 * because nothing else ever writes to this socket.
 */
export class DirectLink extends SocketLink {
  /** What arrived after `stopReading()`: reading stops only with the next chunk. `null` is the peer's FIN. */
  private stash: Buffer | null | undefined = undefined;
  private hasReadEnd = false;

  constructor(socket: Socket, handler: LinkHandler, paths: IpcPaths | undefined) {
    super(socket, handler, paths);
    // Installed before anything can have been read; restored by assignment, since `delete` would
    // turn the socket into a slow object.
    socket.push = pushToLink;
  }

  protected keepReading(): boolean {
    // The platform calls back and leaves the socket as it is.
    return !this.hasReadEnd;
  }

  get bytesRead(): number {
    return this.socket.bytesRead - (this.stash?.length ?? 0);
  }

  startReading(): void {
    if (this.reading || this.isOver) return;
    this.reading = true;
    if (this.stash === undefined) this.socket._read(0);
    else process.nextTick(handOnStash, this);
  }

  stopReading(): void {
    this.reading = false;
  }

  /** What `push` is for this socket; false asks Node to stop reading. */
  receive(chunk: Buffer | null): boolean {
    if (!this.reading) {
      this.stash = chunk;
      return false;
    }
    if (chunk === null) {
      this.finishReading();
      return false;
    }
    this.handler.onData(chunk);
    return this.reading;
  }

  handOnStash(): void {
    const { stash } = this;
    if (!this.reading || stash === undefined || this.socket.destroyed) return;
    this.stash = undefined;
    if (this.receive(stash)) this.socket._read(0);
  }

  private finishReading(): void {
    this.reading = false;
    const { socket } = this;
    this.hasReadEnd = true;
    if (this.closesAfterFailure()) return;
    // The stream has to learn that it ended: it closes the socket when both halves have.
    socket.push = pushToStream;
    socket.push(null);
    // A stream that nobody reads ends by being asked for nothing, and sooner than by flowing.
    socket.read(0);
    this.handler.onEnd();
  }

  protected pass(data: Chunk | readonly Chunk[], done: (error?: Error | null) => void): void {
    const sink: Sink = this.socket;
    if (typeof data === 'string') sink._write(data, 'utf8', done);
    else if (data instanceof Uint8Array) sink._write(data, 'buffer', done);
    else this.passAll(data, sink, done);
  }

  private passAll(data: readonly Chunk[], sink: Sink, done: (error?: Error | null) => void): void {
    const [first] = data;
    // libuv ends the process when it is given nothing to write.
    if (first === undefined) done();
    else if (data.length === 1) this.pass(first, done);
    else sink._writev?.(data.map(toVector), done);
  }
}

/** Whether this runtime's sockets have what the direct driver needs. */
export function hasDirectDriver(): boolean {
  return ['push', '_read', '_write', '_writev'].every(
    (name) => typeof Reflect.get(Socket.prototype, name) === 'function',
  );
}

function pushToLink(this: LinkedSocket<DirectLink>, chunk: Buffer | null): boolean {
  return this[LINK].receive(chunk);
}

/** What `push` is without us. */
function pushToStream(this: Socket, chunk: unknown, encoding?: BufferEncoding): boolean {
  return Socket.prototype.push.call(this, chunk, encoding);
}

function handOnStash(link: DirectLink): void {
  link.handOnStash();
}

/** One of several chunks, in the form that `_writev` takes. */
interface Vector {
  readonly chunk: Chunk;
  readonly encoding: Encoding;
}

/** The streams name bytes by an encoding that their types leave out. */
type Encoding = BufferEncoding | 'buffer';

/** The implementer methods by which a stream writes. */
interface Sink {
  _write(chunk: Chunk, encoding: Encoding, done: (error?: Error | null) => void): void;
  _writev?(chunks: readonly Vector[], done: (error?: Error | null) => void): void;
}

function toVector(chunk: Chunk): Vector {
  return { chunk, encoding: typeof chunk === 'string' ? 'utf8' : 'buffer' };
}
