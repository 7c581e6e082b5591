import type { NetConnectOpts, Server, ServerOpts, Socket } from '../core/node/platform-types.ts';
import { platformNet, type PlatformNet } from '../core/node/platform.ts';
import { checkBoolean, checkOneOf, refuseUnknown } from '../core/options/index.ts';
import { nodeTransport } from '../core/node/index.ts';
import type { Transport } from '../core/transport.ts';
import { checkTransport, isTransport } from '../observables/internal/read-options.ts';
import { linkStreams } from './link-streams.ts';
import type { Behaviour, NetContext } from './net-context.ts';
import { normalizeArguments } from './normalize-arguments.ts';
import { makeServerConstructor } from './server-class.ts';
import type { ServerMethods } from './server.ts';
import { makeSocketConstructor } from './socket.ts';
import type { SocketMethods } from './socket-methods.ts';

/** Options of `createNet`. */
export interface NetOptions {
  /** Whose word counts where the specification and today's Node disagree; docs/compat.md has the list. Default: `spec`. */
  readonly behaviour?: Behaviour;
  /**
   * Whether what a program writes while one chunk is delivered to it leaves as one write when the delivery returns, and what it writes
   * otherwise on the next tick. Much cheaper for programs that write line by line, and not exactly what `node:net` does: data
   * leaves later than `write` returns. `end`, `destroy` and a reset send it first; `process.exit()` does not. Default: false.
   */
  readonly coalesceWrites?: boolean;
}

/** Options of one `connect` or one server that are ours. */
export interface CoalesceOption {
  /** Whether what is written while one chunk is delivered leaves as one write. Default: that of `createNet`. */
  readonly coalesceWrites?: boolean;
}

/** The module: it has the types of `node:net`, and our options besides. */
export type Net = PlatformNet & {
  connect(options: NetConnectOpts & CoalesceOption, connectionListener?: () => void): Socket;
  createConnection(options: NetConnectOpts & CoalesceOption, connectionListener?: () => void): Socket;
  createServer(options: ServerOpts & CoalesceOption, connectionListener?: (socket: Socket) => void): Server;
};

/**
 * A whole `net` over a transport: its own `Socket`, `Server`, `connect` and `createServer`.
 *
 * Throws `InvalidOptions` for options that are not known or have no such value, and for a transport that is none.
 *
 * @param transport - what its sockets and servers run over. Default: the operating system.
 *
 * @example
 * ```ts
 * import { createNet } from 'rxjs-net/compat';
 *
 * const net = createNet({ coalesceWrites: true });
 * const server = net.createServer((socket) => socket.end('goodbye\n'));
 * server.listen(0, '127.0.0.1', () => {
 *   console.log(server.listening); // => true
 *   server.close();
 * });
 * ```
 */
export function createNet(transport?: Transport, options?: NetOptions): Net;
export function createNet(options: NetOptions): Net;
export function createNet(first?: Transport | NetOptions, second?: NetOptions): Net {
  if (first === undefined || isTransport(first)) return makeNet(first ?? nodeTransport, second ?? {}).net;
  // Something that is neither: it was meant for a transport where options follow.
  if (second !== undefined) checkTransport('transport', first);
  return makeNet(nodeTransport, first).net;
}

function readNetOptions(options: NetOptions): Pick<NetContext, 'behaviour' | 'coalesceWrites'> {
  refuseUnknown(options, ['behaviour', 'coalesceWrites']);
  const { behaviour = 'spec', coalesceWrites = false } = options;
  return {
    behaviour: checkOneOf('behaviour', behaviour, ['spec', 'node']),
    coalesceWrites: checkBoolean('coalesceWrites', coalesceWrites),
  };
}

/** `createNet`, with what its sockets share. */
export function makeNet(
  transport: Transport,
  options: NetOptions,
): { readonly net: Net; readonly context: NetContext } {
  const settings: Omit<NetContext, 'Socket'> = {
    transport,
    streams: transport.streams ?? linkStreams(transport),
    ...readNetOptions(options),
  };
  const context = makeSocketConstructor(settings);
  const ServerClass = makeServerConstructor(context);

  function connect(...given: unknown[]): SocketMethods {
    const normalized = normalizeArguments(given);
    const [connectOptions] = normalized;
    const socket = new context.Socket(connectOptions);
    const { timeout } = connectOptions as { timeout?: number };
    if (timeout) socket.setTimeout(timeout);
    return socket.connect(normalized);
  }

  function createServer(serverOptions?: unknown, connectionListener?: unknown): ServerMethods {
    return new ServerClass(serverOptions, connectionListener);
  }

  // The platform's types name its own classes, with every overload of every event: that ours are the same in use is for the tests to say.
  const net = {
    ...platformNet,
    _normalizeArgs: normalizeArguments,
    connect,
    createConnection: connect,
    createServer,
    Server: ServerClass,
    Socket: context.Socket,
    Stream: context.Socket,
  } as unknown as Net;
  return { net, context };
}
