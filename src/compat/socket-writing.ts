import { Duplex } from 'node:stream';

import { closedBeforeConnectionError } from '../core/node/platform.ts';
import type { Done, StreamChunk, StreamLink } from '../core/stream-link.ts';
import { joinedText } from './coalesced-writes.ts';
import { COALESCER } from './internal-names.ts';
import type { SocketMethods } from './socket-methods.ts';
import type { SocketState } from './socket-state.ts';

/** Hands over one write of the stream, or several that it joined. */
export function passOn(
  socket: SocketMethods,
  link: StreamLink,
  several: boolean,
  data: string | Uint8Array | StreamChunk[],
  encoding: string,
  done: Done,
): void {
  if (!several) {
    link.write(data as string | Uint8Array, encoding, done);
    return;
  }
  const joined = socket[COALESCER] === undefined ? undefined : joinedText(data as StreamChunk[]);
  if (joined === undefined) link.writev(data as StreamChunk[], done);
  else link.write(joined.chunk, joined.encoding, done);
}

/** One write waits until the connection stands; the stream keeps what follows. */
export function keepForConnection(
  socket: SocketMethods,
  several: boolean,
  data: string | Uint8Array | StreamChunk[],
  encoding: string,
  done: Done,
): void {
  socket._pendingData = data;
  socket._pendingEncoding = encoding;
  const onClose = (): void => done(closedBeforeConnectionError());
  socket.once('connect', () => {
    socket.off('close', onClose);
    socket._writeGeneric(several, data, encoding, done);
  });
  socket.once('close', onClose);
}

/** Takes the place of `write` once the peer has ended and we are to answer that by ending too. */
export function writeAfterFin(
  this: SocketMethods,
  chunk: unknown,
  encoding?: BufferEncoding | Done,
  callback?: Done,
): boolean {
  if (!this.writableEnded) return Duplex.prototype.write.call(this, chunk, encoding as BufferEncoding, callback);
  const done = typeof encoding === 'function' ? encoding : callback;
  const error = Object.assign(new Error('This socket has been ended by the other party'), { code: 'EPIPE' });
  if (typeof done === 'function') process.nextTick(done, error);
  this.destroy(error);
  return false;
}

/** How many bytes the chunks are on the wire. */
export function sizeOfAll(chunks: readonly (StreamChunk | Uint8Array)[]): number {
  let bytes = 0;
  for (const each of chunks) bytes += each instanceof Uint8Array ? each.length : sizeOf(each.chunk, each.encoding);
  return bytes;
}

/** How many bytes the write is that waits for the connection. */
export function sizeOfPending({ _pendingData: data, _pendingEncoding: encoding }: SocketState): number {
  if (Array.isArray(data)) return sizeOfAll(data as (StreamChunk | Uint8Array)[]);
  return data ? sizeOf(data as string | Uint8Array, encoding) : 0;
}

function sizeOf(chunk: string | Uint8Array, encoding: string): number {
  return typeof chunk === 'string' ? Buffer.byteLength(chunk, encoding as BufferEncoding) : chunk.length;
}
