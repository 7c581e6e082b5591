import net from 'node:net';
import type { Socket } from 'node:net';

import type { Endpoint } from '../endpoint.ts';
import { toNetFailure } from '../failures/from-system-error.ts';
import type { DialHandler, DialOptions, Link } from '../transport.ts';
import { closeOnAbort } from './close-on-abort.ts';
import type { MakeLink } from './driver.ts';
import { placeOf } from './socket-link.ts';

/** Dials over the operating system; the link is there at once and stands when `onConnected` is called. */
export function dial(endpoint: Endpoint, options: DialOptions, handler: DialHandler, makeLink: MakeLink): Link {
  const { socket, error: openError } = openSocket(endpoint);
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
  forwardProgress(socket, endpoint, handler);
  if (openError !== undefined) link.fail(openError);
  else if (!closeOnAbort(socket, link, options.signal)) return link;
  else if ('fd' in endpoint) process.nextTick(connected);
  else start(socket, endpoint, options, (error) => link.fail(error));
  return link;
}

/** A fresh socket, or the one of an inherited descriptor. */
function openSocket(endpoint: Endpoint): { socket: Socket; error?: Error } {
  const fresh = { allowHalfOpen: true };
  if (!('fd' in endpoint)) return { socket: new net.Socket(fresh) };
  try {
    return {
      socket: new net.Socket({ ...fresh, fd: endpoint.fd, readable: true, writable: true }),
    };
  } catch (error) {
    return { socket: new net.Socket(fresh), error: error as Error };
  }
}

function start(
  socket: Socket,
  endpoint: Exclude<Endpoint, { fd: number }>,
  options: DialOptions,
  fail: (error: Error) => void,
): void {
  try {
    socket.connect('path' in endpoint ? { path: endpoint.path } : tcpOptions(endpoint, options));
  } catch (error) {
    // A `lookup` of the caller's that throws, or an option that this Node refuses.
    fail(error as Error);
  }
}

/** Leaves out what is undefined: Node tells an absent option from an undefined one. */
function tcpOptions(
  endpoint: { port: number; host?: string | undefined },
  options: DialOptions,
): net.TcpSocketConnectOpts {
  const { signal: _signal, ...rest } = options;
  const given = Object.entries({ ...rest, ...endpoint }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as unknown as net.TcpSocketConnectOpts;
}

function forwardProgress(socket: Socket, endpoint: Endpoint, handler: DialHandler): void {
  socket.on('lookup', (error, address, family, host) => {
    const failure =
      (error as Error | null | undefined) == null
        ? undefined
        : toNetFailure(error, { phase: 'lookup', ...placeOf(endpoint) });
    handler.onLookup?.(failure, address || undefined, numeric(family), host);
  });
  socket.on('connectionAttempt', (address, port, family) => {
    handler.onAttempt?.(address, port, family);
  });
  socket.on('connectionAttemptFailed', (address, port, family, error) => {
    const failure = toNetFailure(error, { phase: 'connect', address, port });
    handler.onAttemptFailed?.(address, port, family, failure);
  });
  socket.on('connectionAttemptTimeout', (address, port, family) => {
    handler.onAttemptTimeout?.(address, port, family);
  });
}

function numeric(family: unknown): number | undefined {
  return typeof family === 'number' ? family : undefined;
}
