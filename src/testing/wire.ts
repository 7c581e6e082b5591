import type { SimulatedLink } from './link.ts';
import type { Network } from './network.ts';
import type { Random } from './random.ts';

/** One thing that travels: bytes, or a step of TCP's. */
export type Segment =
  | { readonly kind: 'SYN' | 'SYN-ACK' | 'ACK' | 'FIN' | 'RST' | 'KEEP-ALIVE' }
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
  /** Room that the peer has not been told of, as the telling was lost. */
  private owedRoom = 0;
  private tellingTries = 0;
  private cancelTelling: (() => void) | undefined = undefined;
  private isTellingHeld = false;
  private tries = 0;
  /** How often its SYN has come and found no place. */
  private arrivedInVain = 0;
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

  /** Something waits to be acknowledged, or to be sent: it is tried again as it is. */
  get owes(): boolean {
    return this.lost.length > 0 || this.waitingBytes > 0;
  }

  /** Bytes that the system has taken, and that are not on their way: they wait for room, or to be sent again. */
  get unsent(): number {
    return this.lost.reduce(
      (sum, segment) => sum + (segment.kind === 'DATA' ? segment.bytes.length : 0),
      this.waitingBytes,
    );
  }

  /** Bytes that the peer has room for, as far as is known here. */
  get window(): number {
    return this.credit;
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
    this.owedRoom = 0;
    this.cancelTelling?.();
    this.cancelTelling = undefined;
    this.isHeld = false;
    this.isTellingHeld = false;
    this.network.letGo(this);
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
    // A system asks for room that it was not told of.
    if (this.waitingBytes > 0) this.from.peer?.out.tellAgain();
  }

  /** Tells the peer that there is room for so many bytes more. It overtakes what waits to be sent again: it has no place in the order. */
  tell(room: number): void {
    if (this.shut) return;
    this.owedRoom += room;
    this.tellingTries = 0;
    this.tellOwed();
  }

  private tellOwed(): void {
    this.cancelTelling?.();
    this.cancelTelling = undefined;
    const { network, from, owedRoom } = this;
    const segment: Segment = { kind: 'WINDOW', room: owedRoom };
    const { held = false, lost = false, reset = false, delay } = network.fateOf(from, this, segment);
    this.isTellingHeld = held;
    if (held || lost) {
      network.note(from, segment, held ? 'held' : 'lost');
      if (held) network.hold(this);
      else this.tellLater();
      return;
    }
    this.owedRoom = 0;
    const arrival = Math.max(network.clock.now(), this.lineFree) + delay;
    network.note(from, segment, reset ? 'reset' : 'arrives', arrival);
    network.at(arrival, () => {
      if (reset) this.cutBothWays();
      else this.arrive(segment);
    });
  }

  private tellLater(): void {
    const wait = Math.min(FIRST_RETRY * 2 ** this.tellingTries, LONGEST_RETRY);
    this.cancelTelling = this.network.clock.after(wait, () => {
      this.cancelTelling = undefined;
      if (this.tellingTries++ < DATA_TRIES) this.tellOwed();
      // Who waits for room gives up; who has it to give never learns.
      else this.from.peer?.onStarved();
    });
  }

  private tellAgain(): void {
    if (this.owedRoom === 0 || this.cancelTelling !== undefined || this.isTellingHeld) return;
    this.tellingTries = 0;
    this.tellLater();
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
    if (this.isTellingHeld && this.owedRoom > 0) this.tellOwed();
  }

  /** A machine has no place for the SYN that has come: it says nothing, and the SYN is sent again. */
  dropArrived(segment: Segment): void {
    if (this.severed || this.shut || this.from.isOver) return;
    this.lost.push(segment);
    this.tries = this.arrivedInVain++;
    this.retryLater();
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
    const arrival = Math.max(this.lastArrival, this.lineFree + fate.delay);
    // Only a reset comes behind a FIN, and does not wait for one that faults make late.
    this.lastArrival = segment.kind === 'FIN' ? Math.max(this.lastArrival, arrival - fate.extra) : arrival;
    const seen = fate.reset === true ? 'reset' : fate.corrupted === true ? 'corrupted' : 'arrives';
    network.note(from, segment, seen, arrival);
    const arriving = fate.corrupted === true ? corrupted(segment, network.random) : segment;
    network.at(arrival, () => {
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
    if (this.severed) return;
    if (!this.network.isGone(this.from)) this.network.arrived(this.from, this, segment);
    // Nobody acknowledges what comes to a machine that has crashed meanwhile: it is sent again.
    else if (segment.kind === 'SYN') this.dropArrived(segment);
    else if (segment.kind !== 'WINDOW') this.loseOnTheWay(segment);
  }

  private loseOnTheWay(segment: Segment): void {
    if (this.shut || this.from.isOver) return;
    if (this.lost.length > 0) this.lost.push(segment);
    else this.lose(segment);
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
