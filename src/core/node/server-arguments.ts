import net from 'node:net';
import type { BlockList } from 'node:net';

import { callMethod } from './call-method.ts';

/** The options of a server as Node keeps them, with its defaults. */
export interface ServerSettings {
  allowHalfOpen: boolean;
  pauseOnConnect: boolean;
  noDelay: boolean;
  keepAlive: boolean;
  /** In whole seconds. */
  keepAliveInitialDelay: number;
  highWaterMark: number;
  /** Only there when it was given, on a Node that knows it. */
  blockList?: BlockList | undefined;
}

/**
 * Reads the first argument of `createServer` as the running Node does.
 *
 * @throws what Node throws for it.
 */
export function readServerOptions(options: unknown): ServerSettings {
  // Its types say what is right; what is wrong it refuses itself.
  const server: net.Server & Partial<ServerSettings> = Reflect.construct(net.Server, [options]);
  const {
    allowHalfOpen = false,
    pauseOnConnect = false,
    noDelay = false,
    keepAlive = false,
    keepAliveInitialDelay = 0,
    highWaterMark = 16_384,
    blockList,
  } = server;
  const settings = { allowHalfOpen, pauseOnConnect, noDelay, keepAlive, keepAliveInitialDelay, highWaterMark };
  return blockList === undefined ? settings : { ...settings, blockList };
}

/** What Node throws for these arguments of `listen`; undefined when it takes them. */
export function listenRefusal(args: readonly unknown[]): unknown {
  const server = new net.Server();
  try {
    callMethod(server, 'listen', args);
  } catch (error) {
    return error;
  }
  server.on('error', () => {});
  server.close();
  return undefined;
}

/** Whether `maxConnections = 0` refuses every connection; before Node 21 it was no limit. */
export const zeroIsALimit = Number.parseInt(process.versions.node, 10) >= 21;

/** Whether it is a socket that is bound and not yet listening, which later versions of Node know. */
export function isBoundSocket(value: object): boolean {
  const BoundSocket: unknown = Reflect.get(net, 'BoundSocket');
  return typeof BoundSocket === 'function' && value instanceof BoundSocket;
}
