// One run with all of it, as text and as JSON, byte for byte as it was when it was written down: on every version of Node
// (`npm run matrix`), on every machine. `npx vitest run test/testing/golden-trace -u` writes it anew.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { ignoreElements } from 'rxjs';
import { expect, test } from 'vitest';

import { catchAll, connect, lines, mapAsync, orDie, runFlow, sendTo, serve } from '../../src/index.ts';
import { defer, from, merge, mergeMap } from '../../src/rx.ts';
import { simulateNetwork, type SimulatedNetwork } from '../../src/testing/index.ts';

const goldenFile = (name: string): string => fileURLToPath(new URL(`golden/${name}`, import.meta.url));

/** A server of lines and three clients, while much goes wrong. */
const story = async (): Promise<SimulatedNetwork> => {
  const network = simulateNetwork({
    seed: 2_026,
    latency: 7,
    jitter: 5,
    bandwidth: 20_000,
    window: 400,
    chunking: { least: 1, most: 60 },
    backlog: 2,
    report: () => {},
  });
  const { transport } = network.host('server');
  const names = ['one', 'two', 'three'];
  for (const name of names) network.host(name);
  const stop = new AbortController();
  network.play([
    { at: 20, for: 500, fault: 'drop', chance: 0.3 },
    { at: 40, for: 300, fault: 'partition', between: ['one', 'server'] },
    { at: 100, for: 200, fault: 'corrupt', chance: 0.1, from: 'two' },
    { at: 150, for: 50, fault: 'stall', to: 'three' },
    { at: 400, for: 200, fault: 'slice', most: 9, least: 2, port: 80 },
    { at: 600, for: 1_000, fault: 'cutAfter', bytes: 120, from: 'server', to: 'two' },
    { at: 700, for: 400, fault: 'slowClose', ms: 90 },
    { at: 900, for: 300, fault: 'crash', host: 'three' },
  ]);
  network.at(30_000, () => stop.abort());
  await network.run(async () => {
    const served = runFlow(
      serve({ port: 80, transport, shutdown: stop.signal, drainTimeout: 1_000, idleTimeout: 10_000 }, (connection) =>
        connection.incoming.pipe(
          lines(),
          mapAsync(async (line) => {
            await network.sleep(3);
            return `${line.toUpperCase()}\n`;
          }),
        ),
      ).pipe(orDie()),
    );
    await network.sleep(5);
    const client = (name: string): Promise<void> =>
      runFlow(
        connect({ host: 'server', port: 80, transport: network.host(name).transport, idleTimeout: 8_000 }).pipe(
          mergeMap((connection) =>
            merge(
              connection.incoming.pipe(ignoreElements()),
              defer(() =>
                from(Array.from({ length: 12 }, (_, index) => `${name} says ${index} ${'é'.repeat(index)}\n`)),
              ).pipe(
                mapAsync(async (line) => {
                  await network.sleep(60);
                  return line;
                }),
                sendTo(connection),
              ),
            ),
          ),
          catchAll(() => from([])),
          orDie(),
        ),
      ).then(() => {});
    await Promise.all([...names.map(client), served]);
  });
  await network.run(() => network.sleep(1_000_000));
  return network;
};

test('the same trace as ever', async () => {
  const network = await story();
  expect(network.netstat().split('\n')).toHaveLength(1);
  // A snapshot that is not there would be written, and pass.
  for (const name of ['trace.txt', 'trace-as-json.txt']) expect(existsSync(goldenFile(name)), name).toBe(true);
  await expect(`${network.trace()}\n`).toMatchFileSnapshot(goldenFile('trace.txt'));
  await expect(`${network.trace({ format: 'json' })}\n`).toMatchFileSnapshot(goldenFile('trace-as-json.txt'));
});

test('and the same again in this process', async () => {
  const [first, second] = [await story(), await story()];
  expect(second.trace({ format: 'json' })).toBe(first.trace({ format: 'json' }));
});
