// Peers that know nothing of the library: plain sockets of node:net.
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { onTestFinished } from 'vitest';

import { until, within } from './wait.ts';

/** One end of a connection, in plain sockets. */
export class RawPeer {
  readonly socket: net.Socket;
  private readonly chunks: Buffer[] = [];
  ended = false;
  closed = false;
  error: NodeJS.ErrnoException | undefined = undefined;
  /** Its own port, also when it has closed. */
  localPort: number | undefined;

  constructor(socket: net.Socket) {
    this.socket = socket;
    this.localPort = socket.localPort;
    socket.once('connect', () => {
      this.localPort = socket.localPort;
    });
    socket.on('data', (chunk) => this.chunks.push(chunk));
    socket.on('end', () => {
      this.ended = true;
    });
    socket.on('error', (error) => {
      this.error = error;
    });
    socket.on('close', () => {
      this.closed = true;
    });
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }

  get text(): string {
    return this.bytes.toString();
  }

  async receives(text: string): Promise<void> {
    await until(
      () => this.text.includes(text),
      () => `${JSON.stringify(text)} in ${JSON.stringify(this.text.slice(-200))}`,
    );
  }

  /** Waits for our FIN. */
  async end(): Promise<void> {
    await until(
      () => this.ended || this.closed,
      () => `a FIN after ${JSON.stringify(this.text.slice(-200))}`,
    );
  }

  async close(): Promise<void> {
    await until(
      () => this.closed,
      () =>
        `the close of a raw peer that ${this.ended ? 'was' : 'was not'} ended, after ${JSON.stringify(this.text.slice(-200))}`,
    );
  }

  /** Sends, and waits until the kernel has it. */
  send(data: string | Uint8Array): Promise<void> {
    return within(
      new Promise((resolve) => {
        this.socket.write(data, () => resolve());
      }),
      'a raw write',
    );
  }

  /** Stops reading: the window closes. */
  stall(): void {
    this.socket.pause();
  }

  reset(): void {
    this.socket.resetAndDestroy();
  }
}

/** Where something listens. */
export type Place = { readonly port: number } | { readonly path: string };

/** Connects a raw peer, and waits until it stands. */
export async function rawPeer(place: Place, options: { readonly allowHalfOpen?: boolean } = {}): Promise<RawPeer> {
  const socket = net.connect({
    ...options,
    ...place,
    ...('port' in place && { host: '127.0.0.1' }),
  } as net.NetConnectOpts);
  onTestFinished(() => {
    socket.destroy();
  });
  const peer = new RawPeer(socket);
  await within(
    new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    }),
    'a raw connection',
  );
  return peer;
}

/** A server of plain sockets. */
export class RawServer {
  readonly peers: RawPeer[] = [];
  readonly server: net.Server;

  constructor(options: net.ServerOpts) {
    this.server = net.createServer(options, (socket) => this.peers.push(new RawPeer(socket)));
  }

  get port(): number {
    return (this.server.address() as net.AddressInfo).port;
  }

  async peer(index = 0): Promise<RawPeer> {
    await until(() => this.peers.length > index, `connection ${index} of a raw server`);
    return this.peers[index] as RawPeer;
  }
}

/** Listens with plain sockets, half-open by default, on a free port or a path. */
export async function rawServer(
  place: { readonly path?: string } = {},
  options: net.ServerOpts = {},
): Promise<RawServer> {
  const raw = new RawServer({ allowHalfOpen: true, ...options });
  raw.server.listen(place.path === undefined ? { port: 0, host: '127.0.0.1' } : { path: place.path });
  onTestFinished(() => {
    raw.server.close();
    for (const peer of raw.peers) peer.socket.destroy();
  });
  await within(
    new Promise((resolve) => {
      raw.server.once('listening', resolve);
    }),
    'a raw server to listen',
  );
  return raw;
}

/** A path for an IPC endpoint, in a folder that is removed after the test. */
export function ipcPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rxn-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 's');
}

/** A port of 127.0.0.1 on which nothing listens. */
export async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}
