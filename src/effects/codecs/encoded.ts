import type { ByteBudget } from '../../observables/byte-budget.ts';
import type { ConnectionThrottle, ThrottleOptions } from '../../observables/throttle-connections.ts';
import type { Host } from './host.ts';
import type { Port } from './port.ts';
import type { SocketPath } from './socket-path.ts';

type EncodedValue<V> = V extends Port
  ? number
  : V extends Host | SocketPath
    ? string
    : V extends ByteBudget
      ? number
      : V extends ConnectionThrottle
        ? ThrottleOptions
        : V;

/**
 * Options as data again: what the codec of options encodes to.
 *
 * @category model
 * @since 0.1.0
 */
export type EncodedOptions<Options> = Options extends unknown
  ? { readonly [Name in keyof Options]: EncodedValue<Options[Name]> }
  : never;
