import { mkdtempSync, rmSync } from 'node:fs';
import * as net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filter, type Observable, type ObservableInput, ReplaySubject } from 'rxjs';
import { onTestFinished } from 'vitest';

import {
  type Address,
  type Chunk,
  connect,
  type Connection,
  type ConnectionOptions,
  serve,
  type ServeEvent,
  type ServeOptions,
} from '../../../src/index.ts';
import { next, within } from './wait.ts';

/** Where something listens, as `connect` and `node:net` take it. */
export type Place = { readonly host: string; readonly port: number } | { readonly path: string };

export function placeOf(address: Address): Place {
  return 'path' in address ? address : { host: address.address, port: address.port };
}

/** Each transport, as something to listen on. */
export const transports = [
  ['TCP', () => ({ host: '127.0.0.1', port: 0 })],
  ['IPC', () => ({ path: ipcPath() })],
] as const satisfies readonly (readonly [string, () => Place])[];

/** A path in a folder of its own, which goes when the test has finished. */
export function ipcPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rxjs-net-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 's');
}

/** A server that runs until the test has finished. */
export interface Serving {
  readonly place: Place;
  /** What has happened so far. */
  readonly log: readonly ServeEvent[];
  readonly events: Observable<ServeEvent>;
  /** The n-th connection that was opened, from 0. */
  opened(n?: number): Promise<Connection>;
  stop(): void;
}

export async function serving(
  handler: (connection: Connection) => ObservableInput<Chunk>,
  options: Partial<ServeOptions> = {},
): Promise<Serving> {
  const log: ServeEvent[] = [];
  const events = new ReplaySubject<ServeEvent>();
  const subscription = serve({ host: '127.0.0.1', port: 0, ...options } as ServeOptions, handler).subscribe({
    next: (event) => {
      log.push(event);
      events.next(event);
    },
    error: (error: unknown) => events.error(error),
  });
  onTestFinished(() => subscription.unsubscribe());
  const listening = await next(events, 'listening');
  if (listening.type !== 'listening') throw new Error(`${listening.type} came before listening`);
  return {
    place: placeOf(listening.address),
    log,
    events,
    opened: async (n = 0) => {
      let seen = 0;
      const event = await next(
        events.pipe(filter((each): each is ServeEvent & { type: 'opened' } => each.type === 'opened' && seen++ === n)),
        `connection ${n}`,
      );
      return event.connection;
    },
    stop: () => subscription.unsubscribe(),
  };
}

/** Dials; the connection goes when the test has finished. */
export async function dialled(place: Place, options: ConnectionOptions = {}): Promise<Connection> {
  let subscription: { unsubscribe(): void } | undefined;
  onTestFinished(() => subscription?.unsubscribe());
  const standing = new Promise<Connection>((resolve, reject) => {
    subscription = connect({ ...place, ...options }).subscribe({ next: resolve, error: reject });
  });
  return within(standing, 'the connection');
}

/** The other side, by `node:net` alone: it reads only when it is told to. */
export class RawPeer {
  readonly socket: net.Socket;
  received = 0;
  private readonly chunks: Buffer[] = [];
  private flooding = false;
  /** Called with each chunk. */
  onChunk: ((chunk: Buffer) => void) | undefined = undefined;
  readonly closed: Promise<void>;
  readonly gotEnd: Promise<void>;
  readonly errors: Error[] = [];

  constructor(socket: net.Socket) {
    this.socket = socket;
    socket.pause();
    socket.on('error', (error) => this.errors.push(error));
    this.closed = new Promise((resolve) => {
      socket.once('close', () => resolve());
    });
    this.gotEnd = new Promise((resolve) => {
      socket.once('end', () => resolve());
    });
    onTestFinished(() => {
      socket.destroy();
    });
  }

  /** Starts to read; keeps what comes unless there is an `onChunk`. */
  read(): this {
    this.socket.on('data', (chunk: Buffer) => {
      this.received += chunk.length;
      if (this.onChunk === undefined) this.chunks.push(chunk);
      else this.onChunk(chunk);
    });
    this.socket.resume();
    return this;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }

  get text(): string {
    return this.bytes.toString();
  }

  /** How many chunks came. */
  get chunkCount(): number {
    return this.chunks.length;
  }

  /** Bytes that the kernel has taken from it. */
  get gotRidOf(): number {
    return this.socket.bytesWritten - this.socket.writableLength;
  }

  /** Writes what `produce` makes as fast as it leaves, until it makes nothing; then ends. */
  flood(produce: () => Buffer | undefined): void {
    this.flooding = true;
    const { socket } = this;
    const pump = (): void => {
      while (this.flooding && socket.writable) {
        const chunk = produce();
        if (chunk === undefined) {
          this.flooding = false;
          socket.end();
          return;
        }
        if (!socket.write(chunk)) {
          socket.once('drain', pump);
          return;
        }
      }
    };
    pump();
  }

  stopFlood(): void {
    this.flooding = false;
  }

  reset(): void {
    this.socket.resetAndDestroy();
  }
}

/** Connects by `node:net`, half-open, not reading. */
export async function rawPeer(place: Place): Promise<RawPeer> {
  const socket = net.connect({ ...place, allowHalfOpen: true } as net.NetConnectOpts);
  const peer = new RawPeer(socket);
  const standing = new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  await within(standing, 'the peer');
  return peer;
}

/** A server by `node:net`, whose peers don't read until they are told to. */
export interface RawServer {
  readonly place: Place;
  /** The next connection that comes in, or that came in and was not asked for yet. */
  peer(): Promise<RawPeer>;
}

export async function rawServer(place: Place = { host: '127.0.0.1', port: 0 }): Promise<RawServer> {
  const waiting: RawPeer[] = [];
  const asked: ((peer: RawPeer) => void)[] = [];
  const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    const peer = new RawPeer(socket);
    const resolve = asked.shift();
    if (resolve === undefined) waiting.push(peer);
    else resolve(peer);
  });
  onTestFinished(() => {
    server.close();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(place, resolve);
  });
  const address = server.address();
  const at: Place =
    typeof address === 'object' && address !== null
      ? { host: address.address, port: address.port }
      : { path: address ?? '' };
  return {
    place: at,
    peer: () => {
      const peer = waiting.shift();
      if (peer !== undefined) return Promise.resolve(peer);
      return within(new Promise<RawPeer>((resolve) => asked.push(resolve)), 'a peer');
    },
  };
}

/** A connection of ours to a raw peer that doesn't read. */
export async function pair(
  options: ConnectionOptions = {},
  place?: Place,
): Promise<{ connection: Connection; peer: RawPeer }> {
  const server = await rawServer(place);
  const connection = await dialled(server.place, options);
  const peer = await server.peer();
  return { connection, peer };
}
