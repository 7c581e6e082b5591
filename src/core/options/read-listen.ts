import type { Endpoint } from '../endpoint.ts';
import type { BindOptions } from '../transport.ts';
import { checkInteger, checkPort } from './check-numbers.ts';
import { checkPath, isAbstractPath } from './check-path.ts';
import { checkBoolean, checkString } from './check-values.ts';
import { openOptions, type OptionBag, refuseBesideDescriptor, refuseNoEndpoint } from './option-bag.ts';
import { readTuning, TUNING_NAMES } from './read-tuning.ts';
import { refuse } from './refuse.ts';

const DEFAULT_BACKLOG = 511;
const LARGEST_INT32 = 2_147_483_647;

const NAMES = [
  'port',
  'host',
  'path',
  'fd',
  'backlog',
  'exclusive',
  'ipv6Only',
  'reusePort',
  'readableAll',
  'writableAll',
  ...TUNING_NAMES,
] as const;

function readTcpEndpoint(bag: OptionBag): Endpoint {
  const port = checkPort('port', bag.get('port'), { zero: true });
  const host = bag.read('host', checkString);
  return host === undefined ? { port } : { port, host };
}

function readIpcEndpoint(bag: OptionBag): Endpoint {
  const path = checkPath('path', bag.get('path'));
  if (isAbstractPath(path)) {
    for (const name of ['readableAll', 'writableAll']) {
      // There is no file whose mode could be set.
      if (bag.get(name) === true) refuse(name, true, 'left out or false when "path" is an abstract socket');
    }
  }
  return { path };
}

function readEndpoint(bag: OptionBag): Endpoint {
  if (bag.has('fd')) {
    refuseBesideDescriptor(bag, ['port', 'path', 'host']);
    return { fd: checkInteger('fd', bag.get('fd'), 0, LARGEST_INT32) };
  }
  if (bag.has('port')) return readTcpEndpoint(bag);
  return bag.has('path') ? readIpcEndpoint(bag) : refuseNoEndpoint();
}

/**
 * Checks what a caller gave to `listen` or `serve`, and tells where to listen from how.
 *
 * `port` wins over `path`, which is then ignored unchecked, as the spec says. `fd` stands alone.
 *
 * @param extraNames - options that the caller of this function reads itself.
 * @throws InvalidOptions
 */
export function readListenOptions(
  input: unknown,
  extraNames: readonly string[] = [],
): { endpoint: Endpoint; bind: BindOptions } {
  const bag = openOptions(input, [...NAMES, ...extraNames]);
  const bind: BindOptions = {
    backlog: bag.read('backlog', (name, value) => checkInteger(name, value, 1, LARGEST_INT32)) ?? DEFAULT_BACKLOG,
    exclusive: bag.read('exclusive', checkBoolean),
    ipv6Only: bag.read('ipv6Only', checkBoolean),
    reusePort: bag.read('reusePort', checkBoolean),
    readableAll: bag.read('readableAll', checkBoolean),
    writableAll: bag.read('writableAll', checkBoolean),
    ...readTuning(bag),
  };
  return { endpoint: readEndpoint(bag), bind };
}
