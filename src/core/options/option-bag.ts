import { InvalidOptions } from '../failures/invalid-options.ts';
import { refuse } from './refuse.ts';
import { refuseUnknown } from './refuse-unknown.ts';

/** The given options: each is read once, and one that is `undefined` counts as absent. */
export interface OptionBag {
  has(name: string): boolean;
  get(name: string): unknown;
  /** The checked value of an option, or `undefined` when it is absent. */
  read<T>(name: string, check: (name: string, value: unknown) => T): T | undefined;
}

/** Opens what a caller gave as options; names that are not known are refused. */
export function openOptions(input: unknown, known: readonly string[]): OptionBag {
  refuseUnknown(input, known);
  const values = new Map<string, unknown>();
  for (const name of known) {
    const value: unknown = Reflect.get(input, name);
    if (value !== undefined) values.set(name, value);
  }
  return {
    has: (name) => values.has(name),
    get: (name) => values.get(name),
    read: (name, check) => (values.has(name) ? check(name, values.get(name)) : undefined),
  };
}

/** Refuses the options that contradict an inherited descriptor, which is an endpoint already. */
export function refuseBesideDescriptor(bag: OptionBag, names: readonly string[]): void {
  for (const name of names) {
    if (bag.has(name)) refuse(name, bag.get(name), 'left out when "fd" is given');
  }
}

/** Fails since none of the options that name an endpoint is there. */
export function refuseNoEndpoint(): never {
  throw new InvalidOptions({
    message: 'one of the options "port", "path" and "fd" must be given',
    option: 'port',
    value: undefined,
    allowed: 'given, unless "path" or "fd" is',
  });
}
