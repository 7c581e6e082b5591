// What a program prints that ends by a failure which it did not handle: a line that says what to do, and no frames of the library's.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

const taken = (ending: string): string => `
import { createServer } from 'node:net';
import { orDie, runFlow, serve } from 'rxjs-net';
const first = createServer().listen(0, '127.0.0.1', () => {
  const flow = serve({ port: first.address().port, host: '127.0.0.1' }, () => []);
  first.unref();
  ${ending}
});
`;

describe('a port that is taken, at the top of a program', () => {
  test.each([
    ['subscribe()', 'flow.subscribe();'],
    ['runFlow', 'void runFlow(flow);'],
    ['orDie', 'void runFlow(flow.pipe(orDie()));'],
  ])('%s', (_name, ending) => {
    const options = { cwd: root, encoding: 'utf8', timeout: 20_000 } as const;
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', taken(ending)], options);
    expect(status).toBe(1);
    const advice =
      /AddressInUse: listen EADDRINUSE: address already in use 127\.0\.0\.1:\d+: stop the program that listens there, or choose another port/;
    expect(stderr).toMatch(advice);
    expect(stderr).not.toMatch(/\n +at /);
    // Of Node itself: where it was thrown, and its version.
    expect(stderr.trim().split('\n').length).toBeLessThan(20);
  });
});
