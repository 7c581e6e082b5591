import dns from 'node:dns';

import { callMethod } from './call-method.ts';
import { endsTheProcess, invalidAddress, tellSafely } from './safe-answer.ts';

interface Options {
  readonly path?: unknown;
  readonly host?: unknown;
  readonly localAddress?: unknown;
  readonly lookup?: unknown;
}

/**
 * Options for `connect` of a socket that has to do what one of Node's does, without those that end
 * the process: what reads like an address, and is no text.
 *
 * @throws what Node throws for what is neither a name nor an address
 */
export function guardConnect(options: object): object {
  const { path, host, localAddress, lookup }: Options = options;
  if (path) return options;
  if (endsTheProcess(localAddress)) throw invalidAddress(localAddress);
  // It refuses what is no text.
  if (endsTheProcess(host)) callMethod(dns, 'lookup', [host, {}, () => {}]);
  if (typeof lookup !== 'function') return options;
  const guarded = (name: unknown, details: unknown, callback: unknown): unknown => {
    const answer = (error: unknown, address: unknown, family: unknown): void => {
      const all: unknown = typeof details === 'object' && details !== null && Reflect.get(details, 'all');
      tellSafely(callback, all, error, address, family);
    };
    return Reflect.apply(lookup, undefined, [name, details, answer]);
  };
  const safe: object = Object.create(options, { lookup: { value: guarded } });
  return safe;
}
