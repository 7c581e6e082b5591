import { refuse } from '../core/options/index.ts';
import type { Transport } from '../core/index.ts';
import type { NetEnv } from './net-env.ts';

/**
 * Options as `connect` and the like take them: without those that an effect reads itself, and with the environment's transport where
 * they have none.
 *
 * @throws InvalidOptions
 */
export function withTransport<O extends { readonly transport?: Transport | undefined }>(
  options: O,
  env: NetEnv,
  own: readonly (keyof O)[],
): O {
  const given: unknown = options;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    return refuse('options', given, 'an object');
  }
  const rest = { ...options, transport: options.transport ?? env.transport };
  for (const name of own) delete rest[name];
  return rest;
}
