import { Duplex } from 'node:stream';

import {
  isBoundOnly,
  methodsAsPlatformHasThem,
  platformKnowsBlockLists,
  platformNet,
  refuseOptionsAsPlatform,
} from '../core/node/platform.ts';
import type { OnReadOptions, StreamLink } from '../core/stream-link.ts';
import { coalesceWrites } from './coalesced-writes.ts';
import { acceptToo, isMadeWith } from './has-instance.ts';
import {
  ACCEPTED,
  BRIDGE,
  COALESCER,
  BYTES_READ,
  BYTES_WRITTEN,
  KEEP_ALIVE,
  LINK,
  NET,
  NO_DELAY,
  ONREAD,
  TIMER,
  TYPE_OF_SERVICE,
  UNFOLLOW,
} from './internal-names.ts';
import type { NetContext } from './net-context.ts';
import { SocketMethods } from './socket-methods.ts';
import { SocketState } from './socket-state.ts';
import { writeAfterFin } from './socket-writing.ts';
import type { Bridge } from './to-socket.ts';
import { streamEvents } from './stream-events.ts';

/** Options of `new Socket()`, as they were given. */
export interface SocketArguments {
  readonly fd?: unknown;
  readonly handle?: unknown;
  readonly allowHalfOpen?: unknown;
  readonly readable?: unknown;
  readonly writable?: unknown;
  readonly onread?: Partial<OnReadOptions> | null;
  readonly signal?: AbortSignal;
  readonly noDelay?: unknown;
  readonly keepAlive?: unknown;
  keepAliveInitialDelay?: unknown;
  readonly blockList?: unknown;
  readonly typeOfService?: unknown;
  readonly coalesceWrites?: unknown;
  readonly pauseOnCreate?: unknown;
  readonly manualStart?: unknown;
  /** What a server accepted; see `StreamTransport.adopt`. */
  readonly [ACCEPTED]?: object;
  /** What `toSocket` makes its link with. */
  readonly [BRIDGE]?: Bridge;
  readonly [option: string]: unknown;
}

/** The `Socket` of one net: called with and without `new`, and by `Socket.call(this)` of old programs. */
export interface SocketConstructor {
  new (options?: SocketArguments | number): SocketMethods;
  (options?: SocketArguments | number): SocketMethods;
  prototype: SocketMethods;
}

/** What both classes define, as if it were one. */
const ownMembers: object = Object.create(null, {
  ...Object.getOwnPropertyDescriptors(SocketMethods.prototype),
  ...Object.getOwnPropertyDescriptors(SocketState.prototype),
});

/** Makes the `Socket` of a net, and with it the context that is complete; its prototype has the methods of `SocketMethods` as its own. */
export function makeSocketConstructor(settings: Omit<NetContext, 'Socket'>): NetContext {
  // A class would have to be called with `new`, and of a function the compiler can't know that it constructs.
  const Socket = function Socket(this: unknown, options?: SocketArguments | number): unknown {
    // The types say that this function is never called without `new`.
    const constructed: unknown = new.target;
    if (constructed === undefined && !isMadeWith(Socket.prototype, this)) return Reflect.construct(Socket, [options]);
    construct(this as SocketMethods, context, options);
    return undefined;
  } as unknown as SocketConstructor;
  const context: NetContext = { ...settings, Socket };
  Object.setPrototypeOf(Socket, Duplex);
  // Without a handle of the system a socket must not be taken for one of the platform's: `tls` would wait for the handle to come.
  const isSystem = context.streams.listen !== undefined;
  const base = isSystem ? (Object.getPrototypeOf(SocketState.prototype) as object) : Duplex.prototype;
  Socket.prototype = Object.create(base, {
    ...onlyInThisNode(methodsAsPlatformHasThem(ownMembers, platformNet.Socket.prototype)),
    // What is asked of the prototype itself is answered as by a socket that was never connected.
    [LINK]: { value: null, writable: true },
    constructor: { value: Socket, writable: true, configurable: true },
    [NET]: { value: context },
  }) as SocketMethods;
  if (isSystem) acceptToo(Socket, platformNet.Socket);
  return context;
}

/** Leaves out what only later versions of Node have. */
function onlyInThisNode(descriptors: PropertyDescriptorMap): PropertyDescriptorMap {
  const later = ['setTypeOfService', 'getTypeOfService'].filter((name) => !(name in platformNet.Socket.prototype));
  return Object.fromEntries(
    Reflect.ownKeys(descriptors).flatMap((key) => {
      const descriptor = descriptors[key];
      return descriptor === undefined || later.includes(String(key)) ? [] : [[key, descriptor]];
    }),
  );
}

/** What `new Socket(options)` does to the new object. */
function construct(
  socket: SocketMethods,
  context: NetContext,
  given: SocketArguments | number | null | undefined,
): void {
  const options = readOptions(context, given);

  socket.connecting = false;
  socket._hadError = false;
  socket[LINK] = null;
  socket._parent = null;
  socket._host = null;
  socket[TIMER] = null;
  socket[ONREAD] = isOnRead(options.onread) ? options.onread : null;

  Reflect.apply(Duplex, socket, [options]);

  socket[NO_DELAY] = Boolean(options.noDelay);
  socket[KEEP_ALIVE] = options.keepAlive ? [true, options.keepAliveInitialDelay] : null;
  socket.on('end', onEnd);
  socket._pendingData = null;
  socket._pendingEncoding = '';
  socket[TYPE_OF_SERVICE] = options.typeOfService as number | undefined;
  if (options.blockList && platformKnowsBlockLists()) socket.blockList = options.blockList;
  if (asksToCoalesce(options, context)) coalesceWrites(socket);
  const link = openAtBirth(socket, context, options);
  if (link !== undefined) {
    socket[LINK] = link;
    begin(socket, options);
  }
  if (options.signal) followSignal(options.signal, socket);
  socket.server = null;
  socket._server = null;
  socket[BYTES_READ] = 0;
  socket[BYTES_WRITTEN] = 0;
}

