// What the functional key-value server and its client say to each other: one JSON object a line.
import * as t from 'io-ts';
import { jsonLines, typed } from 'rxjs-net';

export const Request = t.union([
  t.type({ op: t.literal('get'), key: t.string }),
  t.type({ op: t.literal('set'), key: t.string, value: t.string }),
  t.type({ op: t.literal('delete'), key: t.string }),
]);
export type Request = t.TypeOf<typeof Request>;

/** What the key has after a `get`, and had before a `set` and a `delete`; or why not. */
export const Reply = t.union([t.type({ value: t.union([t.string, t.null]) }), t.type({ error: t.string })]);
export type Reply = t.TypeOf<typeof Reply>;

export const requests = typed(jsonLines({ maxLength: 65_536 }), Request);
export const replies = typed(jsonLines({ maxLength: 131_072 }), Reply);
