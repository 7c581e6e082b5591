import { refuse } from '../core/options/index.ts';
import type { NetEnv } from './net-env.ts';

/** What is not an option of an effect's: it is in the environment. */
export interface FromEnvironment {
  readonly transport?: undefined;
  readonly signal?: undefined;
}

/**
 * Options as `connect` and the like take them: without those that an effect reads itself, and with the environment's transport.
 *
 * @throws InvalidOptions
 */
export function withTransport<O extends object>(options: O, env: NetEnv, own: readonly (keyof O)[]): O {
  const given: unknown = options;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    return refuse('options', given, 'an object');
  }
  for (const name of ['transport', 'signal']) {
    const value: unknown = Reflect.get(options, name);
    if (value !== undefined) refuse(name, value, 'left out: it comes from the environment');
  }
  const rest = { ...options, transport: env.transport };
  for (const name of own) delete rest[name];
  return rest;
}
