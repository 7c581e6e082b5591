import type { Address, Endpoint } from '../core/endpoint.ts';
import { ConnectionAborted, toNetFailure, type NetFailure, type Phase } from '../core/failures/index.ts';
import { onAbort } from '../core/on-abort.ts';
import type { Chunk, DialHandler, Link, LinkHandler } from '../core/transport.ts';
import type { Host } from './host.ts';
import { KeepAlive } from './keep-alive.ts';
import type { Listener } from './listener.ts';
import type { Network } from './network.ts';
import { Receiving } from './receiving.ts';
import { Sending } from './sending.ts';
import { systemError } from './system-error.ts';
import { Wire } from './wire.ts';

/** Stands in while nobody is to be told, and after the link has closed. */
export const silent: LinkHandler = { onData() {}, onEnd() {}, onWritten() {}, onClosed() {} };

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
  /** Its FIN left before the peer's came: then it is this end that keeps its pair of ports for a while. */
  endedFirst = false;
  /** When its program was done with it. */
  closedAt = 0;
  /** Once it was asked for. */
  keepAlive: KeepAlive | undefined = undefined;
  bytesRead = 0;
  bytesWritten = 0;
  /** Who is told. */
  handler: LinkHandler;
  /** What the peer's reset left for the next call that fails by it. */
  broken: 'ECONNRESET' | 'EPIPE' | undefined = undefined;
  private wasReset = false;
  private readonly network: Network;
  private readonly receiving: Receiving;
  private readonly sending: Sending;
  /** What is dialled; failures name it, and it is told of the dial's progress. */
  private dialling: { readonly endpoint: Endpoint; readonly handler: DialHandler } | undefined = undefined;
  private stopFollowing: (() => void) | undefined = undefined;
  private over = false;
  private vanished = false;
  /** What becomes of an attempt that failed, while there may be others. */
  onAttemptFailed: ((code: string) => void) | undefined = undefined;
  /** Takes back the timer of the attempt that is under way. */
  cancelAttemptTimeout: (() => void) | undefined = undefined;

  constructor(network: Network, host: Host, handler: LinkHandler, state: LinkState, isIpc: boolean) {
    this.network = network;
    this.host = host;
    this.handler = handler;
    this.state = state;
    this.isIpc = isIpc;
    this.out = new Wire(network, this);
    this.receiving = new Receiving(network, this);
    this.sending = new Sending(network, this);
  }

  get local(): Address | undefined {
    return this.localAddress;
  }

  get remote(): Address | undefined {
    return this.remoteAddress;
  }

  /** Bytes that have arrived and were not taken. */
  get unread(): number {
    return this.receiving.unread;
  }

  get hasEnded(): boolean {
    return this.sending.hasEnded;
  }

  get hasSeenEnd(): boolean {
    return this.receiving.hasSeenEnd;
  }

  get isOver(): boolean {
    return this.over;
  }

  /** Its machine has crashed. */
  get hasVanished(): boolean {
    return this.vanished;
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
    this.cancelAttemptTimeout?.();
    this.cancelAttemptTimeout = undefined;
    if (!this.isIpc) this.out.send({ kind: 'ACK' });
    handler?.onConnected();
    this.sending.finishIfDue();
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
    this.receiving.start();
  }

  stopReading(): void {
    this.receiving.stop();
  }

  // ---- what arrives

  onBytes(bytes: Buffer): void {
    if (this.over) {
      // Nobody is there any more, or the machine was started anew: that is what a reset says.
      this.out.stop();
      this.network.answerWithReset(this);
      return;
    }
    // Behind a reset nothing counts: the bytes that it took along would be missing in the middle.
    if (!this.wasReset) this.receiving.onBytes(bytes);
  }

  onFin(): void {
    if (!this.over && !this.wasReset) this.receiving.onFin();
  }

  onReset(): void {
    if (this.over || this.wasReset) return;
    if (this.state === 'dialling') {
      this.attemptFailed('ECONNREFUSED');
      return;
    }
    if (this.state === 'handshake') {
      this.close(undefined);
      return;
    }
    this.wasReset = true;
    this.out.drop();
    // Behind the peer's FIN the system calls it a broken pipe.
    this.broken = this.hasSeenEnd ? 'EPIPE' : 'ECONNRESET';
    if (this.sending.hasOutstanding) this.fail(this.broken, 'write');
    else this.receiving.onReset();
  }

  /** Nothing of what was sent was ever answered. */
  onGivenUp(): void {
    if (this.over) return;
    if (this.state === 'dialling') this.attemptFailed('ETIMEDOUT');
    else this.fail('ETIMEDOUT', this.sending.hasOutstanding ? 'write' : 'read');
  }

  /** It was never told of room for what waits here. */
  onStarved(): void {
    if (this.over || this.out.unsent === 0) return;
    this.out.sever();
    this.onGivenUp();
  }

  // ---- writing

  write(data: Chunk | readonly Chunk[]): boolean {
    return this.sending.write(data);
  }

  /** The send buffer has room. */
  onRoom(): void {
    this.sending.takeMore();
  }

  end(): void {
    this.sending.end();
  }

  closeIfBothEnded(): void {
    if (this.hasEnded && this.receiving.hasPassedEnd) this.network.later(0, () => this.close(undefined));
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
    this.resetPeer();
    this.close(undefined);
  }

  /** FIN, behind what was written. */
  finish(): void {
    this.endedFirst = !this.hasSeenEnd;
    this.out.finish();
  }

  private resetPeer(): void {
    this.endedFirst = false;
    this.out.reset();
  }

  destroy(): void {
    if (this.over) return;
    // The system answers bytes that nobody will read with a reset.
    if (this.unread > 0) this.resetPeer();
    else if (this.state === 'open' && !this.hasEnded && this.broken === undefined) this.finish();
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

  /** What its machine does is refused as long as that is down: the program of a machine that crashed is gone too. */
  failIfDown(): boolean {
    if (!this.host.isDown) return false;
    this.vanish(this.network.crashFailure(this.host));
    return true;
  }

  closeWith(failure: NetFailure): void {
    if (this.over) return;
    if (this.state === 'open' && this.broken === undefined) this.resetPeer();
    else this.out.drop();
    this.close(failure);
  }

  /** The machine is gone: nothing is told to the peer. */
  vanish(failure: NetFailure): void {
    if (this.over) return;
    this.vanished = true;
    this.out.sever();
    this.close(failure);
  }

  private close(failure: NetFailure | undefined): void {
    if (this.over) return;
    this.over = true;
    if (failure !== undefined) this.endedFirst = false;
    this.state = 'closed';
    this.closedAt = this.network.clock.now();
    this.keepAlive?.stop();
    this.cancelAttemptTimeout?.();
    this.cancelAttemptTimeout = undefined;
    this.receiving.close();
    this.sending.close();
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

  // ---- switches of the operating system

  setKeepAlive(enable: boolean, initialDelay: number): void {
    if (this.over || this.isIpc) return;
    this.keepAlive ??= new KeepAlive(this.network, this);
    this.keepAlive.set(enable, initialDelay);
  }

  // These have nothing to switch here.
  ref(): void {}
  unref(): void {}
  setNoDelay(): void {}
}

function phaseOf(syscall: string): Phase {
  if (syscall === 'connect') return 'connect';
  return syscall === 'read' ? 'read' : 'write';
}
