import { Socket } from 'node:net';

import type { Chunk, LinkHandler } from '../transport.ts';
import { hasDirectDriver } from './direct-driver.ts';
import { LINK, SocketLink, type IpcPaths, type LinkedSocket } from './socket-link.ts';

/** The driver that uses only what a consumer of a stream uses: `'data'`, `pause`, `resume`, `write`, `cork`. */
export class PlainLink extends SocketLink {
  private listening = false;
  private passed = 0;
  /** The peer's FIN came while nobody read: a paused stream ends nevertheless, when it holds no data. */
  private endHeld = false;
  /** After a write has failed: what was read and not handed on; `null` is the end. */
  private rest: (Buffer | null)[] | undefined = undefined;

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
    if (this.rest !== undefined) {
      process.nextTick(handOnRest, this);
      return;
    }
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
    if (this.rest === undefined) this.socket.pause();
  }

  /**
   * A stream whose write has failed destroys itself, and emits nothing that it has: what is left is
   * taken from it, and read beneath it by the implementer methods, where the runtime has them.
   */
  protected keepReading(failure: Error): boolean {
    const { socket } = this;
    if (socket.readableEnded || !hasDirectDriver()) return false;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the method of one socket, with its own type
    socket.destroy = function destroyForOthers(error?: Error) {
      return error === failure ? socket : destroy.call(socket, error);
    } as typeof socket.destroy;
    const held: unknown = socket.read();
    this.rest = Buffer.isBuffer(held) ? [held] : [];
    if (this.endHeld) this.rest.push(null);
    this.endHeld = false;
    socket.push = (chunk: Buffer | null) => this.receiveRest(chunk);
    if (this.reading) process.nextTick(handOnRest, this);
    return true;
  }

  private receiveRest(chunk: Buffer | null): boolean {
    this.rest?.push(chunk);
    // Asked for again once it was handed on.
    if (this.reading) process.nextTick(handOnRest, this);
    return false;
  }

  handOnRest(): void {
    const { rest, socket } = this;
    if (rest === undefined) return;
    while (this.reading && !socket.destroyed && rest.length > 0) {
      const chunk = rest.shift();
      if (chunk === null || chunk === undefined) {
        this.reading = false;
        this.closesAfterFailure();
        return;
      }
      this.receive(chunk);
    }
    if (this.reading && !socket.destroyed) socket._read(0);
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
    if (this.rest !== undefined) this.socket.destroy = destroy;
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

function handOnRest(link: PlainLink): void {
  link.handOnRest();
}

function onData(this: LinkedSocket<PlainLink>, chunk: Buffer): void {
  this[LINK].receive(chunk);
}

function onEnd(this: LinkedSocket<PlainLink>): void {
  this[LINK].ended();
}
