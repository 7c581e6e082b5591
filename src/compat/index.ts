import type { PlatformNet } from '../core/node/platform.ts';
import type * as types from '../core/node/platform-types.ts';
import { nodeTransport } from '../core/node/index.ts';
import { createNet, makeNet, type Net } from './create-net.ts';
import { fromSocket } from './from-socket.ts';
import { makeToSocket, type ToSocket } from './to-socket.ts';

/** The module of the specification over the operating system. */
const { net: made, context } = makeNet(nodeTransport, {});
const net: Net = made;

/** See `ToSocket`. */
const toSocket: ToSocket = makeToSocket(context);

// `require` gives this object (see scripts/build.mjs), and has the rest of this module by it.
for (const [name, value] of Object.entries({ createNet, fromSocket, toSocket, default: net }))
  Object.defineProperty(net, name, { value, writable: true, configurable: true });

/** The types of the module, by the name under which programs import it: `net.Socket`, `net.AddressInfo` … */
declare namespace net {
  export type AddressInfo = types.AddressInfo;
  export type BlockList = types.BlockList;
  export type DropArgument = types.DropArgument;
  export type IpcNetConnectOpts = types.IpcNetConnectOpts;
  export type IpcSocketConnectOpts = types.IpcSocketConnectOpts;
  export type IPVersion = types.IPVersion;
  export type ListenOptions = types.ListenOptions;
  export type LookupFunction = types.LookupFunction;
  export type NetConnectOpts = types.NetConnectOpts;
  export type OnReadOpts = types.OnReadOpts;
  export type Server = types.Server;
  export type ServerOpts = types.ServerOpts;
  export type Socket = types.Socket;
  export type SocketAddress = types.SocketAddress;
  export type SocketAddressInitOptions = types.SocketAddressInitOptions;
  export type SocketConnectOpts = types.SocketConnectOpts;
  export type SocketConstructorOpts = types.SocketConstructorOpts;
  export type SocketReadyState = types.SocketReadyState;
  export type TcpNetConnectOpts = types.TcpNetConnectOpts;
  export type TcpSocketConnectOpts = types.TcpSocketConnectOpts;
}

export default net;
export { createNet, fromSocket, toSocket };
export type { FromSocketOptions } from './from-socket.ts';
export type { ToSocket, ToSocketOptions } from './to-socket.ts';
export type { CoalesceOption, Net, NetOptions } from './create-net.ts';
export type { Behaviour } from './net-context.ts';
export type * from '../core/node/platform-types.ts';

export const Socket: PlatformNet['Socket'] = net.Socket;
export type Socket = types.Socket;
export const Server: PlatformNet['Server'] = net.Server;
export type Server = types.Server;
export const connect: Net['connect'] = net.connect;
export const createConnection: Net['createConnection'] = net.createConnection;
export const createServer: Net['createServer'] = net.createServer;
export const Stream: PlatformNet['Socket'] = net.Socket;
export const BlockList: PlatformNet['BlockList'] = net.BlockList;
export type BlockList = types.BlockList;
export const SocketAddress: PlatformNet['SocketAddress'] = net.SocketAddress;
export type SocketAddress = types.SocketAddress;
export const isIP: PlatformNet['isIP'] = net.isIP;
export const isIPv4: PlatformNet['isIPv4'] = net.isIPv4;
export const isIPv6: PlatformNet['isIPv6'] = net.isIPv6;
export const getDefaultAutoSelectFamily: PlatformNet['getDefaultAutoSelectFamily'] = net.getDefaultAutoSelectFamily;
export const setDefaultAutoSelectFamily: PlatformNet['setDefaultAutoSelectFamily'] = net.setDefaultAutoSelectFamily;
export const getDefaultAutoSelectFamilyAttemptTimeout: PlatformNet['getDefaultAutoSelectFamilyAttemptTimeout'] =
  net.getDefaultAutoSelectFamilyAttemptTimeout;
export const setDefaultAutoSelectFamilyAttemptTimeout: PlatformNet['setDefaultAutoSelectFamilyAttemptTimeout'] =
  net.setDefaultAutoSelectFamilyAttemptTimeout;
