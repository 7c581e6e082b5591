import { refuse } from '../core/options/index.ts';
import type { Transport } from '../core/index.ts';
import type { NetEnv } from './net-env.ts';

/**
 * Options as `connect` and the like take them: with the environment's transport where they have none.
 *
 * @throws InvalidOptions
 */
export function withTransport<O extends { readonly transport?: Transport | undefined }>(options: O, env: NetEnv): O {
  const given: unknown = options;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    return refuse('options', given, 'an object');
  }
  return { ...options, transport: options.transport ?? env.transport };
}
