import type { EventEmitter } from 'node:events';
import builtin from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { inspect } from 'node:util';

import { Describer } from './describe.ts';

/** The module under test, by the types of `node:net`. */
export type Net = typeof builtin;

/** A value of a type that the signature refuses. */
export const bad = (value: unknown): never => value as never;

/** A bad value as a title says it. */
export const shown = (value: unknown): string => {
  if (typeof value === 'object' && value !== null) return inspect(value);
  return `${typeof value} ${String(value)}`;
};

/** What a call leaves unsaid: not recorded, because nothing is promised about it. */
const unrecorded = new Set<string | symbol>(['newListener', 'removeListener']);

interface Waiting {
  readonly object: object;
  readonly event: string;
  readonly resolve: () => void;
}

interface Closable extends EventEmitter {
  destroy?: () => unknown;
  close?: () => unknown;
}

const closable = (value: unknown): value is Closable =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as { on?: unknown }).on === 'function' &&
  (typeof (value as Closable).destroy === 'function' || typeof (value as Closable).close === 'function');

/** What a watched server names the sockets that it accepts. */
export interface WatchOptions {
  readonly accepted?: string;
  /** Consecutive `'data'` events, and the `'readable'` ones after them, count as one: for amounts whose boundaries the kernel chooses. */
  readonly joinData?: boolean;
}

/**
 * What a script records with. Everything goes into one list, in the order in which it happened, over all objects.
 *
 * Events are seen by wrapping `emit` of the instance, so no listener is added that the program under test would not
 * have, and events that nobody listens to are recorded too. Waiting goes the same way.
 */
export class Tools {
  /** `node:net`, for a peer whose own behaviour isn't in question. */
  readonly builtin: Net = builtin;
  readonly lines: string[] = [];
  private readonly folder: string;
  private readonly describer: Describer;
  private readonly adopted = new Set<Closable>();
  private readonly seen = new Map<object, Map<string, number>>();
  private readonly waiting = new Set<Waiting>();
  private readonly joined = new Map<string, { index: number; bytes: number }>();
  private fence: Fence | undefined;
  private recording = true;
  private paths = 0;
  /** Where the script is, for the report of one that hangs. */
  at = 'its first line';

  constructor(folder: string) {
    this.folder = folder;
    this.describer = new Describer(folder);
  }

  // ------------------------------------------------------------------------------------------------------ recording

  /** Records a line: what the script found, with values. */
  note(text: string, ...values: readonly unknown[]): void {
    if (this.recording) this.lines.push([text, ...values.map((value) => this.describer.value(value))].join(' '));
  }

  /** Gives the object a name, by which it shows in the trace from now on. */
  name<T extends object>(name: string, object: T): T {
    this.describer.name(name, object);
    this.adopt(object);
    return object;
  }

  /** Names the emitter and records everything that it emits. Also sees to it that an `'error'` harms nobody. */
  watch<T extends EventEmitter>(name: string, emitter: T, options: WatchOptions = {}): T {
    this.name(name, emitter);
    const emit = emitter.emit.bind(emitter);
    let accepted = 0;
    const wrapped = (event: string | symbol, ...args: unknown[]): boolean => {
      if (unrecorded.has(event)) return emit(event as string, ...args);
      const [first] = args;
      if (event === 'connection' && options.accepted === undefined) this.adopt(first);
      if (event === 'connection' && options.accepted !== undefined && closable(first)) {
        accepted += 1;
        this.watch(accepted === 1 ? options.accepted : `${options.accepted} ${accepted}`, first, {
          joinData: options.joinData ?? false,
        });
      }
      this.event(name, String(event), args, options);
      this.arrived(emitter, String(event));
      return emit(event as string, ...args);
    };
    Object.defineProperty(emitter, 'emit', { value: wrapped, configurable: true, writable: true });
    emitter.on('error', ignore);
    return emitter;
  }

  /** Runs the call and records what it returns or throws. */
  call<T>(text: string, run: () => T): T | undefined {
    this.at = text;
    try {
      const result = run();
      this.adopt(result);
      this.note(`${text} =>`, result);
      return result;
    } catch (error) {
      this.note(`${text} throws`, error);
      return undefined;
    }
  }

