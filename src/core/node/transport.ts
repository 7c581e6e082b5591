import { systemRandom } from '../chance.ts';
import { systemClock } from '../clock.ts';
import type { Clock } from '../clock.ts';
import type { Transport } from '../transport.ts';
import { bind } from './bind.ts';
import { dial } from './dial.ts';
import { hasDirectDriver } from './direct-driver.ts';
import { driverFromEnvironment, makeLinkOf, type DriverName } from './driver.ts';
import { systemStreams } from './system-link.ts';

/** Options of `createNodeTransport`. */
export interface NodeTransportOptions {
  /**
   * `direct` (default) takes chunks from the socket by its documented implementer methods; `plain`
   * by the methods that every consumer uses, somewhat slower. Without it the environment variable
   * `RXJS_NET_DRIVER` decides.
   */
  readonly driver?: DriverName;
  /** Default: `systemClock`. */
  readonly clock?: Clock;
  /** Default: `Math.random`. */
  readonly random?: () => number;
}

/**
 * A transport over the operating system's sockets: TCP and IPC.
 *
 * @example
 * ```ts
 * import { createNodeTransport, listen } from 'rxjs-net';
 *
 * const transport = createNodeTransport({ driver: 'plain' });
 * listen({ port: 0, host: '127.0.0.1', transport }).subscribe((server) => {
 *   console.log(server.connectionCount); // => 0
 *   void server.close();
 * });
 * ```
 */
export function createNodeTransport(options: NodeTransportOptions = {}): Transport {
  const driver = options.driver ?? driverFromEnvironment();
  const makeLink = makeLinkOf(driver);
  return {
    ...(driver === 'direct' && hasDirectDriver() && { streams: systemStreams }),
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
    dial: (endpoint, dialOptions, handler) => dial(endpoint, dialOptions, handler, makeLink),
    bind: (endpoint, bindOptions, handler) => bind(endpoint, bindOptions, handler, makeLink),
  };
}

/** The transport that everything uses when none is given. */
export const nodeTransport: Transport = createNodeTransport();
