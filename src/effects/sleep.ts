import { right } from 'fp-ts/lib/Either.js';

import { checkDuration } from '../core/options/index.ts';
import { fromCallback } from './from-callback.ts';
import type { Net } from './net.ts';

/**
 * Waits, by the environment's clock.
 *
 * @param ms - 0 to 2,147,483,647. Anything else is a defect, `InvalidOptions`.
 *
 * @example
 * ```ts
 * import { simulateNetwork } from 'rxjs-net/testing';
 * import { sleep, toPromise } from 'rxjs-net/effects';
 *
 * const network = simulateNetwork({ seed: 1 });
 * const { transport } = network.host('a');
 * await network.run(() => toPromise(sleep(3_600_000), { transport }));
 *
 * console.log(network.clock.now()); // => 3600000
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export function sleep(ms: number): Net<never, void> {
  return fromCallback((resolve, _, { clock }) =>
    clock.after(checkDuration('ms', ms, { zero: true }), () => resolve(right(undefined)), true),
  );
}
