import { Duplex } from 'node:stream';

import type { Done, StreamChunk } from '../core/stream-link.ts';
import { flushSoon, type Flushable } from '../observables/demand.ts';
import { COALESCER } from './internal-names.ts';
import type { SocketMethods } from './socket-methods.ts';

/**
 * Joins what a program writes while one chunk of data is delivered to it, and sends it as one write when the delivery returns; what
 * is written outside of a delivery leaves on the next tick.
 *
 * The stream is corked meanwhile, so that the results of `write`, `'drain'` and the callbacks are those of a corked stream, and it
 * is uncorked early when it holds as much as its high-water mark. `end`, `destroy` and a reset send first what waits.
 */
export class Coalescer implements Flushable {
  private readonly socket: SocketMethods;
  private waiting = false;

  constructor(socket: SocketMethods) {
    this.socket = socket;
  }

  wait(): void {
    if (this.waiting) return;
    this.waiting = true;
    Duplex.prototype.cork.call(this.socket);
    flushSoon(this);
  }

  get isFull(): boolean {
    return this.waiting && this.socket.writableLength >= this.socket.writableHighWaterMark;
  }

  flush(): void {
    if (!this.waiting) return;
    this.waiting = false;
    Duplex.prototype.uncork.call(this.socket);
  }
}

/** Gives the socket a `write` and a `destroy` of its own. */
export function coalesceWrites(socket: SocketMethods): void {
  socket[COALESCER] = new Coalescer(socket);
  socket.write = writeSoon as SocketMethods['write'];
  socket.destroy = flushAndDestroy;
}

/** The one text that several chunks of text in one encoding are; undefined when they are anything else. */
export function joinedText(chunks: readonly StreamChunk[]): StreamChunk | undefined {
  const encoding = chunks[0]?.encoding ?? '';
  if (!isSelfContained(encoding)) return undefined;
  let text = '';
  for (const { chunk, encoding: own } of chunks) {
    if (typeof chunk !== 'string' || own !== encoding) return undefined;
    text += chunk;
  }
  // The whole first: to look at the end of each is to look at every text that was put together, and most have no halves at all.
  return HALF.test(text) && chunks.some(endsInHalf) ? undefined : { chunk: text, encoding };
}

/** The first half of a pair. */
const HALF = /[\uD800-\uDBFF]/;

/** Joined to what follows it, it might become the character that two writes don't make. */
function endsInHalf({ chunk }: StreamChunk): boolean {
  return typeof chunk === 'string' && HALF.test(chunk.slice(-1));
}

/** Whether two texts in that encoding have the same bytes joined as one after the other: not where a group of digits is a byte. */
function isSelfContained(encoding: string): boolean {
  return encoding === 'utf8' || encoding === 'latin1' || encoding === 'ascii' || encoding === 'binary';
}

/** What `write` is on a socket that coalesces. */
export function writeSoon(
  this: SocketMethods,
  chunk: unknown,
  encoding?: BufferEncoding | Done,
  callback?: Done,
): boolean {
  const coalescer = this[COALESCER];
  if (coalescer !== undefined && !this.connecting && !this.destroyed) coalescer.wait();
  const room = Duplex.prototype.write.call(this, chunk, encoding as BufferEncoding, callback);
  if (!room && coalescer?.isFull === true) coalescer.flush();
  return room;
}

function flushAndDestroy<S extends SocketMethods>(this: S, error?: Error): S {
  if (!this.destroyed) this[COALESCER]?.flush();
  return Duplex.prototype.destroy.call(this, error) as S;
}