/** The options as they count, in an object of our own; those of an accepted connection come so. */
function readOptions(context: NetContext, given: SocketArguments | number | null | undefined): SocketArguments {
  const named = typeof given === 'number' ? { fd: given } : given;
  if (named?.[ACCEPTED] !== undefined) return named;
  if (named !== undefined && named !== null) refuseOptions(named);
  const options: SocketArguments = context.behaviour === 'spec' ? bySpecification(named) : { ...named };
  return Object.assign(options, {
    allowHalfOpen: Boolean(options.allowHalfOpen),
    // The link tells when it has closed.
    emitClose: false,
    autoDestroy: true,
    decodeStrings: false,
  });
}

/** Refused by the platform itself, in its own words, before anything is made. */
function refuseOptions(options: SocketArguments): void {
  const { objectMode, readableObjectMode, writableObjectMode, keepAliveInitialDelay, blockList, typeOfService } =
    options;
  const rare = objectMode || readableObjectMode || writableObjectMode || blockList;
  if (!rare && keepAliveInitialDelay === undefined && typeOfService === undefined) return;
  const suspects = {
    objectMode,
    readableObjectMode,
    writableObjectMode,
    keepAliveInitialDelay,
    blockList,
    typeOfService,
  };
  refuseOptionsAsPlatform(Object.fromEntries(Object.entries(suspects).filter(([, value]) => value !== undefined)));
  if (typeof keepAliveInitialDelay === 'number' && keepAliveInitialDelay < 0) options.keepAliveInitialDelay = 0;
}

/**
 * The specification: "`readable` … Allow reads on the socket when an `fd` is passed, otherwise ignored. Default: `false`", and
 * the same of `writable`.
 */
function bySpecification(given: SocketArguments | null | undefined): SocketArguments {
  if (given?.fd !== undefined)
    return { ...given, readable: given.readable ?? false, writable: given.writable ?? false };
  if (given?.handle !== undefined) return { ...given };
  const { readable: _readable, writable: _writable, ...rest } = given ?? {};
  return rest;
}

/** What the platform takes for an `onread` option; anything else it ignores. */
function isOnRead(value: SocketArguments['onread']): value is OnReadOptions {
  if (typeof value !== 'object' || value === null) return false;
  const { buffer, callback } = value;
  return (buffer instanceof Uint8Array || typeof buffer === 'function') && typeof callback === 'function';
}

/** An inherited descriptor, or a handle of the platform. */
function openAtBirth(socket: SocketMethods, context: NetContext, options: SocketArguments): StreamLink | undefined {
  const { handle, fd, onread, noDelay, keepAlive, keepAliveInitialDelay, pauseOnCreate, manualStart, typeOfService } =
    options;
  const accepted = options[ACCEPTED];
  const bridge = options[BRIDGE];
  if (bridge !== undefined) return bridge(socket);
  if (accepted !== undefined) return context.streams.adopt(accepted, streamEvents, socket);
  if (!handle && fd === undefined) return undefined;
  return context.streams.open(
    {
      platform: {
        ...(handle ? { handle } : { fd }),
        ...(isOnRead(onread) && { onread }),
        ...(pauseOnCreate !== undefined && { pauseOnCreate }),
        ...(manualStart !== undefined && { manualStart }),
        ...(typeOfService !== undefined && { typeOfService }),
        // Else it would be read from at once: of a pipe's end that can only be written to, that is an error.
        ...(options.readable === false && { readable: false }),
      },
      noDelay: Boolean(noDelay),
      keepAlive: keepAlive ? [true, keepAliveInitialDelay] : undefined,
    },
    streamEvents,
    socket,
  );
}

/** The connection is there already: it flows, unless it is to be paused. */
function begin(socket: SocketMethods, options: SocketArguments): void {
  socket._sockname = null;
  if (options.readable === false || isBoundOnly(options.handle)) return;
  // Not by `pause()`: no `'pause'` is emitted.
  if (options.pauseOnCreate) Object.assign(socket, { readableFlowing: false });
  else if (!options.manualStart) socket.read(0);
}

/**
 * The stream itself is destroyed by an abort; `net.Socket` takes note of it besides, one tick after it was made. Unlike there, the
 * note ends with the socket: a signal that outlives many sockets does not collect their listeners.
 */
function followSignal(signal: AbortSignal, socket: SocketMethods): void {
  const onAbort = (): void => {
    socket._aborted = true;
  };
  process.nextTick(() => {
    if (signal.aborted) {
      onAbort();
    } else if (!socket.closed) {
      signal.addEventListener('abort', onAbort, { once: true });
      socket[UNFOLLOW] = () => signal.removeEventListener('abort', onAbort);
    }
  });
}

function onEnd(this: SocketMethods): void {
  // From here on it writes to the stream at once.
  this[COALESCER]?.flush();
  if (!this.allowHalfOpen) this.write = writeAfterFin as SocketMethods['write'];
}

function asksToCoalesce(options: SocketArguments, context: NetContext): boolean {
  return options.coalesceWrites === undefined ? context.coalesceWrites : Boolean(options.coalesceWrites);
}
