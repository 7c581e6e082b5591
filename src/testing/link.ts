import type { Address, Endpoint } from '../core/endpoint.ts';
import { ConnectionAborted, toNetFailure, type NetFailure, type Phase } from '../core/failures/index.ts';
import { onAbort } from '../core/on-abort.ts';
import type { Chunk, DialHandler, Link, LinkHandler } from '../core/transport.ts';
import type { Host } from './host.ts';
import type { Listener } from './listener.ts';
import type { Network } from './network.ts';
import { systemError } from './system-error.ts';
import { Wire } from './wire.ts';

/** Stands in while nobody is to be told, and after the link has closed. */
const silent: LinkHandler = { onData() {}, onEnd() {}, onWritten() {}, onClosed() {} };

/** One write that the system has not taken whole. */
interface OutstandingWrite {
  rest: Buffer;
  readonly size: number;
  /** Its end is on the way to the program. */
  told: boolean;
}

/** How a link stands with its peer. */
export type LinkState = 'dialling' | 'handshake' | 'open' | 'closed';

/**
 * One end of a simulated connection. What it does at a moment follows Linux, as libuv sees it: what is said here of resets, for
 * example, is what programs there are shown.
 */
export class SimulatedLink implements Link {
  readonly host: Host;
  /** The names of the ends, for the trace and for errors. */
  localAddress: Address | undefined = undefined;
  remoteAddress: Address | undefined = undefined;
  readonly isIpc: boolean;
  /** To the peer; each attempt of a dial has one of its own. */
  out: Wire;
  peer: SimulatedLink | undefined = undefined;
  /** At the side that accepts: the attempt that it answers, and who will take it. */
  answers: Wire | undefined = undefined;
  listener: Listener | undefined = undefined;
  state: LinkState;
  bytesRead = 0;
  bytesWritten = 0;
  private readonly network: Network;
  private handler: LinkHandler;
  /** What is dialled; failures name it, and it is told of the dial's progress. */
  private dialling: { readonly endpoint: Endpoint; readonly handler: DialHandler } | undefined = undefined;
  private stopFollowing: (() => void) | undefined = undefined;
  private reading = false;
  private readonly inbox: Buffer[] = [];
  private inboxBytes = 0;
  /** Taken by the program, and not told to the peer yet. */
  private consumed = 0;
  private finArrived = false;
  private readEnded = false;
  private finSent = false;
  private endRequested = false;
  private outstanding: OutstandingWrite | undefined = undefined;
  /** What the peer's reset left for the next call that fails by it. */
  private broken: 'ECONNRESET' | 'EPIPE' | undefined = undefined;
  private delivery = false;
  private over = false;
  /** What becomes of an attempt that failed, while there may be others. */
  onAttemptFailed: ((code: string) => void) | undefined = undefined;

  constructor(network: Network, host: Host, handler: LinkHandler, state: LinkState, isIpc: boolean) {
    this.network = network;
    this.host = host;
    this.handler = handler;
    this.state = state;
    this.isIpc = isIpc;
    this.out = new Wire(network, this);
  }

  get local(): Address | undefined {
    return this.localAddress;
  }

  get remote(): Address | undefined {
    return this.remoteAddress;
  }

  /** Bytes that have arrived and were not taken. */
  get unread(): number {
    return this.inboxBytes;
  }

  get hasEnded(): boolean {
    return this.finSent;
  }

  get hasSeenEnd(): boolean {
    return this.finArrived;
  }

  get isOver(): boolean {
    return this.over;
  }

  // ---- dialling

  dials(endpoint: Endpoint, handler: DialHandler): void {
    this.dialling = { endpoint, handler };
  }

  /** The dial's handler while it goes on. */
  get currentDial(): DialHandler | undefined {
    return this.over ? undefined : this.dialling?.handler;
  }

  follow(signal: AbortSignal | undefined): boolean {
    if (signal === undefined) return true;
    const abort = (): void => this.abort(signal.reason);
    if (signal.aborted) {
      abort();
      return false;
    }
    this.stopFollowing = onAbort(signal, abort);
    return true;
  }

  private abort(cause: unknown): void {
    const place = this.place();
    this.closeWith(
      new ConnectionAborted({
        message: 'the connection was aborted by its signal',
        code: 'ABORT_ERR',
        cause,
        ...place,
      }),
    );
  }

  private attemptFailed(code: string): void {
    if (this.onAttemptFailed === undefined) this.fail(code, 'connect');
    else this.onAttemptFailed(code);
  }

