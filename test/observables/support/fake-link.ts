import { firstValueFrom } from 'rxjs';
import { onTestFinished } from 'vitest';

import {
  type Address,
  type Binding,
  type Chunk,
  type Clock,
  connect,
  type Connection,
  type ConnectOptions,
  type DialHandler,
  type Link,
  type NetFailure,
  systemClock,
  type Transport,
} from '../../../src/index.ts';
import { LiveConnection } from '../../../src/observables/internal/live-connection.ts';

/** The bytes of what is written, in one piece. */
export function bytesOf(data: Chunk | readonly Chunk[]): Buffer {
  if (typeof data === 'string') return Buffer.from(data);
  // A copy: what the link was given may be changed afterwards.
  if (data instanceof Uint8Array) return Buffer.from(data);
  return Buffer.concat(data.map(bytesOf));
}

/**
 * A link without a network, worked by hand. It does what the contract of `Link` says and nothing else,
 * and throws when its user breaks the contract.
 */
export class FakeLink implements Link {
  readonly local: Address = { address: '127.0.0.1', family: 'IPv4', port: 1 };
  readonly remote: Address = { address: '127.0.0.1', family: 'IPv4', port: 2 };
  bytesRead = 0;
  bytesWritten = 0;
  /** Every `write`, as it came. */
  readonly writes: (Chunk | readonly Chunk[])[] = [];
  /** What was handed to the system, in order. */
  private readonly taken: Buffer[] = [];
  /** Every call besides `write`, in order. */
  readonly calls: string[] = [];
  /** Whether a write is taken at once. */
  takes: () => boolean = () => true;
  /** Whether it was asked to read, be it ahead of a reader that is held. */
  started = false;
  ended = false;
  closed = false;
  private outstanding: Buffer | undefined = undefined;
  private finAfterWrite = false;
  private readonly handler: DialHandler;

  constructor(handler: DialHandler) {
    this.handler = handler;
  }

  /** What the peer has got, if the network is quick. */
  get received(): Buffer {
    return Buffer.concat(this.taken);
  }

  get isOutstanding(): boolean {
    return this.outstanding !== undefined;
  }

  /** Whether bytes that come now reach a reader, as far as the link and a hold are concerned. */
  get reading(): boolean {
    return this.started && !(this.handler instanceof LiveConnection && this.handler.isHeld);
  }

  count(call: string): number {
    return this.calls.filter((each) => each === call).length;
  }

  // ---- what its user calls

  startReading(): void {
    if (this.closed) return;
    if (!this.started) this.calls.push('startReading');
    this.started = true;
  }

  stopReading(): void {
    if (this.closed) return;
    if (this.started) this.calls.push('stopReading');
    this.started = false;
  }

  write(data: Chunk | readonly Chunk[]): boolean {
    if (this.closed) return false;
    if (this.outstanding !== undefined) throw new Error('write() while a write was outstanding');
    if (this.ended) throw new Error('write() after end()');
    const bytes = bytesOf(data);
    if (bytes.length === 0) throw new Error('write() of nothing');
    this.writes.push(data);
    if (this.takes()) {
      this.take(bytes);
      return true;
    }
    this.outstanding = bytes;
    return false;
  }

  end(): void {
    if (this.closed || this.ended) return;
    this.ended = true;
    if (this.outstanding === undefined) this.calls.push('fin');
    else this.finAfterWrite = true;
  }

  reset(): void {
    this.close('reset', undefined);
  }

  destroy(): void {
    this.close('destroy', undefined);
  }

  ref(): void {
    this.calls.push('ref');
  }

  unref(): void {
    this.calls.push('unref');
  }

  setNoDelay(enable: boolean): void {
    this.calls.push(`setNoDelay ${enable}`);
  }

  setKeepAlive(enable: boolean, initialDelay: number): void {
    this.calls.push(`setKeepAlive ${enable} ${initialDelay}`);
  }

  // ---- what the test does

  private take(bytes: Buffer): void {
    this.taken.push(bytes);
    this.bytesWritten += bytes.length;
  }

  /** The system takes the outstanding write. */
  completeWrite(): void {
    if (this.outstanding === undefined || this.closed) throw new Error('nothing is outstanding');
    const bytes = this.outstanding;
    this.outstanding = undefined;
    this.take(bytes);
    this.handler.onWritten();
    if (this.finAfterWrite && this.outstanding === undefined && !this.closed) {
      this.finAfterWrite = false;
      this.calls.push('fin');
    }
  }

  /** Takes everything that is offered, now and later. */
  open(): void {
    this.takes = () => true;
    while (this.outstanding !== undefined && !this.closed) this.completeWrite();
  }

  /** Takes nothing more until `open` or `completeWrite`. */
  stall(): void {
    this.takes = () => false;
  }

  /** Bytes from the peer. */
  deliver(data: Uint8Array | string): void {
    if (!this.started) throw new Error('bytes came although nobody reads');
    const chunk = Buffer.from(data);
    this.bytesRead += chunk.length;
    this.handler.onData(chunk);
  }

  /** The peer's FIN. */
  deliverEnd(): void {
    if (!this.started) throw new Error('the FIN came although nobody reads');
    this.started = false;
    this.handler.onEnd();
  }

  /** The connection breaks, or has ended in order. */
  close(call: string, failure: NetFailure | undefined): void {
    if (this.closed) return;
    this.calls.push(call);
    this.closed = true;
    this.started = false;
    process.nextTick(() => this.handler.onClosed(failure));
  }
}

/** What `connect` reaches through a `FakeLink`. */
export interface FakeConnection {
  readonly connection: Connection;
  readonly link: FakeLink;
  /** The subscription of `connect`. */
  readonly dial: { unsubscribe(): void };
}

/** A transport whose dials stand at once. */
export function fakeTransport(links: FakeLink[], clock: Clock = systemClock): Transport {
  return {
    clock,
    random: Math.random,
    dial(_endpoint, _options, handler) {
      const link = new FakeLink(handler);
      links.push(link);
      process.nextTick(() => {
        if (!link.closed) handler.onConnected();
      });
      return link;
    },
    bind(): Binding {
      throw new Error('a fake transport only dials');
    },
  };
}

/** A connection over a fake link. */
export async function fakeConnection(
  options: Partial<ConnectOptions> & { clock?: Clock } = {},
): Promise<FakeConnection> {
  const links: FakeLink[] = [];
  const { clock, ...rest } = options;
  const transport = fakeTransport(links, clock);
  const flow = connect({ host: '127.0.0.1', port: 2, transport, ...rest } as ConnectOptions);
  let dial = { unsubscribe: (): void => {} };
  const connection = await new Promise<Connection>((resolve, reject) => {
    dial = flow.subscribe({ next: resolve, error: reject });
  });
  onTestFinished(() => dial.unsubscribe());
  const [link] = links;
  if (link === undefined) throw new Error('nothing was dialled');
  return { connection, link, dial };
}

/** The ledger. */
export const ledger = (
  connection: Connection,
): ReturnType<typeof firstValueFrom<import('../../../src/index.ts').CloseInfo>> => firstValueFrom(connection.closed);
