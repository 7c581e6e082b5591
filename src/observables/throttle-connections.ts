import { checkCount, checkOneOf, checkRate, refuseUnknown } from '../core/options/index.ts';
import { defaultBurst } from './rate-limit.ts';

/** Options of `throttleConnections`. */
export interface ThrottleOptions {
  /** How many connections may begin in a second: more than 0; 0.1 is one in ten seconds. */
  readonly perSecond: number;
  /**
   * How many may begin at once, after a pause: 1 or more.
   *
   * @defaultValue a tenth of `perSecond`, and at least 1
   */
  readonly burst?: number | undefined;
  /**
   * What becomes of a connection beyond the rate: `wait` leaves it unread until its turn comes, within `maxUnclaimed` and
   * `unclaimedTimeout`; `drop` closes it, with a `dropped` event whose reason is `throttled`.
   *
   * @defaultValue `'wait'`
   */
  readonly whenExceeded?: 'wait' | 'drop' | undefined;
}

/** How fast connections may begin on a server; its option `throttle`. */
export class ConnectionThrottle {
  /** As they were given, unchecked. */
  readonly options: ThrottleOptions;

  constructor(options: ThrottleOptions) {
    this.options = options;
  }
}

/** A throttle, checked. */
export interface ThrottlePlan {
  readonly perSecond: number;
  readonly burst: number;
  readonly whenExceeded: 'wait' | 'drop';
}

/**
 * Bounds how fast connections begin on a server: its option `throttle`. In any window of t seconds at most `burst + t * perSecond`
 * do. By the clock of the server's transport; each server that it is given to counts for itself.
 *
 * Wrong options fail with `InvalidOptions` on subscription to the server.
 *
 * @example
 * ```ts
 * import { connect, serve, throttleConnections } from 'rxjs-net';
 *
 * const throttle = throttleConnections({ perSecond: 1, whenExceeded: 'drop' });
 * const server = serve({ port: 0, host: '127.0.0.1', throttle }, () => ['hello']).subscribe((event) => {
 *   if (event.type === 'dropped') {
 *     console.log(event.reason); // => throttled
 *     server.unsubscribe();
 *   }
 *   if (event.type !== 'listening' || !('port' in event.address)) return;
 *   const { port } = event.address;
 *   for (let i = 0; i < 2; i++) connect({ port, host: '127.0.0.1' }).subscribe({ error: () => {} });
 * });
 * ```
 */
export function throttleConnections(options: ThrottleOptions): ConnectionThrottle {
  return new ConnectionThrottle(options);
}

/** @throws InvalidOptions */
export function planThrottle({ options }: ConnectionThrottle): ThrottlePlan {
  refuseUnknown(options, ['perSecond', 'burst', 'whenExceeded']);
  const { perSecond, burst, whenExceeded = 'wait' } = options;
  checkRate('perSecond', perSecond);
  return {
    perSecond,
    burst: burst === undefined ? defaultBurst(perSecond) : checkCount('burst', burst),
    whenExceeded: checkOneOf('whenExceeded', whenExceeded, ['wait', 'drop']),
  };
}
