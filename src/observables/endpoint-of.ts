import type { Address, IpcEndpoint } from '../core/endpoint.ts';

/** An endpoint that `connect` takes. */
export type DialableEndpoint = { readonly host: string; readonly port: number } | IpcEndpoint;

/**
 * The address of a server, as what `connect` takes: `connect(endpointOf(server.address))`.
 *
 * A server that listens on every address (`::`, `0.0.0.0`) is reached at the loopback address.
 *
 * @example
 * ```ts
 * import { endpointOf } from 'rxjs-net';
 *
 * console.log(endpointOf({ address: '0.0.0.0', family: 'IPv4', port: 8124 })); // => { host: '127.0.0.1', port: 8124 }
 * console.log(endpointOf({ path: '/tmp/echo.sock' })); // => { path: '/tmp/echo.sock' }
 * ```
 */
export function endpointOf(address: Address): DialableEndpoint {
  if ('path' in address) return { path: address.path };
  return { host: LOOPBACK_OF[address.address] ?? address.address, port: address.port };
}

const LOOPBACK_OF: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };
