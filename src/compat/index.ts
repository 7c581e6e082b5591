import type { PlatformNet } from '../core/node/platform.ts';
import type * as types from '../core/node/platform-types.ts';
import { createNet } from './create-net.ts';

/** The module of the specification over the operating system. */
const net: PlatformNet = createNet();

// `require` gives this object (see scripts/build.mjs), and has the rest of this module by it.
for (const [name, value] of Object.entries({ createNet, default: net }))
  Object.defineProperty(net, name, { value, writable: true, configurable: true });

export default net;
export { createNet };
export type { NetOptions } from './create-net.ts';
export type { Behaviour } from './net-context.ts';
export type * from '../core/node/platform-types.ts';

export const Socket: PlatformNet['Socket'] = net.Socket;
export type Socket = types.Socket;
export const Server: PlatformNet['Server'] = net.Server;
export type Server = types.Server;
export const connect: PlatformNet['connect'] = net.connect;
export const createConnection: PlatformNet['createConnection'] = net.createConnection;
export const createServer: PlatformNet['createServer'] = net.createServer;
