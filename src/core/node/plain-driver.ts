import { Socket } from 'node:net';

import type { Chunk, LinkHandler } from '../transport.ts';
import { LINK, SocketLink, type IpcPaths, type LinkedSocket } from './socket-link.ts';

/** The driver that uses only what a consumer of a stream uses: `'data'`, `pause`, `resume`, `write`, `cork`. */
export class PlainLink extends SocketLink {
  private listening = false;
  private passed = 0;
  /** The peer's FIN came while nobody read: a paused stream ends nevertheless, when it holds no data. */
  private endHeld = false;

  constructor(socket: Socket, handler: LinkHandler, paths: IpcPaths | undefined) {
    super(socket, handler, paths);
    socket.pause();
    socket.on('end', onEnd);
  }

  get bytesRead(): number {
    return this.passed;
  }

  startReading(): void {
    if (this.reading || this.isOver) return;
    this.reading = true;
    if (this.endHeld) {
      process.nextTick(handOnEnd, this);
      return;
    }
    if (!this.listening) {
      this.listening = true;
      this.socket.on('data', onData);
    }
    this.socket.resume();
  }

  stopReading(): void {
    if (!this.reading) return;
    this.reading = false;
    this.socket.pause();
  }

  receive(chunk: Buffer): void {
    // A stream that is destroyed in the middle of what it has buffered hands on the rest.
    if (this.socket.destroyed) return;
    this.passed += chunk.length;
    this.handler.onData(chunk);
  }

  ended(): void {
    if (this.reading) {
      this.reading = false;
      this.handler.onEnd();
    } else if (!this.socket.destroyed) {
      this.endHeld = true;
      // The stream would close by itself, as it has ended, once the write side has too.
      this.socket.destroy = destroyForFailure;
    }
  }

  handOnEnd(): void {
    if (!this.reading || !this.endHeld || this.socket.destroyed) return;
    this.reading = false;
    this.letClose();
    this.handler.onEnd();
    if (this.socket.writableFinished) this.close();
  }

  protected override close(): void {
    this.letClose();
    super.close();
  }

  override resetNow(): void {
    this.letClose();
    super.resetNow();
  }

  private letClose(): void {
    if (!this.endHeld) return;
    this.endHeld = false;
    this.socket.destroy = destroy;
  }

  protected pass(data: Chunk | readonly Chunk[], done: (error?: Error | null) => void): void {
    const { socket } = this;
    if (typeof data === 'string' || data instanceof Uint8Array) {
      socket.write(data);
    } else {
      socket.cork();
      for (const chunk of data) socket.write(chunk);
      socket.uncork();
    }
    // Nothing is left in the stream's queue, and nothing failed: the system took all of it during the call.
    if (socket.writableLength === 0 && socket.errored === null && !socket.destroyed) done();
    // An empty write is called back when those before it are through, with their failure if they failed.
    else socket.write('', done);
  }
}

function destroy<S extends Socket>(this: S, error?: Error): S {
  Socket.prototype.destroy.call(this, error);
  return this;
}

/** What `destroy` is while the peer's FIN is held. */
function destroyForFailure<S extends Socket>(this: S, error?: Error): S {
  if (error !== undefined) Socket.prototype.destroy.call(this, error);
  return this;
}

function handOnEnd(link: PlainLink): void {
  link.handOnEnd();
}

function onData(this: LinkedSocket<PlainLink>, chunk: Buffer): void {
  this[LINK].receive(chunk);
}

function onEnd(this: LinkedSocket<PlainLink>): void {
  this[LINK].ended();
}