  /** A function that records that it was called, on what, and with what. */
  callback(name: string, then?: (...args: unknown[]) => void): (...args: unknown[]) => void {
    const called = (self: unknown, args: readonly unknown[]): void => {
      const on = typeof self === 'object' && self !== null ? this.describer.value(self) : typeof self;
      this.note(`${name} called on ${on} with`, args);
      then?.(...args);
    };
    return function recorded(this: unknown, ...args: unknown[]): void {
      called(this, args);
    };
  }

  /** Records the values of properties. */
  read(object: object, ...properties: readonly string[]): void {
    const name = this.describer.nameOf(object) ?? 'it';
    const values = properties.map(
      (property) => `${property}=${this.describer.value((object as Record<string, unknown>)[property], property)}`,
    );
    this.note(`${name}: ${values.join(' ')}`);
  }

  /** Records how many listeners the emitter has, of every event that has any. */
  listeners(emitter: EventEmitter): void {
    const counts = emitter.eventNames().map((event) => `${String(event)}=${emitter.listenerCount(event)}`);
    this.note(`${this.describer.nameOf(emitter) ?? 'it'} has listeners: ${counts.toSorted().join(' ')}`);
  }

  /**
   * Puts the lines since `start` into groups by the object that they begin with, each group in its own order. For
   * scripts that let both ends act at once: which of two sockets is served first is the kernel's choice.
   */
  byObject(start: number, names: readonly string[]): void {
    const lines = this.lines.splice(start);
    const groupOf = (line: string): number => names.findIndex((name) => line.startsWith(`${name}: `));
    this.lines.push(...lines.toSorted((one, other) => groupOf(one) - groupOf(other)));
    this.joined.clear();
  }

  // -------------------------------------------------------------------------------------------------------- waiting

  /** Waits until the watched object has emitted the event, be it before this call; `times` tells how often. */
  async until(object: object, event: string, times = 1): Promise<void> {
    while ((this.seen.get(object)?.get(event) ?? 0) < times) await this.next(object, event);
  }

  /** Waits for the next time that the watched object emits the event. */
  async next(object: object, event: string): Promise<void> {
    this.at = `waiting for '${event}' of ${this.describer.nameOf(object) ?? 'something unnamed'}`;
    await new Promise<void>((resolve) => {
      this.waiting.add({ object, event, resolve });
    });
  }

  /** Waits for a promise; a script that hangs says that it was this one. */
  async wait<T>(what: string, promise: Promise<T>): Promise<T> {
    this.at = `waiting for ${what}`;
    return await promise;
  }

  /** Waits until the callback that is handed to `start` was called, and gives what it was called with. */
  async called(name: string, start: (callback: (...args: unknown[]) => void) => void): Promise<unknown[]> {
    this.at = `waiting for ${name} to be called`;
    return await new Promise((resolve) => {
      start(this.callback(name, (...args) => resolve(args)));
    });
  }

