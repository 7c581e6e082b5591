import { Duplex } from 'node:stream';

import { flushSoon, type Flushable } from '../core/demand.ts';
import type { Done, StreamChunk } from '../core/stream-link.ts';
import { COALESCER } from './internal-names.ts';
import type { SocketMethods } from './socket-methods.ts';

/**
 * Joins what a program writes while one chunk of data is delivered to it, and sends it as one write when the delivery returns; what
 * is written outside of a delivery leaves on the next tick.
 *
 * Plain text is joined here, and reaches the stream as one chunk. Everything else, bytes, other encodings and what has a callback, goes
 * to the stream, which is corked meanwhile. What waits is sent early when it is as much as the stream's high-water mark; `end`,
 * `destroy` and a reset send it first.
 */
export class Coalescer implements Flushable {
  private readonly socket: SocketMethods;
  private text = '';
  /** Where each piece of `text` ends: two halves of a character that were written one by one don't make the character. */
  private readonly ends: number[] = [];
  /** How many of `ends` count. The list keeps its length, up to `KEPT_ENDS`: it would grow anew in every delivery. */
  private pieces = 0;
  /** How much text may wait before it is sent early. */
  private room = 0;
  private scheduled = false;
  private corked = false;

  constructor(socket: SocketMethods) {
    this.socket = socket;
  }

  /** Bytes that wait here and not in the stream. */
  get waitingBytes(): number {
    return Buffer.byteLength(this.text);
  }

  /** Text waits: the socket is connected and has not ended, for what ends it sends the text first. */
  get isOpen(): boolean {
    return this.text !== '';
  }

  /** @returns whether there is room for more. */
  begin(text: string): boolean {
    const { socket } = this;
    this.room = socket.writableHighWaterMark - socket.writableLength;
    this.schedule();
    return this.add(text);
  }

  /** As `begin`, while text waits already. */
  add(text: string): boolean {
    const { length } = (this.text += text);
    this.ends[this.pieces++] = length;
    return length < this.room || this.pass();
  }

  /** Whatever comes next goes to the stream, after what waits here. */
  cork(): void {
    if (!this.corked) {
      this.corked = true;
      Duplex.prototype.cork.call(this.socket);
    }
    this.pass();
    this.schedule();
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    flushSoon(this);
  }

  flush(): void {
    this.scheduled = false;
    this.pass();
    this.uncork();
  }

  uncork(): void {
    if (!this.corked) return;
    this.corked = false;
    Duplex.prototype.uncork.call(this.socket);
  }

  /** Hands the text to the stream; it may be cut where halves of characters meet. */
  private pass(): boolean {
    const { text, ends, pieces, socket } = this;
    if (text === '') return true;
    // Most text has no halves at all; it has to be looked at once, joined, and not each piece of it.
    const cuts = HALF.test(text) ? ends.slice(0, pieces) : NO_CUTS;
    // All of it before the first write: a transport may call back from within it.
    this.text = '';
    this.pieces = 0;
    if (ends.length > KEPT_ENDS) ends.length = 0;
    let from = 0;
    for (const end of cuts) {
      if (end === text.length || !isHalf(text.charCodeAt(end - 1))) continue;
      Duplex.prototype.write.call(socket, text.slice(from, end), 'utf8');
      from = end;
    }
    return Duplex.prototype.write.call(socket, from === 0 ? text : text.slice(from), 'utf8');
  }
}

const NO_CUTS: readonly number[] = [];

/** What a connection keeps between two deliveries, at most: 2 KiB. */
const KEPT_ENDS = 256;

/** The first half of a pair. */
const HALF = /[\uD800-\uDBFF]/;

function isHalf(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

/** Gives the socket methods of its own. */
export function coalesceWrites(socket: SocketMethods): void {
  socket[COALESCER] = new Coalescer(socket);
  socket.write = writeSoon as SocketMethods['write'];
  socket.destroy = flushAndDestroy;
  socket.setDefaultEncoding = setDefaultEncoding;
}

/** What `write` is on a socket that coalesces. */
export function writeSoon(
  this: SocketMethods,
  chunk: unknown,
  encoding?: BufferEncoding | Done,
  callback?: Done,
): boolean {
  const coalescer = this[COALESCER];
  const isPlain =
    typeof chunk === 'string' &&
    chunk !== '' &&
    callback === undefined &&
    (encoding === undefined || encoding === 'utf8');
  if (isPlain && coalescer?.isOpen === true) return coalescer.add(chunk);
  if (coalescer === undefined || this.connecting || this.destroyed || this.writableEnded)
    return Duplex.prototype.write.call(this, chunk, encoding as BufferEncoding, callback);
  if (isPlain) return coalescer.begin(chunk);
  coalescer.cork();
  const room = Duplex.prototype.write.call(this, chunk, encoding as BufferEncoding, callback);
  if (!room) coalescer.uncork();
  return room;
}

function flushAndDestroy<S extends SocketMethods>(this: S, error?: Error): S {
  if (!this.destroyed) this[COALESCER]?.flush();
  return Duplex.prototype.destroy.call(this, error) as S;
}

/** Text without an encoding is then in another one: it is left to the stream from here on. */
function setDefaultEncoding<S extends SocketMethods>(this: S, encoding: BufferEncoding): S {
  this[COALESCER]?.flush();
  this.write = writeCorked as S['write'];
  return Duplex.prototype.setDefaultEncoding.call(this, encoding) as S;
}

function writeCorked(this: SocketMethods, chunk: unknown, encoding?: BufferEncoding | Done, callback?: Done): boolean {
  const isLive = !this.connecting && !this.destroyed && !this.writableEnded;
  if (isLive) this[COALESCER]?.cork();
  const room = Duplex.prototype.write.call(this, chunk, encoding as BufferEncoding, callback);
  if (!room) this[COALESCER]?.uncork();
  return room;
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
  return HALF.test(text) ? undefined : { chunk: text, encoding };
}

/** Whether two texts in that encoding have the same bytes joined as one after the other: not where a group of digits is a byte. */
function isSelfContained(encoding: string): boolean {
  return encoding === 'utf8' || encoding === 'latin1' || encoding === 'ascii' || encoding === 'binary';
}
