import type { Address } from 'rxjs-net';

/** What `connect` takes to reach an address that a server says it listens on. */
export const endpointOf = (
  address: Address,
): { readonly path: string } | { readonly host: string; readonly port: number } =>
  'path' in address ? { path: address.path } : { host: address.address, port: address.port };
