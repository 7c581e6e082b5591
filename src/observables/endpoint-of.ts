import type { Address, IpcEndpoint } from '../core/endpoint.ts';
import { checkPath, checkPort, checkString, refuse } from '../core/options/index.ts';

/** An endpoint that `connect` takes. */
export type DialableEndpoint = { readonly host: string; readonly port: number } | IpcEndpoint;

/**
 * The address of a server, as what `connect` takes: `connect(endpointOf(server.address))`.
 *
 * A server that listens on every address (`::`, `0.0.0.0`) is reached at the loopback address.
 *
 * @throws InvalidOptions for what is no address, such as that of a server that does not listen (`null`).
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
  const given: unknown = address;
  if (typeof given !== 'object' || given === null)
    refuse('address', given, 'an address: { address, port } or { path }');
  if ('path' in address) return { path: checkPath('path', address.path) };
  const host = checkString('address', address.address);
  return { host: LOOPBACK_OF[host] ?? host, port: checkPort('port', address.port) };
}

const LOOPBACK_OF: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };
