import type { SimulatedLink } from './link.ts';
import type { Network } from './network.ts';

/** What a link has received: bytes and a FIN that wait until its program reads. */
export class Receiving {
  private readonly network: Network;
  private readonly link: SimulatedLink;
  private reading = false;
  private readonly chunks: Buffer[] = [];
  private bytes = 0;
  /** Taken by the program, and not told to the peer yet. */
  private consumed = 0;
  private finArrived = false;
  private endPassed = false;
  private isDue = false;

  constructor(network: Network, link: SimulatedLink) {
    this.network = network;
    this.link = link;
  }

  /** Bytes that have arrived and were not taken. */
  get unread(): number {
    return this.bytes;
  }

  get hasSeenEnd(): boolean {
    return this.finArrived;
  }

  /** The program has been told of the end. */
  get hasPassedEnd(): boolean {
    return this.endPassed;
  }

  start(): void {
    if (this.link.isOver || this.reading || this.endPassed) return;
    this.reading = true;
    if (this.chunks.length > 0 || this.finArrived || this.link.broken !== undefined) this.deliverSoon();
  }

  stop(): void {
    this.reading = false;
  }

  onBytes(bytes: Buffer): void {
    this.chunks.push(bytes);
    this.bytes += bytes.length;
    this.deliver();
  }

  onFin(): void {
    this.finArrived = true;
    this.deliver();
  }

  /** The peer has reset, behind what it sent. */
  onReset(): void {
    // libuv takes what hangs up behind unread bytes for the end of the stream.
    if (this.bytes > 0) this.finArrived = true;
    else this.deliver();
  }

  /** Nobody will read any more. */
  close(): void {
    this.reading = false;
    this.chunks.length = 0;
    this.bytes = 0;
  }

  private deliverSoon(): void {
    if (this.isDue) return;
    this.isDue = true;
    this.network.later(0, () => {
      this.isDue = false;
      this.deliver();
    });
  }

  private get mayDeliver(): boolean {
    return this.reading && !this.link.isOver && this.link.state === 'open';
  }

  private deliver(): void {
    if (this.isDue) return;
    const { link } = this;
    while (this.mayDeliver) {
      const chunk = this.chunks.shift();
      if (chunk === undefined) break;
      this.bytes -= chunk.length;
      link.bytesRead += chunk.length;
      this.consume(chunk.length);
      link.handler.onData(chunk);
    }
    if (!this.mayDeliver) return;
    if (this.finArrived) this.passEnd();
    else if (link.broken !== undefined) link.fail(link.broken, 'read');
  }

  private passEnd(): void {
    this.endPassed = true;
    this.reading = false;
    this.link.handler.onEnd();
    this.link.closeIfBothEnded();
  }

  /** The peer is told of room by the quarter, not by the byte. */
  private consume(bytes: number): void {
    this.consumed += bytes;
    if (this.consumed < this.network.settings.window / 4) return;
    const { consumed } = this;
    this.consumed = 0;
    this.link.out.tell(consumed);
  }
}
