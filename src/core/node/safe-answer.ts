import net from 'node:net';

/**
 * Passes on what a lookup answered, but for addresses that are no text. Node takes what reads like
 * an address for one, an array of one for example, and the system then ends the process. Here that
 * is an error like any other answer without an address.
 */
export function tellSafely(tell: unknown, all: unknown, error: unknown, answer: unknown, family: unknown): void {
  if (typeof tell !== 'function') return;
  // A getter of a record might say something else the next time.
  const safe: unknown = !error && all === true && Array.isArray(answer) ? answer.map(copyOf) : answer;
  const odd = error ? undefined : oddAddress(safe, all === true);
  Reflect.apply(tell, undefined, odd === undefined ? [error, safe, family] : [invalidAddress(odd.address)]);
}

function copyOf(record: unknown): unknown {
  if (typeof record !== 'object' || record === null) return record;
  return { address: Reflect.get(record, 'address') as unknown, family: Reflect.get(record, 'family') as unknown };
}

function oddAddress(answer: unknown, all: boolean): { readonly address: unknown } | undefined {
  const list: readonly unknown[] = all && Array.isArray(answer) ? answer.map(addressIn) : [answer];
  const address = list.find(endsTheProcess);
  return address === undefined ? undefined : { address };
}

function addressIn(record: unknown): unknown {
  return typeof record === 'object' && record !== null ? Reflect.get(record, 'address') : undefined;
}

/** Whether something would be taken for an address, by `net.isIP` now or later, and is no text. */
export function endsTheProcess(value: unknown): boolean {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return false;
  try {
    return Reflect.apply(net.isIP, undefined, [value]) !== 0 || hasOwnText(value);
  } catch {
    // What can't be made text.
    return true;
  }
}

/** Text that a method of the caller's makes may be an address the next time. */
function hasOwnText(value: object): boolean {
  const own: unknown = Reflect.get(value, 'toString');
  return ![Object, Array, Function, String].some((each) => own === each.prototype.toString) && !Buffer.isBuffer(value);
}

/** The error that Node gives for what is no address. */
export function invalidAddress(address: unknown): Error {
  const message = `Invalid IP address: ${typeof address === 'object' ? 'an object' : typeof address}`;
  return Object.assign(new TypeError(message), { code: 'ERR_INVALID_IP_ADDRESS' });
}
