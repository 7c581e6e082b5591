import * as fc from 'fast-check';
import { take } from 'rxjs';
import { expect, test } from 'vitest';

import {
  cobs,
  delimited,
  fixedLength,
  framed,
  type Framing,
  jsonLines,
  lengthPrefixed,
  lines,
  mapFraming,
  netstring,
} from '../../../src/index.ts';
import { bytesOf, fakeConnection } from '../support/fake-link.ts';
import { tick, watch } from '../support/wait.ts';

// A connection may change its framing as often as it likes: what one had read and not emitted is what the next begins with.

const NUM_RUNS = process.env['RXJS_NET_LONG'] === '1' ? 10_000 : 200;

type Text = Framing<string, string, unknown>;

const text = (framing: Framing<Buffer, string | Uint8Array, unknown>): Text =>
  mapFraming(
    framing,
    (bytes) => bytes.toString(),
    (message: string) => message,
  );

const framings: Record<string, Text> = {
  lines: lines(),
  delimited: text(delimited('\0')),
  u8: text(lengthPrefixed({ bytes: 1 })),
  u32: text(lengthPrefixed({ bytes: 4 })),
  varint: text(lengthPrefixed({ bytes: 'varint' })),
  fixed: text(fixedLength(6)),
  netstring: text(netstring()),
  json: mapFraming(jsonLines(), String, (message: string) => message),
  cobs: text(cobs()),
};

test('from any framing to any other, at any cut, no byte is lost', async () => {
  const part = fc.record({
    framing: fc.constantFrom(...Object.keys(framings)),
    messages: fc.array(fc.stringMatching(/^[a-z]{6}$/), { minLength: 1, maxLength: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(part, { minLength: 1, maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 }),
      async (parts, cuts) => {
        const { connection, link } = await fakeConnection();
        const bytes = Buffer.concat(
          parts.flatMap(({ framing, messages }) =>
            messages.map((message) => bytesOf(framings[framing]?.encode(message) ?? '')),
          ),
        );
        let at = 0;
        let turn = 0;
        for (const { framing, messages } of parts) {
          const channel = framed(connection, framings[framing] ?? lines());
          const seen = watch(channel.incoming.pipe(take(messages.length)));
          // What was given back comes first, in the next tick.
          await tick();
          while (!seen.completed && seen.errors.length === 0 && at < bytes.length) {
            const size = cuts[turn++ % cuts.length] ?? 1;
            link.deliver(bytes.subarray(at, at + size));
            at += size;
          }
          expect(seen.errors).toEqual([]);
          expect(seen.values).toEqual(messages);
        }
        const rest = watch(connection.incoming);
        await tick();
        expect(rest.values).toEqual([]);
        rest.unsubscribe();
      },
    ),
    { numRuns: NUM_RUNS },
  );
});