  /** The peer has answered. */
  onStands(): void {
    if (this.over) {
      // It was given up meanwhile.
      this.out.reset();
      return;
    }
    this.state = 'open';
    const handler = this.dialling?.handler;
    this.dialling = undefined;
    this.onAttemptFailed = undefined;
    if (!this.isIpc) this.out.send({ kind: 'ACK' });
    handler?.onConnected();
    if (this.endRequested && !this.hasOutstanding) this.sendFin();
  }

  /** It stands at the side that accepts; its events go to `handler` from here on. */
  accepted(handler: LinkHandler): void {
    this.handler = handler;
  }

  /** The peer's answer to ours has arrived, at the side that accepts. */
  onHandshakeDone(): void {
    if (this.state === 'handshake') this.state = 'open';
  }

  // ---- reading

  startReading(): void {
    if (this.over || this.reading || this.readEnded) return;
    this.reading = true;
    if (this.inbox.length > 0 || this.finArrived || this.broken !== undefined) this.deliverSoon();
  }

  stopReading(): void {
    this.reading = false;
  }

  private deliverSoon(): void {
    if (this.delivery) return;
    this.delivery = true;
    this.network.later(0, () => {
      this.delivery = false;
      this.deliver();
    });
  }

  private get mayDeliver(): boolean {
    return this.reading && !this.over && this.state === 'open';
  }

  private deliver(): void {
    while (this.mayDeliver) {
      const chunk = this.inbox.shift();
      if (chunk === undefined) break;
      this.inboxBytes -= chunk.length;
      this.bytesRead += chunk.length;
      this.consume(chunk.length);
      this.handler.onData(chunk);
    }
    if (!this.mayDeliver) return;
    if (this.finArrived) this.passEnd();
    else if (this.broken !== undefined) this.fail(this.broken, 'read');
  }

  private passEnd(): void {
    this.readEnded = true;
    this.reading = false;
    this.handler.onEnd();
    this.closeIfBothEnded();
  }

  /** The peer is told of room by the quarter, not by the byte. */
  private consume(bytes: number): void {
    this.consumed += bytes;
    if (this.consumed < this.network.settings.window / 4) return;
    const { consumed } = this;
    this.consumed = 0;
    this.out.send({ kind: 'WINDOW', room: consumed });
  }

  // ---- what arrives

  onBytes(bytes: Buffer): void {
    if (this.over) {
      // Nobody is there any more, or the machine was started anew: that is what a reset says.
      this.out.stop();
      this.network.answerWithReset(this);
      return;
    }
    this.inbox.push(bytes);
    this.inboxBytes += bytes.length;
    if (!this.delivery) this.deliver();
  }

  onFin(): void {
    if (this.over) return;
    this.finArrived = true;
    if (!this.delivery) this.deliver();
  }

  onReset(): void {
    if (this.over) return;
    if (this.state === 'dialling') {
      this.attemptFailed('ECONNREFUSED');
      return;
    }
    if (this.state === 'handshake') {
      this.close(undefined);
      return;
    }
    this.out.drop();
    // Behind the peer's FIN the system calls it a broken pipe.
    this.broken = this.finArrived ? 'EPIPE' : 'ECONNRESET';
    if (this.outstanding !== undefined) this.fail(this.broken, 'write');
    else if (this.inboxBytes > 0)
      // libuv takes what hangs up behind unread bytes for the end of the stream.
      this.finArrived = true;
    else if (!this.delivery) this.deliver();
  }

  /** Nothing of what was sent was ever answered. */
  onGivenUp(): void {
    if (this.over) return;
    if (this.state === 'dialling') this.attemptFailed('ETIMEDOUT');
    else this.fail('ETIMEDOUT', this.outstanding === undefined ? 'read' : 'write');
  }

  // ---- writing

  write(data: Chunk | readonly Chunk[]): boolean {
    if (this.over) return false;
    const bytes = toBytes(data);
    if (bytes.length === 0) return true;
    // Within one machine the system knows at once.
    if (this.isIpc && this.peer?.isOver === true) this.broken ??= 'EPIPE';
    if (this.broken !== undefined) {
      const code = this.broken;
      // Later, as everything is told.
      this.outstanding = { rest: bytes, size: bytes.length, told: true };
      this.network.later(0, () => this.fail(code, 'write'));
      return false;
    }
    const room = Math.min(this.out.room, bytes.length);
    if (room > 0) this.out.accept(room === bytes.length ? bytes : bytes.subarray(0, room));
    this.out.pump();
    if (room === bytes.length) {
      this.bytesWritten += bytes.length;
      return true;
    }
    this.outstanding = { rest: bytes.subarray(room), size: bytes.length, told: false };
    this.takeMore();
    return false;
  }

  /** The send buffer has room. */
  onRoom(): void {
    this.takeMore();
  }

