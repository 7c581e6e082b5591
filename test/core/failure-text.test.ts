// What a peer or a remote name puts into a failure is bounded, on one line, and without anything that a reader does not see.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import * as failures from '../../src/core/failures/index.ts';
import { Failure, toNetFailure } from '../../src/core/failures/index.ts';
import { oneLine } from '../../src/core/failures/one-line.ts';
import { Defect } from '../../src/index.ts';

const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/** Any text: also halves of characters, controls, marks of direction, and very much of it. */
const anyText = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: 'binary', maxLength: 300 }) },
  fc
    .array(fc.constantFrom('\u202e', '\u2028', '\u009b', '\ud83d', '\udc00', '\0', '\n', '\u200d', 'ü', '😀'), {
      maxLength: 50,
    })
    .map((all) => all.join('')),
  fc.integer({ min: 1, max: 300 }).map((count) => '😀\u2066'.repeat(count)),
  fc.constant('x'.repeat(900_000)),
);

/** Every class of failure, made of the same text wherever it takes text. */
const classes = Object.entries(failures as Readonly<Record<string, unknown>>).filter(
  (entry): entry is [string, new (details: object) => Failure] =>
    typeof entry[1] === 'function' && entry[1].prototype instanceof Failure,
);

function textsOf(failure: object): [string, string][] {
  const fields = Object.entries(failure).filter(([name]) => name !== 'cause' && name !== 'value');
  return [['message', (failure as Error).message], ...fields].filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
}

function check(failure: object): void {
  for (const [name, text] of textsOf(failure)) {
    expect(UNSEEN.test(text), `${name}: ${JSON.stringify(text.slice(0, 400))}`).toBe(false);
    expect(text.length, name).toBeLessThanOrEqual(1_001);
    if (name !== 'message' && name !== 'allowed') expect(text.length, name).toBeLessThanOrEqual(256);
  }
}

describe('text in failures', () => {
  test('the classes are there', () => {
    expect(classes.length).toBeGreaterThan(25);
  });

  test.each(classes)('%s: every field and the message', (_name, FailureClass) => {
    fc.assert(
      fc.property(anyText, anyText, (text, other) => {
        const numbers = { limit: 1, size: 2, pending: 3, queued: 4, waiting: 5, port: 6 };
        const given = { address: text, host: other, code: text, syscall: other, where: text, reason: other };
        const option = { option: text, allowed: other, value: text };
        check(new FailureClass({ ...numbers, ...given, ...option }));
        check(new FailureClass({ ...numbers, ...given, ...option, message: other, cause: new Error(text) }));
      }),
      { numRuns: 30 },
    );
  });

  test('errors of the system, whatever they say', () => {
    fc.assert(
      fc.property(
        anyText,
        anyText,
        fc.constantFrom('ECONNREFUSED', 'ENOTFOUND', 'ENOENT', 'EACCES', 'EINVAL'),
        (text, host, code) => {
          const said = { code, syscall: text, address: text, hostname: host, port: 1 };
          const error = Object.assign(new Error(text), said);
          for (const phase of ['lookup', 'connect', 'listen', 'accept', 'read', 'write'] as const) {
            check(toNetFailure(error, { phase, address: host }));
            check(toNetFailure(new AggregateError([error, error], text), { phase, address: host }));
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  test('a defect', () => {
    fc.assert(
      fc.property(anyText, (text) => check(new Defect(new Error(text)))),
      { numRuns: 50 },
    );
  });

  test('ordinary text is as it was', () => {
    expect(oneLine('ein Gruß 😀 aus Zürich')).toBe('ein Gruß 😀 aus Zürich');
    expect(oneLine('a\r\nb')).toBe('a b');
    expect(oneLine('a\u202eb')).toBe('a\\u202eb');
    expect(oneLine('\ud83d')).toBe('\\ud83d');
    expect(oneLine('x'.repeat(199) + '😀')).toBe(`${'x'.repeat(199)}…`);
  });
});
