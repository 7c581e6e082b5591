// What goes in order goes the same way everywhere: scenarios without faults over the operating system and over a simulated network.
import { expect, test } from 'vitest';

import { scenarios } from './index.ts';
import { violationsOf } from './support/invariants.ts';
import type { Observations } from './support/observations.ts';
import { runReal, runUndisturbed } from './support/run.ts';

/** What two worlds have in common: not ports, nor times, nor in which pieces bytes came. */
function essenceOf(seen: Observations): unknown {
  return {
    ends: [...seen.ends].toSorted(([one], [other]) => (one < other ? -1 : 1)),
    streams: seen.streams
      .map(({ name, sent, received, sender, receiver, isBytes }) => ({
        name,
        sent: isBytes ? sent.join('') : sent,
        received: isBytes ? received.join('') : received,
        sender,
        receiver,
      }))
      .toSorted((one, other) => (one.name < other.name ? -1 : 1)),
    requests: [...seen.requests].toSorted(([one], [other]) => (one < other ? -1 : 1)),
    ledgers: seen.ledgers
      .map(({ side, info: { read, write, bytesRead, bytesWritten, bytesUnflushed, failure } }) =>
        [side, read, write, bytesRead, bytesWritten, bytesUnflushed, failure?._tag].join(' '),
      )
      .toSorted(),
    drains: seen.drains.map(({ report: { cut, unclaimed } }) => ({ cut: cut.length, unclaimed })),
  };
}

const steady = scenarios.filter(({ isSteady }) => isSteady === true);

test.each(steady.flatMap((scenario) => [1, 2, 3].map((seed) => [scenario.name, seed, scenario] as const)))(
  '%s, seed %i',
  async (_name, seed, scenario) => {
    const simulated = await runUndisturbed(scenario, seed);
    const real = await runReal(scenario, seed);
    expect(violationsOf(real)).toEqual([]);
    expect(violationsOf(simulated)).toEqual([]);
    expect(essenceOf(real)).toEqual(essenceOf(simulated));
  },
);
