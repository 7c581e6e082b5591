// What `src/compat` may have of the running Node's `net`, so that it can be the same without being it.
import dns from 'node:dns';
import net from 'node:net';

import { callMethod } from './call-method.ts';
import { guardConnect } from './guard-connect.ts';

/** The type of the platform's module. */
export type PlatformNet = typeof net;

/** The platform's module, for the parts of it that are values of their own: `BlockList`, `SocketAddress`, `isIP` … */
export const platformNet: PlatformNet = net;

/**
 * Does to a socket of the platform, made for this alone, what the platform would refuse by throwing; so the error is the very
 * one of the Node that runs. Nothing is opened by it.
 *
 * @throws what the platform throws; returns when it accepts it.
 */
export function refuseAsPlatform(attempt: (socket: net.Socket) => unknown): void {
  const socket = new net.Socket();
  socket.on('error', ignore);
  try {
    attempt(socket);
  } finally {
    socket.destroy();
  }
}

/** Throws what `new net.Socket(options)` throws. */
export function refuseOptionsAsPlatform(options: object): void {
  const socket = new net.Socket(options);
  // What it accepts, it may fail with later.
  socket.on('error', ignore);
  socket.destroy();
}

/** The error of an operation on a socket that has none of the system's behind it. */
export function socketClosedError(): Error {
  const socket = new net.Socket();
  socket.on('error', ignore);
  socket.resetAndDestroy();
  return socket.errored ?? new Error('Socket is closed');
}

/** The error of a write that waited for a connection that never came about. */
export function closedBeforeConnectionError(): Error {
  let error: Error | null | undefined;
  const socket = new net.Socket();
  // A socket that believes to be connecting keeps the write, and gives it up when it closes.
  Object.assign(socket, { connecting: true });
  const writer: Writer = socket;
  writer._write('', 'utf8', (given) => {
    error = given;
  });
  socket.emit('close', false);
  return error ?? new Error('Socket closed before the connection was established');
}

interface Writer {
  _write(chunk: string, encoding: string, done: (error?: Error | null) => void): void;
}

/** Whether this Node ends a socket at once that was never connected; earlier ones wait for a connection. */
export const endsWithoutConnection: () => boolean = once(() => {
  let ended = false;
  new net.Socket()._final(() => {
    ended = true;
  });
  return ended;
});

/** Whether it is a handle that has an address and no connection yet (`net.BoundSocket` of later versions). */
export function isBoundOnly(handle: unknown): boolean {
  const BoundSocket: unknown = Reflect.get(net, 'BoundSocket');
  return typeof BoundSocket === 'function' && handle instanceof BoundSocket;
}

/** Makes a stream that was destroyed usable again, with its listeners, as `net.Socket` does to connect once more. */
export function reviveStream(stream: object): void {
  callMethod(stream, '_undestroy', []);
}

/** Whether this Node's sockets take a `blockList`; earlier ones ignore it. */
export const platformKnowsBlockLists: () => boolean = once(() => {
  const options: object = { blockList: new net.BlockList() };
  return Reflect.get(new net.Socket(options), 'blockList') !== undefined;
});

/**
 * A prototype between one of the platform (`net.Socket.prototype`, `net.Server.prototype`) and our own: it is what makes
 * `instanceof` true, and it puts back, for every name that the platform defines there, what `base` has. So nothing of the
 * platform's behaviour is inherited, whatever a later Node adds.
 */
export function shieldedPrototype(platform: object, base: object): object {
  const shield: object = Object.create(platform);
  for (const key of Reflect.ownKeys(platform)) {
    Object.defineProperty(shield, key, {
      ...(findDescriptor(base, key) ?? { value: undefined, writable: true }),
      configurable: true,
    });
  }
  return shield;
}

/** The methods of a class as a prototype of the platform has them: in its order, and seen by `for … in` where its own are. */
export function methodsAsPlatformHasThem(methods: object, platform: object): PropertyDescriptorMap {
  const descriptors: PropertyDescriptorMap = {};
  for (const key of new Set([...Reflect.ownKeys(platform), ...Reflect.ownKeys(methods)])) {
    const descriptor = Object.getOwnPropertyDescriptor(methods, key);
    const enumerable = Object.getOwnPropertyDescriptor(platform, key)?.enumerable ?? false;
    if (descriptor !== undefined) descriptors[key] = { ...descriptor, enumerable };
  }
  return descriptors;
}

function findDescriptor(start: object, key: string | symbol): PropertyDescriptor | undefined {
  for (let each: object | null = start; each !== null; each = Reflect.getPrototypeOf(each)) {
    const descriptor = Object.getOwnPropertyDescriptor(each, key);
    if (descriptor !== undefined) return descriptor;
  }
  return undefined;
}

function once<T>(compute: () => T): () => T {
  let result: { readonly value: T } | undefined;
  return () => (result ??= { value: compute() }).value;
}

function ignore(): void {}

/** Throws what `connect(options)` throws; returns when the platform would take them. Nothing is connected to. */
export function checkConnectAsPlatform(options: object): void {
  refuseAsPlatform((socket) => {
    // A name that needs a lookup, which is put off until the socket is gone; a path is connected to at once, so it is left to say.
    const { path } = optionsWithPath(options);
    if (typeof path !== 'string')
      callMethod(socket, 'connect', [Object.create(guardConnect(options), { lookup: lookupOf(options) })]);
  });
}

function optionsWithPath(options: { path?: unknown }): { path?: unknown } {
  return options;
}

/** A lookup that never answers, unless what stands there is refused. */
function lookupOf(options: { lookup?: unknown; host?: unknown }): PropertyDescriptor {
  const { lookup, host } = options;
  if (typeof lookup === 'function') return { value: ignore };
  return { value: lookup === undefined || lookup === null ? lookUpNothing(host) : lookup };
}

/** The lookup of the platform, which refuses what it can't look up, and has nothing to look up when that is an address. */
function lookUpNothing(host: unknown): net.LookupFunction {
  return (_host, options) => {
    // Without one it would be `localhost`.
    const looked = Boolean(host) && typeof host !== 'string' ? host : '127.0.0.1';
    callMethod(dns, 'lookup', [looked, options, ignore]);
  };
}

/** Whether a write that was under way when its socket was destroyed gets an error; Node 20 calls it back without one. */
export const cancelsWrites: boolean = Number(process.versions.node.split('.')[0]) > 20;
