import { platformNet, type PlatformNet } from '../core/node/platform.ts';
import { nodeTransport } from '../core/node/index.ts';
import type { Transport } from '../core/transport.ts';
import { linkStreams } from './link-streams.ts';
import type { Behaviour, NetContext } from './net-context.ts';
import { normalizeArguments } from './normalize-arguments.ts';
import { makeServerConstructor } from './server-class.ts';
import type { ServerMethods } from './server.ts';
import { makeSocketConstructor } from './socket.ts';
import type { SocketMethods } from './socket-methods.ts';

/** Options of `createNet`. */
export interface NetOptions {
  /** Default: `spec`. */
  readonly behaviour?: Behaviour;
  /** Default: false. */
  readonly coalesceWrites?: boolean;
}

/** A whole `net` over a transport. */
export function createNet(transport: Transport = nodeTransport, options: NetOptions = {}): PlatformNet {
  const settings: Omit<NetContext, 'Socket'> = {
    transport,
    streams: transport.streams ?? linkStreams(transport),
    behaviour: options.behaviour ?? 'spec',
    coalesceWrites: options.coalesceWrites ?? false,
  };
  const context = makeSocketConstructor(settings);
  const { Socket } = context;
  const Server = makeServerConstructor(context);

  function connect(...given: unknown[]): SocketMethods {
    const normalized = normalizeArguments(given);
    const [connectOptions] = normalized;
    const socket = new Socket(connectOptions);
    const { timeout } = connectOptions as { timeout?: number };
    if (timeout) socket.setTimeout(timeout);
    return socket.connect(normalized);
  }

  function createServer(serverOptions?: unknown, connectionListener?: unknown): ServerMethods {
    return new Server(serverOptions, connectionListener);
  }

  return {
    ...platformNet,
    _normalizeArgs: normalizeArguments,
    connect,
    createConnection: connect,
    createServer,
    Server,
    Socket,
    Stream: Socket,
  } as unknown as PlatformNet;
}
