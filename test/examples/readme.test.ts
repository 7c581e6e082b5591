// The README's table of failures has every tag there is, and names no errno that leads elsewhere.
import { readFileSync } from 'node:fs';

import type { FailureTag } from 'rxjs-net';
import { describe, expect, test } from 'vitest';

import { errnoTable } from '../../src/core/failures/errno.ts';

/** A record, so that the compiler sees when a tag is missing here. */
const tags: Readonly<Record<FailureTag, true>> = {
  AddressInUse: true,
  AddressNotAvailable: true,
  AlreadySubscribed: true,
  BrokenPipe: true,
  BufferOverflow: true,
  ConnectTimeout: true,
  ConnectionAborted: true,
  ConnectionClosed: true,
  ConnectionRefused: true,
  ConnectionReset: true,
  ConnectionTimedOut: true,
  ConsumerStalled: true,
  DeadlineExceeded: true,
  DecodeFailed: true,
  FirstByteTimeout: true,
  FrameTooLarge: true,
  FrameTruncated: true,
  HostNotFound: true,
  HostUnreachable: true,
  IdleTimeout: true,
  InvalidOptions: true,
  MessageTimeout: true,
  NetworkUnreachable: true,
  PathNotFound: true,
  PermissionDenied: true,
  PoolExhausted: true,
  PossiblyDelivered: true,
  ReadTimeout: true,
  SystemFailure: true,
  TooManyFiles: true,
  WriteTimeout: true,
};

const text = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const section = text.slice(text.indexOf('\n## Failures'), text.indexOf('\n## Time limits'));
const rows = [...section.matchAll(/^\| `([A-Z]\w+)` +\|([^|]*)\|/gm)].map(([, tag = '', codes = '']) => ({
  tag,
  codes: [...codes.matchAll(/`([A-Z_]+)`/g)].map(([, code = '']) => code),
}));

describe('the table of failures', () => {
  test('has every tag, in order', () => {
    expect(rows.map(({ tag }) => tag)).toEqual(Object.keys(tags));
  });

  test.each(rows.flatMap(({ tag, codes }) => codes.map((code) => [code, tag] as const)))('%s is %s', (code, tag) => {
    expect(Object.values(errnoTable[code] ?? {})).toContain(tag);
  });
});

test('its first lines are the two commands', () => {
  expect(text).toMatch(/^```sh\nnpm ci && npm start .*\nnpm ci && npm test .*\n```\n/);
});
