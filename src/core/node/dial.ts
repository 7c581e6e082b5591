import net from 'node:net';
import type { Socket } from 'node:net';

import type { Endpoint, TcpEndpoint } from '../endpoint.ts';
import { toNetFailure } from '../failures/index.ts';
import type { DialHandler, DialOptions, Link } from '../transport.ts';
import { closeOnAbort } from './close-on-abort.ts';
import type { MakeLink } from './driver.ts';
import { guardLookup } from './guard-lookup.ts';
import { placeOf, type SocketLink } from './socket-link.ts';

/** Dials over the operating system; the link is there at once and stands when `onConnected` is called. */
export function dial(endpoint: Endpoint, options: DialOptions, handler: DialHandler, makeLink: MakeLink): Link {
  const { socket, error } = openSocket(endpoint);
  // Nothing is read until it is asked for.
  socket.pause();
  const paths = 'path' in endpoint ? { local: '', remote: endpoint.path } : undefined;
  const link = makeLink(socket, handler, paths);
  link.dials(endpoint);
  const connected = (): void => {
    if (socket.destroyed) return;
    link.dialled();
    handler.onConnected();
  };
  socket.once('connect', connected);
  // Node reports an attempt at a path too, before `connect` returns, and without a port.
  if ('port' in endpoint) forwardProgress(socket, link, endpoint, handler);
  tune(socket, options);
  if (error !== undefined) link.fail(error);
  else if (!closeOnAbort(link, options.signal)) return link;
  else if ('fd' in endpoint) process.nextTick(connected);
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

/** A lookup may answer when the dial has been given up: what comes then is told to nobody. */
function forwardProgress(socket: Socket, link: SocketLink, endpoint: Endpoint, handler: DialHandler): void {
  socket.on('lookup', (error, address, family, host) => {
    if (socket.destroyed) return;
    if ((error as Error | null | undefined) == null) {
      handler.onLookup?.(undefined, address || undefined, numeric(family), host);
      return;
    }
    const failure = toNetFailure(error, { phase: 'lookup', ...placeOf(endpoint) });
    handler.onLookup?.(failure, undefined, undefined, host);
    // Node ends the dial with the same error, but no longer says that it was the lookup's.
    link.fail(failure);
  });
  socket.on('connectionAttempt', (address, port, family) => {
    if (!socket.destroyed) handler.onAttempt?.(address, port, family);
  });
  socket.on('connectionAttemptFailed', (address, port, family, error) => {
    if (socket.destroyed || handler.onAttemptFailed === undefined) return;
    handler.onAttemptFailed(address, port, family, toNetFailure(error, { phase: 'connect', address, port }));
  });
  socket.on('connectionAttemptTimeout', (address, port, family) => {
    if (!socket.destroyed) handler.onAttemptTimeout?.(address, port, family);
  });
}

function numeric(family: unknown): number | undefined {
  return typeof family === 'number' ? family : undefined;
}
