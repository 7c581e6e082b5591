import net from 'node:net';
import type { Socket } from 'node:net';

import type { Endpoint, TcpEndpoint } from '../endpoint.ts';
import { toNetFailure } from '../failures/index.ts';
import type { DialHandler, DialOptions, Link } from '../transport.ts';
import { closeOnAbort } from './close-on-abort.ts';
import type { MakeLink } from './driver.ts';
import { guardLookup } from './guard-lookup.ts';
import { LINK, placeOf, type LinkedSocket, type SocketLink } from './socket-link.ts';

/** Dials over the operating system; the link is there at once and stands when `onConnected` is called. */
export function dial(endpoint: Endpoint, options: DialOptions, handler: DialHandler, makeLink: MakeLink): Link {
  const { socket, error } = openSocket(endpoint);
  // Nothing is read until it is asked for.
  socket.pause();
  const paths = 'path' in endpoint ? { local: '', remote: endpoint.path } : undefined;
  const link = makeLink(socket, handler, paths);
  link.dials({ endpoint, handler });
  socket.once('connect', onConnect);
  // Node reports an attempt at a path too, before `connect` returns, and without a port.
  if ('port' in endpoint) forwardProgress(socket);
  tune(socket, options);
  if (error !== undefined) link.fail(error);
  else if (!closeOnAbort(link, options.signal)) return link;
  else if ('fd' in endpoint) process.nextTick(connected, link);
  else start(socket, link, endpoint, options);
  return link;
}

/** A fresh socket, or the one of an inherited descriptor. */
function openSocket(endpoint: Endpoint): { socket: Socket; error?: unknown } {
  const fresh = { allowHalfOpen: true };
  if (!('fd' in endpoint)) return { socket: new net.Socket(fresh) };
  try {
    return {
      socket: new net.Socket({ ...fresh, fd: endpoint.fd, readable: true, writable: true }),
    };
  } catch (error) {
    return { socket: new net.Socket(fresh), error };
  }
}

/** `connect` ignores these options on a socket that is made already; what is set here takes effect once it stands. */
function tune(socket: Socket, { noDelay, keepAlive, keepAliveInitialDelay }: DialOptions): void {
  if (noDelay === true) socket.setNoDelay(true);
  if (keepAlive === true) socket.setKeepAlive(true, keepAliveInitialDelay);
}

function start(
  socket: Socket,
  link: SocketLink,
  endpoint: Exclude<Endpoint, { fd: number }>,
  options: DialOptions,
): void {
  try {
    socket.connect('path' in endpoint ? { path: endpoint.path } : tcpOptions(endpoint, options, link));
  } catch (error) {
    // An option that this Node refuses.
    link.fail(error);
  }
}

/** Leaves out what is undefined: Node tells an absent option from an undefined one. */
function tcpOptions(endpoint: TcpEndpoint, options: DialOptions, link: SocketLink): net.TcpSocketConnectOpts {
  const { signal: _s, noDelay: _n, keepAlive: _k, keepAliveInitialDelay: _d, lookup, ...rest } = options;
  const given = Object.entries({ ...rest, ...endpoint }).filter(([, value]) => value !== undefined);
  return {
    ...Object.fromEntries(given),
    port: endpoint.port,
    ...(lookup !== undefined && { lookup: guardLookup(lookup, (error) => link.fail(error, 'lookup')) }),
  };
}

function connected(link: SocketLink): void {
  const dialling = link.currentDial;
  if (dialling === undefined) return;
  link.stands();
  dialling.handler.onConnected();
}

// The listeners are shared by all sockets, and get at the handler by the link, which lets go of it. A lookup may
// answer when the dial has been given up: what comes then is told to nobody.

function forwardProgress(socket: Socket): void {
  socket.on('lookup', onLookup);
  socket.on('connectionAttempt', onAttempt);
  socket.on('connectionAttemptFailed', onAttemptFailed);
  socket.on('connectionAttemptTimeout', onAttemptTimeout);
}

function onConnect(this: LinkedSocket): void {
  connected(this[LINK]);
}

function onLookup(this: LinkedSocket, error: unknown, address: string, family: unknown, host: string): void {
  const dialling = this[LINK].currentDial;
  if (dialling === undefined) return;
  const { endpoint, handler } = dialling;
  if ((error ?? undefined) === undefined) {
    handler.onLookup?.(undefined, address || undefined, numeric(family), host);
    return;
  }
  const failure = toNetFailure(error, { phase: 'lookup', ...placeOf(endpoint) });
  handler.onLookup?.(failure, undefined, undefined, host);
  // Node ends the dial with the same error, but no longer says that it was the lookup's.
  this[LINK].fail(failure);
}

function onAttempt(this: LinkedSocket, address: string, port: number, family: number): void {
  this[LINK].currentDial?.handler.onAttempt?.(address, port, family);
}

function onAttemptFailed(this: LinkedSocket, address: string, port: number, family: number, error: Error): void {
  const handler = this[LINK].currentDial?.handler;
  if (handler?.onAttemptFailed === undefined) return;
  handler.onAttemptFailed(address, port, family, toNetFailure(error, { phase: 'connect', address, port }));
}

function onAttemptTimeout(this: LinkedSocket, address: string, port: number, family: number): void {
  this[LINK].currentDial?.handler.onAttemptTimeout?.(address, port, family);
}

function numeric(family: unknown): number | undefined {
  return typeof family === 'number' ? family : undefined;
}
