import type { Endpoint } from '../core/endpoint.ts';
import type { StreamLinkOptions } from '../core/stream-link.ts';
import type { DialOptions, LookupFunction } from '../core/transport.ts';

/** The options of `connect` that mean something to any transport. */
interface ConnectOptions extends DialOptions {
  readonly port?: number | string | undefined;
  readonly host?: string | undefined;
  readonly path?: string | undefined;
}

/** Where `connect(given)` goes. */
export function endpointOf(given: object): Endpoint {
  // Some of them may be inherited.
  const { path, host, port } = given as ConnectOptions;
  return path ? { path } : { host: host || 'localhost', port: Number(port) };
}

/** How `connect(given)` of a stream with these options is dialled. */
export function dialOptions(given: object, { noDelay, keepAlive }: StreamLinkOptions): DialOptions {
  return {
    ...pick(given),
    ...(noDelay === true && { noDelay }),
    ...(keepAlive?.[0] === true && { keepAlive: true, keepAliveInitialDelay: Number(keepAlive[1] ?? 0) || 0 }),
  };
}

/** Options with the same meaning for every transport. */
function pick(options: DialOptions & { lookup?: LookupFunction | undefined }): DialOptions {
  const { localAddress, localPort, family, hints, lookup, autoSelectFamily, autoSelectFamilyAttemptTimeout } = options;
  const all = { localAddress, localPort, family, hints, lookup, autoSelectFamily, autoSelectFamilyAttemptTimeout };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
