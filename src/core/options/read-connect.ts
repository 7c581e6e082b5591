import type { Endpoint } from '../endpoint.ts';
import type { DialOptions, LookupFunction } from '../transport.ts';
import { checkHints, checkIP } from './check-dial.ts';
import { checkInteger, checkPort } from './check-numbers.ts';
import { checkPath } from './check-path.ts';
import { checkBoolean, checkFunction, checkOneOf, checkString } from './check-values.ts';
import { openOptions, type OptionBag, refuseBesideDescriptor, refuseNoEndpoint } from './option-bag.ts';
import { readTuning, TUNING_NAMES } from './read-tuning.ts';

/** The spec's default, which an address that is printed should show. */
const DEFAULT_HOST = 'localhost';
const LARGEST_INT32 = 2_147_483_647;

const NAMES = [
  'port',
  'host',
  'path',
  'fd',
  'localAddress',
  'localPort',
  'family',
  'hints',
  'lookup',
  'autoSelectFamily',
  'autoSelectFamilyAttemptTimeout',
  ...TUNING_NAMES,
] as const;

function readTcpDial(bag: OptionBag): DialOptions {
  return {
    localAddress: bag.read('localAddress', checkIP),
    localPort: bag.read('localPort', (name, value) => checkInteger(name, value, 0, 65_535)),
    family: bag.read('family', (name, value) => checkOneOf(name, value, [0, 4, 6])),
    hints: bag.read('hints', checkHints),
    lookup: bag.read('lookup', checkFunction<LookupFunction>),
    autoSelectFamily: bag.read('autoSelectFamily', checkBoolean),
    autoSelectFamilyAttemptTimeout: bag.read('autoSelectFamilyAttemptTimeout', (name, value) =>
      checkInteger(name, value, 1, LARGEST_INT32),
    ),
  };
}

/**
 * Checks what a caller gave to `connect`, and tells where to dial from how.
 *
 * `path` wins over `port`, and the options that only TCP has are then ignored unchecked, as the spec
 * says. `fd` stands alone.
 *
 * @param extraNames - options that the caller of this function reads itself.
 * @throws InvalidOptions
 */
export function readConnectOptions(
  input: unknown,
  extraNames: readonly string[] = [],
): { endpoint: Endpoint; dial: DialOptions } {
  const bag = openOptions(input, [...NAMES, ...extraNames]);
  const tuning = readTuning(bag);
  if (bag.has('fd')) {
    refuseBesideDescriptor(bag, ['port', 'path', 'host']);
    return { endpoint: { fd: checkInteger('fd', bag.get('fd'), 0, LARGEST_INT32) }, dial: tuning };
  }
  if (bag.has('path')) return { endpoint: { path: checkPath('path', bag.get('path')) }, dial: tuning };
  if (!bag.has('port')) return refuseNoEndpoint();
  return {
    endpoint: { port: checkPort('port', bag.get('port')), host: bag.read('host', checkString) ?? DEFAULT_HOST },
    dial: { ...readTcpDial(bag), ...tuning },
  };
}
