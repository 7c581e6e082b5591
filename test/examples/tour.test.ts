// `npm start` without arguments: everything that the tour promises to show is on its output, and it ends by itself.
import process from 'node:process';

import { beforeAll, describe, expect, test } from 'vitest';

import { type Ending, run } from './program.ts';

describe('the tour', () => {
  let ending: Ending;
  let took = 0;

  beforeAll(async () => {
    const start = performance.now();
    ending = await run([]).ended;
    took = performance.now() - start;
  });

  test('ends by itself, within seconds, with nothing to complain about', () => {
    expect({ ...ending, stdout: '' }).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
    expect(took).toBeLessThan(12_000);
  });

  test('has its parts under their headings, in order', () => {
    expect(ending.stdout.match(/^\d\. .*$/gm)?.map((heading) => heading.slice(0, 24))).toEqual([
      '1. The echo server of No',
      '2. A client, over IPC',
      '3. A line protocol',
      '4. A slow consumer slows',
      '5. An idle timeout, caug',
      '6. A refused connection,',
      '7. A graceful shutdown, ',
    ]);
  });

  test.each([
    ['the greeting and the echo', /received "hello"\n.*received "how are you\?"\n.*received "good bye"/],
    [
      'the ledger of a connection',
      /reading ended with fin, its writing with fin,\n.*22 bytes in, 15 out, 0 never sent/,
    ],
    [
      'lines out of chunks that were cut in a character',
      /received "grüße has 5 letters"\n(?:.*\n)?.*"water has 5 letters"/,
    ],
    ['a line that is too long', /received "sorry: a line may have 32 bytes"/],
    ['a producer that heeds nothing', /BufferOverflow: \d+ bytes were queued/],
    ['the idle timeout, by its tag', /IdleTimeout: .*\n.*received "nothing for 300 ms, good bye"/],
    ['the refused connection, by its tag', /ConnectionRefused \(ECONNREFUSED\): .*127\.0\.0\.1:\d+/],
    ['the client that was busy gets its answer', /received "my work: done"/],
    ['the report of the drain', /stopped after \d+ ms: 2 connections finished, 1 cut with \d{4,} bytes unsent/],
  ])('shows %s', (_, pattern) => {
    expect(ending.stdout).toMatch(pattern);
  });

  test('shows that what is in flight is bounded while the producer goes on', () => {
    const levels = [...ending.stdout.matchAll(/made (\S+) MiB, taken (\S+) MiB, in flight (\S+) MiB/g)].map((match) =>
      match.slice(1).map(Number),
    );
    expect(levels).toHaveLength(6);
    const [first, last] = [levels[1] ?? [], levels[5] ?? []];
    // It goes on making, and only as much as is taken.
    expect(last[0]).toBeGreaterThan(first[0] ?? NaN);
    expect(last[1]).toBeGreaterThan(first[1] ?? NaN);
    for (const [, , inFlight] of levels) expect(inFlight).toBeLessThan(40);
  });
});

test.skipIf(process.platform === 'win32')('when something goes wrong it says what, with exit code 1', async () => {
  // Its IPC server finds no place for its socket.
  const { code, stdout, stderr } = await run([], { variables: { TMPDIR: '/there/is/no/such/folder' } }).ended;
  expect(code).toBe(1);
  expect(stdout).toMatch(/2\. A client, over IPC\n.*\n+$/);
  expect(stderr).toMatch(/^The tour failed\. .*\/there\/is\/no\/such\/folder.*\n$/);
});
