import { settleError, type Settling } from './either-of.ts';
import { type Cancel, fromCallback } from './from-callback.ts';
import type { NetEnv } from './net-env.ts';
import type { Program } from './net.ts';

/**
 * `fromCallback` of what throws where its options are wrong: a refusal is a failure then, anything
 * else a defect.
 */
export function fromRefusing<E, A, R = NetEnv>(start: (settling: Settling<E, A>, env: R) => Cancel): Program<A, E, R> {
  return fromCallback<E, A, R>((resolve, reject, env) => {
    const settling = { resolve, reject };
    try {
      return start(settling, env);
    } catch (error) {
      settleError(settling, error);
      return () => {};
    }
  });
}
