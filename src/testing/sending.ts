import type { Chunk } from '../core/transport.ts';
import type { SimulatedLink } from './link.ts';
import type { Network } from './network.ts';

/** One write that the system has not taken whole. */
interface OutstandingWrite {
  rest: Buffer;
  /** Its end is on the way to the program. */
  told: boolean;
}

/** What a link's program writes, until the system has taken it, and the FIN behind it. */
export class Sending {
  private readonly network: Network;
  private readonly link: SimulatedLink;
  private outstanding: OutstandingWrite | undefined = undefined;
  private endRequested = false;
  private finSent = false;

  constructor(network: Network, link: SimulatedLink) {
    this.network = network;
    this.link = link;
  }

  get hasOutstanding(): boolean {
    return this.outstanding !== undefined;
  }

  get hasEnded(): boolean {
    return this.finSent;
  }

  write(data: Chunk | readonly Chunk[]): boolean {
    const { link } = this;
    if (link.isOver) return false;
    const bytes = toBytes(data);
    if (bytes.length === 0) return true;
    // Within one machine the system knows at once.
    if (link.isIpc && link.peer?.isOver === true) link.broken ??= 'EPIPE';
    if (link.broken !== undefined) {
      const code = link.broken;
      // Later, as everything is told.
      this.outstanding = { rest: bytes, told: true };
      this.network.later(0, () => link.fail(code, 'write'));
      return false;
    }
    const room = Math.min(link.out.room, bytes.length);
    if (room > 0) link.out.accept(room === bytes.length ? bytes : bytes.subarray(0, room));
    link.bytesWritten += room;
    link.out.pump();
    if (room === bytes.length) return true;
    this.outstanding = { rest: bytes.subarray(room), told: false };
    this.takeMore();
    return false;
  }

  /** The send buffer has room. */
  takeMore(): void {
    const { outstanding } = this;
    const { link } = this;
    const { out } = link;
    if (outstanding === undefined || outstanding.told || link.isOver) return;
    while (outstanding.rest.length > 0) {
      const room = Math.min(out.room, outstanding.rest.length);
      if (room === 0) return;
      out.accept(outstanding.rest.subarray(0, room));
      outstanding.rest = outstanding.rest.subarray(room);
      link.bytesWritten += room;
      out.pump();
    }
    // A system calls a socket writable when there is room for more than a byte.
    if (out.room < this.network.settings.window / 4) return;
    outstanding.told = true;
    this.network.later(0, () => this.written(outstanding));
  }

  private written(write: OutstandingWrite): void {
    if (this.link.isOver || this.outstanding !== write) return;
    this.outstanding = undefined;
    this.link.handler.onWritten();
    this.finishIfDue();
  }

  end(): void {
    if (this.endRequested || this.link.isOver) return;
    this.endRequested = true;
    if (this.link.state === 'open') this.finishIfDue();
  }

  /** FIN, once it was asked for and all is written. */
  finishIfDue(): void {
    const { link } = this;
    if (!this.endRequested || this.hasOutstanding || this.finSent || link.isOver) return;
    this.finSent = true;
    if (link.broken === undefined) link.finish();
    link.closeIfBothEnded();
  }

  /** What was not written is forgotten. */
  close(): void {
    this.outstanding = undefined;
  }
}

/** A copy: the caller may change its bytes as soon as they count as written. */
function toBytes(data: Chunk | readonly Chunk[]): Buffer {
  if (typeof data === 'string') return Buffer.from(data);
  if (data instanceof Uint8Array) return Buffer.from(data);
  return Buffer.concat(data.map((chunk) => (typeof chunk === 'string' ? Buffer.from(chunk) : chunk)));
}
