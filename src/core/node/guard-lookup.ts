import net from 'node:net';

import { HostNotFound } from '../failures/index.ts';
import type { LookupFunction } from '../transport.ts';
import { tellSafely } from './safe-answer.ts';

type Answer = Parameters<LookupFunction>[2];

/**
 * A caller's lookup, held to what Node can deal with: it answers once, not before it returns, with an error
 * or an address. One that knows nothing of `all` may answer with the one address that it has.
 *
 * When it throws, or its answer makes Node throw, `fail` is called. That would otherwise end the process,
 * since a lookup mostly answers in a turn of its own.
 */
export function guardLookup(lookup: LookupFunction, fail: (error: unknown) => void): net.LookupFunction {
  return (host, { family, hints, all }, callback) => {
    const asked = { family, ...(hints !== undefined && { hints }), ...(all !== undefined && { all }) };
    let answered = false;
    let returned = false;
    const answer: Answer = (error, address, addressFamily) => {
      if (answered) return;
      answered = true;
      // Otherwise the dial would report its progress before it has returned its link.
      if (returned) pass(error, address, addressFamily);
      else process.nextTick(pass, error, address, addressFamily);
    };
    const pass: Answer = (error, address, addressFamily) => {
      try {
        if (isNothing(error, address)) callback(new HostNotFound({ code: 'ENOTFOUND', address: host }), '');
        else if (all === true && typeof address === 'string')
          callback(error, [{ address, family: addressFamily ?? net.isIP(address) }]);
        else tellSafely(callback, all, error, address, addressFamily);
      } catch (thrown) {
        fail(thrown);
      }
    };
    try {
      lookup(host, asked, answer);
    } catch (thrown) {
      answered = true;
      fail(thrown);
    }
    returned = true;
  };
}

/** No error and no address: Node would throw. */
function isNothing(error: unknown, address: unknown): boolean {
  return (error ?? undefined) === undefined && Array.isArray(address) && address.length === 0;
}
