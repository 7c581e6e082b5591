// How a file travels. The sender offers it in a line; the receiver answers how much of it is there already; the rest of the bytes
// follow as they are; the receiver says whether the whole is what was offered.
//
//   sender    {"name":"a.iso","size":1000,"sha256":"…"}⏎
//   receiver                                               {"offset":400}⏎
//   sender    600 bytes
//   receiver                                               {"stored":true,"why":"…"}⏎
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

import * as t from 'io-ts';
import { jsonLines, typed } from 'rxjs-net';

export const Offer = t.type({ name: t.string, size: t.number, sha256: t.string });
export type Offer = t.TypeOf<typeof Offer>;
export const Offset = t.type({ offset: t.number });
export const Verdict = t.type({ stored: t.boolean, why: t.string });
export type Verdict = t.TypeOf<typeof Verdict>;

const line = jsonLines({ maxLength: 4_096 });
export const offers = typed(line, Offer);
export const offsets = typed(line, Offset);
export const verdicts = typed(line, Verdict);

/** The digest of a file, read piece by piece. */
export const digestOf = async (path: string): Promise<string> => {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
};
