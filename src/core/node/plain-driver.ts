import type { Socket } from 'node:net';

import type { Chunk, LinkHandler } from '../transport.ts';
import { LINK, SocketLink, type IpcPaths, type LinkedSocket } from './socket-link.ts';

/** The driver that uses only what a consumer of a stream uses: `'data'`, `pause`, `resume`, `write`, `cork`. */
export class PlainLink extends SocketLink {
  private listening = false;

  constructor(socket: Socket, handler: LinkHandler, paths: IpcPaths | undefined) {
    super(socket, handler, paths);
    socket.pause();
  }

  protected get stashedBytes(): number {
    return this.socket.readableLength;
  }

  startReading(): void {
    if (this.reading || this.socket.destroyed) return;
    this.reading = true;
    if (!this.listening) {
      this.listening = true;
      this.socket.on('data', onData);
      this.socket.on('end', onEnd);
    }
    this.socket.resume();
  }

  stopReading(): void {
    if (!this.reading) return;
    this.reading = false;
    this.socket.pause();
  }

  receive(chunk: Buffer): void {
    this.handler.onData(chunk);
  }

  ended(): void {
    this.reading = false;
    this.handler.onEnd();
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
    // Nothing left in the stream's queue: the system took all of it during the call.
    if (socket.writableLength === 0 && !socket.destroyed) done();
    // An empty write is called back when those before it are through, with their failure if they failed.
    else socket.write('', done);
  }
}

function onData(this: Socket, chunk: Buffer): void {
  ((this as LinkedSocket)[LINK] as PlainLink).receive(chunk);
}

function onEnd(this: Socket): void {
  ((this as LinkedSocket)[LINK] as PlainLink).ended();
}
