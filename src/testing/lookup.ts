import { isIP } from '../core/ip.ts';
import type { LookupAddress, LookupFunction } from '../core/transport.ts';

/** An error of a lookup that answered with what is none of an address. */
function invalidAddress(host: string, address: unknown): Error {
  return Object.assign(new TypeError(`Invalid IP address: ${String(address)}`), {
    code: 'ERR_INVALID_IP_ADDRESS',
    host,
  });
}

/** Asks a lookup once, whatever it does: answers twice, at once, with nonsense, or throws. */
export function askLookup(
  lookup: LookupFunction,
  host: string,
  options: Parameters<LookupFunction>[1],
  answer: (error: unknown, addresses: readonly LookupAddress[]) => void,
): void {
  let answered = false;
  const once = (error: unknown, addresses: readonly LookupAddress[]): void => {
    if (answered) return;
    answered = true;
    answer(error, addresses);
  };
  try {
    lookup(host, options, (error: unknown, address: unknown, family: unknown) => {
      if (error !== null && error !== undefined) {
        once(error, []);
        return;
      }
      const list: unknown[] = Array.isArray(address) ? address : [{ address, family }];
      const good = list.map(readAddress);
      const bad = good.indexOf(undefined);
      if (bad >= 0) once(invalidAddress(host, list[bad]), []);
      else
        once(
          undefined,
          good.filter((each) => each !== undefined),
        );
    });
  } catch (error) {
    once(new ThrownByLookup(error), []);
  }
}

/** What a lookup of the caller's threw, told apart from what it answered. */
export class ThrownByLookup {
  readonly error: unknown;
  constructor(error: unknown) {
    this.error = error;
  }
}

function readAddress(value: unknown): LookupAddress | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const address: unknown = Reflect.get(value, 'address');
  const family: unknown = Reflect.get(value, 'family');
  if (typeof address !== 'string') return undefined;
  const version = isIP(address);
  if (version === 0) return undefined;
  if (family !== undefined && family !== version && family !== `IPv${version}`) return undefined;
  return { address, family: version };
}
