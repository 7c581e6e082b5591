// Virtual time moves only once the program waits for it: not before the last turn of the event loop that it takes by itself.
import { open, readFile } from 'node:fs/promises';
import { setImmediate as realImmediate } from 'node:timers';
import { setImmediate as nextTurn } from 'node:timers/promises';

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { connect, lines, orDie, pool, runFlow, sendTo, serve } from '../../src/index.ts';
import { merge, of, take } from '../../src/rx.ts';
import { simulateNetwork } from '../../src/testing/index.ts';

/** Steps that a program may take without waiting for time. */
const STEPS: Record<string, () => Promise<unknown>> = {
  'an immediate': () => new Promise((resolve) => void realImmediate(resolve)),
  'an immediate of node:timers/promises': () => nextTurn(),
  'a global immediate': () => new Promise((resolve) => void setImmediate(resolve)),
  'a tick': () => new Promise((resolve) => process.nextTick(resolve)),
  'a microtask': () => Promise.resolve(),
  'a file': () => readFile(import.meta.filename),
  'a file by its handle': async () => {
    await using file = await open(import.meta.filename);
    await file.stat();
  },
};
const names = Object.keys(STEPS);

const timeAfter = async (steps: readonly string[], globalTimers: boolean): Promise<number> => {
  const network = simulateNetwork();
  // Something that is due later, which time would run ahead to.
  network.clock.after(3_600_000, () => {});
  return network.run(
    async () => {
      for (const step of steps) await STEPS[step]?.();
      return network.clock.now();
    },
    { globalTimers },
  );
};

describe.each([[false], [true]])('no time passes, with globalTimers: %s,', (globalTimers) => {
  test.each(names)('in %s, however many there are in a row', async (name) => {
    for (const count of [1, 2, 3, 10, 50]) {
      const steps = Array.from({ length: count }, () => name);
      expect([count, await timeAfter(steps, globalTimers)]).toEqual([count, 0]);
    }
  });

  test('in whatever a program makes of them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...names), { maxLength: 20 }), async (steps) => {
        expect(await timeAfter(steps, globalTimers)).toBe(0);
      }),
      { numRuns: 50 },
    );
  });
});

test('advance and settle wait for the program, too', async () => {
  const network = simulateNetwork({ latency: 5 });
  const server = serve({ port: 80, transport: network.host('b').transport }, () => of('hi')).subscribe();
  const seen: string[] = [];
  const program = async (): Promise<void> => {
    for (let turn = 0; turn < 10; turn++) await nextTurn();
    await readFile(import.meta.filename);
    seen.push(`dials at ${network.clock.now()}`);
    const greeting = connect({ host: 'b', port: 80, transport: network.host('a').transport });
    await runFlow(greeting.pipe(take(1), orDie()));
    for (let turn = 0; turn < 10; turn++) await nextTurn();
    seen.push(`connected at ${network.clock.now()}`);
  };
  const first = program();
  await network.advance(1_000);
  await first;
  expect(seen.splice(0)).toEqual(['dials at 0', 'connected at 10']);
  const second = program();
  await network.settle();
  await second;
  expect(seen).toEqual(['dials at 1000', 'connected at 1010']);
  server.unsubscribe();
});

test('two networks at once don’t wait for each other’s turns', async () => {
  const ends = [simulateNetwork(), simulateNetwork()].map((network) => network.run(() => network.sleep(86_400_000)));
  await Promise.all(ends);
});

test('a program that polls by immediates is named, and so is what it should do', async () => {
  const network = simulateNetwork({ report: () => {} });
  const due = new AbortController();
  const polling = network.run(async () => {
    network.clock.after(10, () => due.abort());
    while (!due.signal.aborted) await nextTurn();
  });
  await expect(polling).rejects.toThrow(/stuck: the program has taken 100000 turns .* wait with network\.sleep\(\)/);
  // Ends the program, which nobody else can.
  due.abort();
}, 60_000);

describe.each([[false], [true]])('a pool of one connection, with globalTimers: %s,', (globalTimers) => {
  test('serves callers that finish at once, one after the other, in no time', async () => {
    const network = simulateNetwork({ seed: 7 });
    const server = serve({ port: 80, transport: network.host('b').transport }, (each) => each.incoming).subscribe();
    const { transport } = network.host('a');
    const served = await network.run(
      async () => {
        const connections = pool({ host: 'b', port: 80, transport }, { size: 1 });
        const all = ['A', 'B', 'C'].map(async (name) => {
          await runFlow(connections.use(() => of(name)).pipe(orDie()));
          return `${name} at ${network.clock.now()} ms`;
        });
        const ends = await Promise.all(all);
        await connections.close();
        return ends;
      },
      { globalTimers },
    );
    server.unsubscribe();
    expect(served).toEqual(['A at 2 ms', 'B at 2 ms', 'C at 2 ms']);
  });

  test('loses an unused connection when its time has come, not later', async () => {
    const network = simulateNetwork({ seed: 7 });
    const server = serve({ port: 80, transport: network.host('b').transport }, (each) => each.incoming).subscribe();
    const { transport } = network.host('a');
    const left: string[] = [];
    await network.run(
      async () => {
        const connections = pool({ host: 'b', port: 80, transport }, { size: 1, idle: 5_000, maxLifetime: 3_600_000 });
        connections.events.subscribe((event) => {
          if (event.type === 'closed') left.push(`${event.reason} at ${network.clock.now()} ms`);
        });
        const ask = connections.use((connection) =>
          merge(of('a\n').pipe(sendTo(connection)), connection.incoming.pipe(lines(), take(1))),
        );
        expect(await runFlow(ask.pipe(orDie()))).toBe('a');
        await network.sleep(3_600_000);
      },
      { globalTimers },
    );
    server.unsubscribe();
    expect(left).toEqual(['idle at 5004 ms']);
  });
});
