import type { SimulatedLink } from './link.ts';
import type { Network } from './network.ts';
import type { Random } from './random.ts';

/** One thing that travels: bytes, or a step of TCP's. */
export type Segment =
  | { readonly kind: 'SYN' | 'SYN-ACK' | 'ACK' | 'FIN' | 'RST' }
  | { readonly kind: 'DATA'; readonly bytes: Buffer }
  /** The peer's program has taken bytes, and there is room for as many again. */
  | { readonly kind: 'WINDOW'; readonly room: number };

const HANDSHAKE_RETRY = 1_000;
const FIRST_RETRY = 200;
const LONGEST_RETRY = 120_000;
/** Linux's `tcp_syn_retries` and `tcp_retries2`. */
const HANDSHAKE_TRIES = 6;
const DATA_TRIES = 15;

/**
 * One direction of a connection: a send buffer, the peer's window, and what is on its way. What is sent arrives whole and in
 * order: a segment that is lost is sent again, and those behind it wait for it.
 */
export class Wire {
  private readonly network: Network;
  private readonly from: SimulatedLink;
  /** Accepted from the program, and not sent yet. */
  private readonly waiting: Buffer[] = [];
  private waitingBytes = 0;
  private finWaits = false;
  /** How many bytes the peer has room for. */
  private credit: number;
  private lastArrival = 0;
  /** When the line is free again, where its rate is limited. */
  private lineFree = 0;
  /** Lost, or behind what is lost. */
  private readonly lost: Segment[] = [];
  private tries = 0;
  private cancelRetry: (() => void) | undefined = undefined;
  /** Nothing more is sent. */
  private shut = false;
  /** A fault holds what is sent. */
  private isHeld = false;
  /** What is on its way is lost too. */
  private severed = false;

  constructor(network: Network, from: SimulatedLink) {
    this.network = network;
    this.from = from;
    this.credit = network.settings.window;
  }

  /** Bytes that the system has taken and not sent. */
  get unsent(): number {
    return this.waitingBytes;
  }

  get room(): number {
    return this.network.settings.window - this.waitingBytes;
  }

  /** Takes bytes that there is room for; they are the wire's from here on. */
  accept(bytes: Buffer): void {
    this.waiting.push(bytes);
    this.waitingBytes += bytes.length;
  }

  /** FIN, behind what was accepted. */
  finish(): void {
    this.finWaits = true;
    this.pump();
  }

  /** RST: what was not sent is dropped. */
  reset(): void {
    if (this.shut) return;
    this.drop();
    this.send({ kind: 'RST' });
    this.shut = true;
  }

  /** Nothing more is sent; what is on its way arrives. */
  stop(): void {
    this.drop();
    this.shut = true;
  }

  /** What was not sent yet is forgotten. */
  drop(): void {
    this.waiting.length = 0;
    this.waitingBytes = 0;
    this.finWaits = false;
    this.lost.length = 0;
    this.cancelRetry?.();
    this.cancelRetry = undefined;
  }

  /** Nothing more leaves, and nothing that is on its way arrives. */
  sever(): void {
    this.stop();
    this.severed = true;
  }

  /** The peer has taken bytes out of its buffer. */
  grant(bytes: number): void {
    this.credit += bytes;
    this.pump();
    this.from.onRoom();
  }

  /** Sends as much as the peer has room for. */
  pump(): void {
    if (this.shut) return;
    while (this.credit > 0) {
      const [first] = this.waiting;
      if (first === undefined) break;
      const size = Math.min(first.length, this.credit, this.network.nextSegmentSize(this.from, this));
      if (size === first.length) this.waiting.shift();
      else this.waiting[0] = first.subarray(size);
      this.waitingBytes -= size;
      this.credit -= size;
      this.send({ kind: 'DATA', bytes: size === first.length ? first : first.subarray(0, size) });
    }
    if (this.finWaits && this.waitingBytes === 0) {
      this.finWaits = false;
      this.send({ kind: 'FIN' });
    }
  }

  /** Puts a segment on the line, behind those that wait to be sent again. */
  send(segment: Segment): void {
    if (this.shut) return;
    if (this.lost.length > 0) this.lost.push(segment);
    else if (!this.depart(segment)) this.lose(segment);
  }

  /** What a fault held may go on. */
  goOn(): void {
    if (this.isHeld) this.retry();
  }

  /** False when it has to be sent again. */
  private depart(segment: Segment): boolean {
    const { network, from } = this;
    const fate = network.fateOf(from, this, segment);
    this.isHeld = fate.held === true;
    if (fate.held === true) network.hold(this);
    if (fate.lost === true || fate.held === true) {
      network.note(from, segment, fate.held === true ? 'held' : 'lost');
      return false;
    }
    const now = network.clock.now();
    const size = segment.kind === 'DATA' ? segment.bytes.length : 0;
    const begin = Math.max(now, this.lineFree);
    this.lineFree = begin + (fate.bytesPerSecond === undefined ? 0 : (size * 1_000) / fate.bytesPerSecond);
    // In order, whatever the jitter.
    this.lastArrival = Math.max(this.lastArrival, this.lineFree + fate.delay);
    const seen = fate.reset === true ? 'reset' : fate.corrupted === true ? 'corrupted' : 'arrives';
    network.note(from, segment, seen, this.lastArrival);
    const arriving = fate.corrupted === true ? corrupted(segment, network.random) : segment;
    network.at(this.lastArrival, () => {
      if (fate.reset === true) this.cutBothWays();
      else this.arrive(arriving);
    });
    return true;
  }

  /** Something on the way resets the connection. */
  private cutBothWays(): void {
    const { from } = this;
    if (this.severed) return;
    from.peer?.onReset();
    from.onReset();
  }

  private arrive(segment: Segment): void {
    if (!this.severed) this.network.arrived(this.from, this, segment);
  }

  /** It is sent again after a while, and longer each time; or when what holds it lets go. A lost reset stays lost. */
  private lose(segment: Segment): void {
    if (segment.kind === 'RST') return;
    this.lost.push(segment);
    this.tries = 0;
    if (!this.isHeld) this.retryLater();
  }

  private retryLater(): void {
    const [first] = this.lost;
    if (first === undefined) return;
    const isHandshake = first.kind === 'SYN' || first.kind === 'SYN-ACK' || first.kind === 'ACK';
    const wait = Math.min((isHandshake ? HANDSHAKE_RETRY : FIRST_RETRY) * 2 ** this.tries, LONGEST_RETRY);
    const isLast = this.tries >= (isHandshake ? HANDSHAKE_TRIES : DATA_TRIES);
    this.cancelRetry = this.network.clock.after(wait, () => {
      if (isLast) this.giveUp();
      else this.retry();
    });
  }

  private giveUp(): void {
    this.sever();
    this.from.onGivenUp();
  }

  private retry(): void {
    this.cancelRetry?.();
    this.cancelRetry = undefined;
    this.tries++;
    for (;;) {
      const [first] = this.lost;
      if (first === undefined) return;
      if (!this.depart(first)) break;
      this.tries = 0;
      this.lost.shift();
    }
    if (!this.isHeld) this.retryLater();
  }
}

/** A copy in which one byte is another one. */
function corrupted(segment: Segment, random: Random): Segment {
  if (segment.kind !== 'DATA') return segment;
  const bytes = Buffer.from(segment.bytes);
  const place = random.integer(0, bytes.length - 1);
  bytes[place] = (bytes[place] ?? 0) ^ random.integer(1, 255);
  return { kind: 'DATA', bytes };
}