  private takeMore(): void {
    const { outstanding, out } = this;
    if (outstanding === undefined || outstanding.told || this.over) return;
    while (outstanding.rest.length > 0) {
      const room = Math.min(out.room, outstanding.rest.length);
      if (room === 0) return;
      out.accept(outstanding.rest.subarray(0, room));
      outstanding.rest = outstanding.rest.subarray(room);
      out.pump();
    }
    // A system calls a socket writable when there is room for more than a byte.
    if (out.room < this.network.settings.window / 4) return;
    outstanding.told = true;
    this.network.later(0, () => this.written(outstanding));
  }

  private written(write: OutstandingWrite): void {
    if (this.over || this.outstanding !== write) return;
    this.outstanding = undefined;
    this.bytesWritten += write.size;
    this.handler.onWritten();
    if (this.endRequested && !this.hasOutstanding) this.sendFin();
  }

  private get hasOutstanding(): boolean {
    return this.outstanding !== undefined;
  }

  end(): void {
    if (this.endRequested || this.over) return;
    this.endRequested = true;
    if (!this.hasOutstanding && this.state === 'open') this.sendFin();
  }

  private sendFin(): void {
    if (this.finSent || this.over) return;
    this.finSent = true;
    if (this.broken === undefined) this.out.finish();
    this.closeIfBothEnded();
  }

  private closeIfBothEnded(): void {
    if (this.finSent && this.readEnded) this.network.later(0, () => this.close(undefined));
  }

  // ---- the end

  /** Nobody takes it: its listener has closed. */
  refuse(): void {
    this.out.reset();
    this.close(undefined);
  }

  reset(): void {
    if (this.over) return;
    if (this.isIpc || this.state !== 'open') {
      this.destroy();
      return;
    }
    this.out.reset();
    this.close(undefined);
  }

  destroy(): void {
    if (this.over) return;
    // The system answers bytes that nobody will read with a reset.
    if (this.inboxBytes > 0) this.out.reset();
    else if (this.state === 'open' && !this.finSent && this.broken === undefined) this.out.finish();
    else if (this.state === 'dialling') this.out.drop();
    this.close(undefined);
  }

  /** Closes by an error of the system. */
  fail(code: string, syscall: string, phase: Phase = phaseOf(syscall)): void {
    if (this.over) return;
    const place = syscall === 'connect' ? this.place() : {};
    const error = systemError(code, syscall, place);
    this.closeWith(toNetFailure(error, { phase, ...this.place() }));
  }

  closeWith(failure: NetFailure): void {
    if (this.over) return;
    if (this.state === 'open' && this.broken === undefined) this.out.reset();
    else this.out.drop();
    this.close(failure);
  }

  /** The machine is gone: nothing is told to the peer. */
  vanish(failure: NetFailure): void {
    if (this.over) return;
    this.out.sever();
    this.close(failure);
  }

  private close(failure: NetFailure | undefined): void {
    if (this.over) return;
    this.over = true;
    this.state = 'closed';
    this.reading = false;
    this.inbox.length = 0;
    this.inboxBytes = 0;
    this.outstanding = undefined;
    this.network.later(0, () => {
      // Not before: who accepts it may close it first and name its handler afterwards.
      const { handler } = this;
      this.handler = silent;
      this.dialling = undefined;
      this.stopFollowing?.();
      this.stopFollowing = undefined;
      this.network.closed(this);
      handler.onClosed(failure);
    });
  }

  /** What failures name: what was dialled, or the peer. */
  place(): { address?: string; port?: number } {
    const place = this.dialling?.endpoint ?? this.remoteAddress;
    if (place === undefined || 'fd' in place) return {};
    if ('path' in place) return { address: place.path };
    const remote = this.remoteAddress;
    if (remote !== undefined && 'address' in remote) return { address: remote.address, port: remote.port };
    if ('address' in place) return { address: place.address, port: place.port };
    return { ...(place.host !== undefined && { address: place.host }), port: place.port };
  }

  // ---- switches of the operating system, which have nothing to switch here

  ref(): void {}
  unref(): void {}
  setNoDelay(): void {}
  setKeepAlive(): void {}
}

function phaseOf(syscall: string): Phase {
  if (syscall === 'connect') return 'connect';
  return syscall === 'read' ? 'read' : 'write';
}

/** A copy: the caller may change its bytes as soon as they count as written. */
function toBytes(data: Chunk | readonly Chunk[]): Buffer {
  if (typeof data === 'string') return Buffer.from(data);
  if (data instanceof Uint8Array) return Buffer.from(data);
  return Buffer.concat(data.map((chunk) => (typeof chunk === 'string' ? Buffer.from(chunk) : chunk)));
}
