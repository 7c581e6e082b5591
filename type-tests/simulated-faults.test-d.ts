import {
  exploreSeeds,
  type ScheduledFault,
  type SeedFailed,
  simulateNetwork,
  type SimulatedNetwork,
  slowClose,
  type Timeline,
  type TraceEntry,
} from 'rxjs-net/testing';
import { expectError, expectType } from 'tsd';

const network = simulateNetwork();

expectType<Timeline>(network.at(1_000, () => network.heal()).at(2_000, async () => {}));
expectType<Promise<void>>(network.at(1, () => {}).done);
expectError(network.at('1s', () => {}));
expectType<Timeline>(
  network.play([
    { at: 0, fault: 'delay', ms: 5, from: 'a', to: 'b', port: 80 },
    { at: 0, for: 5, fault: 'partition', between: ['a', 'b'] },
    { at: 0, for: 5, fault: 'crash', host: 'a' },
    { at: 5, fault: 'slowClose' },
  ]),
);
expectError(network.play([{ at: 0, fault: 'delay' }]));
expectError(network.play([{ fault: 'stall' }]));
expectError(network.play([{ at: 0, fault: 'crash', from: 'a' }]));
expectError(network.play([{ at: 0, fault: 'partition', between: ['a'] }]));
expectError(network.play([{ at: 0, fault: 'flood' }]));
expectType<() => void>(network.fault({ port: 80 }, slowClose(5)));
expectError(network.fault({ host: 'a' }, slowClose(5)));

expectType<string>(network.trace({ format: 'json' }));
expectType<readonly TraceEntry[]>(network.traceEntries());
expectError(network.trace({ format: 'xml' }));
network.host('small', { backlog: 1 });
expectError(network.host('small', { window: 1 }));

expectType<Promise<void>>(
  exploreSeeds(10, async ({ seed, random, network: make, disturb }) => {
    expectType<number>(seed);
    expectType<number>(random.integer(1, 2));
    const made = make({ latency: 5, backlog: 2 });
    expectType<SimulatedNetwork>(made);
    expectType<Timeline>(disturb(made, { links: [['a', 'b']], kinds: ['stall'] }));
    expectError(disturb(made, { links: [['a']] }));
    expectError(disturb(made, { links: [['a', 'b']], kinds: ['flood'] }));
    expectError(make({ seed: 1 }));
  }),
);
expectError(exploreSeeds(10));
expectType<readonly ScheduledFault[] | undefined>(({} as SeedFailed).schedule);
expectType<'SeedFailed'>(({} as SeedFailed)._tag);