  /** So many turns of the event loop. */
  async turns(count: number): Promise<void> {
    for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  /** The end of the present turn: everything that was put off by `process.nextTick` has happened. */
  async nextTicks(): Promise<void> {
    await new Promise((resolve) => process.nextTick(resolve));
    await new Promise((resolve) => process.nextTick(resolve));
  }

  /** Waits until what has been sent has arrived at both ends and was dealt with: some round trips beside it. */
  async settled(): Promise<void> {
    this.at = 'waiting for everything to settle';
    this.fence ??= await makeFence();
    for (let trip = 0; trip < 3; trip++) {
      await this.fence.roundTrip();
      await this.turns(2);
    }
  }

  /** The next error that nobody has caught; recorded. The process survives it. */
  async uncaught(): Promise<unknown> {
    return await new Promise((resolve) => {
      process.setUncaughtExceptionCaptureCallback((error: unknown) => {
        process.setUncaughtExceptionCaptureCallback(null);
        this.note('uncaught:', error);
        resolve(error);
      });
    });
  }

  // -------------------------------------------------------------------------------------------------- things to use

  /** A path for a socket of this script. */
  path(name?: string): string {
    this.paths += 1;
    return join(this.folder, name ?? `socket-${this.paths}`);
  }

  /** Has the server listen on a port of 127.0.0.1 that the system chooses, or on the path; unrecorded. */
  async listen(server: InstanceType<Net['Server']>, path?: string): Promise<number> {
    this.adopt(server);
    this.at = 'waiting for a server to listen';
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      const listening = (): void => {
        server.removeListener('error', reject);
        resolve();
      };
      if (path === undefined) server.listen(0, '127.0.0.1', listening);
      else server.listen(path, listening);
    });
    const address = server.address();
    if (typeof address !== 'object' || address === null) return 0;
    this.describer.port(address.port);
    return address.port;
  }

  /** The port on which the server listens. */
  portOf(server: InstanceType<Net['Server']>): number {
    const { port } = server.address() as { port: number };
    this.describer.port(port);
    return port;
  }

  /** A port of 127.0.0.1 on which nothing listens. */
  async deadPort(): Promise<number> {
    const server = builtin.createServer();
    const port = await this.listen(server);
    await new Promise((resolve) => server.close(resolve));
    return port;
  }

  /** A client of the module under test and the built-in socket at its other end; both stand. */
  async client(
    net: Net,
    options: {
      readonly path?: string;
      readonly halfOpenPeer?: boolean;
      readonly make?: (to: { port: number } | { path: string }) => InstanceType<Net['Socket']>;
      readonly watch?: WatchOptions;
    } = {},
  ): Promise<{ client: InstanceType<Net['Socket']>; peer: InstanceType<Net['Socket']> }> {
    const server = builtin.createServer({ allowHalfOpen: options.halfOpenPeer ?? true });
    const accepted = new Promise<InstanceType<Net['Socket']>>((resolve) => {
      server.once('connection', resolve);
    });
    const port = await this.listen(server, options.path);
    const to = options.path === undefined ? { port, host: '127.0.0.1' } : { path: options.path };
    const client = this.watch('client', options.make?.(to) ?? net.connect(to), options.watch);
    await this.until(client, 'ready');
    const peer = this.name('peer', await this.wait('the peer', accepted));
    peer.on('error', ignore);
    return { client, peer };
  }

  /** A socket that a server of the module under test accepted, and the built-in client at its other end. */
  async accepted(
    net: Net,
    options: {
      readonly server?: object;
      readonly path?: string;
      readonly halfOpenPeer?: boolean;
      readonly watch?: WatchOptions;
    } = {},
  ): Promise<{
    server: InstanceType<Net['Server']>;
    socket: InstanceType<Net['Socket']>;
    peer: InstanceType<Net['Socket']>;
  }> {
    const server = this.watch('server', net.createServer(options.server ?? {}), {
      ...options.watch,
      accepted: 'socket',
    });
    const accepted = new Promise<InstanceType<Net['Socket']>>((resolve) => {
      server.once('connection', resolve);
    });
    const port = await this.listen(server, options.path);
    const to = options.path === undefined ? { port, host: '127.0.0.1' } : { path: options.path };
    const peer = this.name('peer', builtin.connect({ ...to, allowHalfOpen: options.halfOpenPeer ?? true }));
    peer.on('error', ignore);
    const stands = new Promise((resolve) => peer.once('connect', resolve));
    const socket = await this.wait('the accepted socket', accepted);
    await this.wait('the peer', stands);
    return { server, socket, peer };
  }

  /** Waits until the built-in peer has emitted the event; unrecorded. */
  async peerEmits(peer: EventEmitter, event: string): Promise<unknown[]> {
    this.at = `waiting for '${event}' of the peer`;
    return await new Promise((resolve) => peer.once(event, (...args: unknown[]) => resolve(args)));
  }

  /** Reads the built-in peer until that many bytes have come. */
  async peerReads(peer: EventEmitter, length: number): Promise<Buffer> {
    this.at = `waiting for ${length} bytes at the peer`;
    const chunks: Buffer[] = [];
    let size = 0;
    return await new Promise((resolve) => {
      const take = (chunk: Buffer): void => {
        chunks.push(chunk);
        size += chunk.length;
        if (size < length) return;
        peer.removeListener('data', take);
        resolve(Buffer.concat(chunks));
      };
      peer.on('data', take);
    });
  }

  // --------------------------------------------------------------------------------------------------------- ending

  /** The object is destroyed or closed when the script is over. */
  adopt(value: unknown): void {
    if (!closable(value) || this.adopted.has(value)) return;
    this.adopted.add(value);
    // A socket that nobody watches may fail later than the script ends.
    if (this.describer.nameOf(value) !== undefined) return;
    value.on('error', ignore);
    if (value.destroy === undefined) {
      value.on('connection', (socket: unknown) => {
        this.adopt(socket);
      });
    }
  }

  /** Ends the recording, and everything that the script has opened. */
  async release(): Promise<void> {
    this.recording = false;
    process.setUncaughtExceptionCaptureCallback(null);
    this.fence?.close();
    const ends = [...this.adopted].map(
      async (object) =>
        await new Promise<void>((resolve) => {
          object.once('close', resolve);
          if (typeof object.destroy === 'function') {
            if ((object as { closed?: boolean }).closed === true) resolve();
            object.destroy();
          } else {
            if ((object as { listening?: boolean }).listening !== true) resolve();
            object.close?.();
          }
        }),
    );
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, 1000);
    });
    await Promise.race([Promise.all(ends), limit]);
    clearTimeout(timer);
    await this.turns(2);
  }

  private event(name: string, event: string, args: readonly unknown[], options: WatchOptions): void {
    if (!this.recording) return;
    const [chunk] = args;
    // Between two chunks, the second of which may have come with the first.
    if (options.joinData === true && event === 'readable' && this.joined.get(name)?.index === this.lastOf(name)) return;
    if (options.joinData === true && event === 'data' && (chunk instanceof Uint8Array || typeof chunk === 'string')) {
      const last = this.joined.get(name);
      const bytes = chunk.length + (last?.bytes ?? 0);
      const line = `${name}: data, ${bytes} in all`;
      if (last === undefined || last.index !== this.lastOf(name)) {
        this.joined.set(name, { index: this.lines.length, bytes });
        this.lines.push(line);
      } else {
        last.bytes = bytes;
        this.lines[last.index] = line;
      }
      return;
    }
    this.lines.push([`${name}: ${event}`, ...args.map((value) => this.describer.value(value))].join(' '));
  }

  /** The index of the last line about the object. */
  private lastOf(name: string): number {
    return this.lines.findLastIndex((line) => line.startsWith(`${name}: `));
  }

  private arrived(object: object, event: string): void {
    let counts = this.seen.get(object);
    if (counts === undefined) {
      counts = new Map();
      this.seen.set(object, counts);
    }
    counts.set(event, (counts.get(event) ?? 0) + 1);
    for (const waiting of this.waiting) {
      if (waiting.object !== object || waiting.event !== event) continue;
      this.waiting.delete(waiting);
      waiting.resolve();
    }
  }
}

const ignore = (): void => undefined;

/** A connection beside those of the script: what it carries arrives after what was sent before. */
interface Fence {
  roundTrip(): Promise<void>;
  close(): void;
}

const makeFence = async (): Promise<Fence> => {
  const server = builtin.createServer((socket) => socket.pipe(socket).on('error', ignore));
  const client = await new Promise<InstanceType<Net['Socket']>>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      const socket = builtin.connect(port, '127.0.0.1', () => {
        resolve(socket);
      });
    });
  });
  server.close();
  return {
    roundTrip: async () =>
      await new Promise<void>((resolve) => {
        client.once('data', () => {
          resolve();
        });
        client.write('.');
      }),
    close: () => client.destroy(),
  };
};

declare module 'node:net' {
  // What is there, and used, but isn't in the types.
  interface Socket {
    readonly _handle: object | null;
    readonly server: InstanceType<Net['Server']> | null;
  }
}
