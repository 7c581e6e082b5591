// The invariants themselves: each finds what it is there for, and says nothing of a run in order.
import { expect, test } from 'vitest';

import type { CloseInfo } from '../../../src/index.ts';
import { violationsOf } from './support/invariants.ts';
import { Observations } from './support/observations.ts';

const info: CloseInfo = {
  read: 'fin',
  write: 'fin',
  bytesRead: 3,
  bytesWritten: 3,
  bytesUnflushed: 0,
  lifetime: 10,
  failure: undefined,
};

const KEY = '10.0.0.2:32768';

/** A run in which all went well, and what `change` makes of it. */
function observed(change: (seen: Observations) => void = () => {}): Observations {
  const seen = new Observations();
  seen.begins('a talk')('complete');
  seen.asked('a request');
  seen.settled('a request');
  for (const side of ['client', 'server'] as const) {
    seen.opened(KEY, side);
    seen.closed(KEY, side, info);
  }
  const stream = seen.stream('a stream');
  stream.over.push(KEY);
  stream.sent.push('one', 'two');
  stream.received.push('one', 'two');
  stream.sender = 'complete';
  stream.receiver = 'complete';
  seen.drains.push({
    open: 3,
    deadline: 100,
    report: { finished: 1, cut: [{ remote: undefined, bytesPending: 0 }], unclaimed: 1, duration: 100 },
  });
  change(seen);
  return seen;
}

const changed = (seen: Observations, side: 'client' | 'server', change: Partial<CloseInfo>): void => {
  const index = seen.ledgers.findIndex((ledger) => ledger.side === side);
  seen.ledgers[index] = { key: KEY, side, info: { ...info, ...change } };
};

test('nothing is said of a run in order', () => {
  expect(violationsOf(observed())).toEqual([]);
});

test.each<[string, RegExp, (seen: Observations) => void]>([
  ['never ends', /hangs never ended/, (seen) => seen.begins('hangs')],
  ['ends twice', /ended twice/, (seen) => ['complete', 'complete'].map(seen.begins('twice'))],
  ['ends in a plain Error', /ended in a defect/, (seen) => seen.begins('plain')('defect: Error')],
  ['a request that settles twice', /settled 2 times/, (seen) => seen.settled('a request')],
  ['a request that never settles', /settled 0 times/, (seen) => seen.asked('another')],
  ['items in another order', /no beginning of what was sent/, (seen) => seen.streams[0]?.received.unshift('two')],
  ['an item that is missing in between', /no beginning/, (seen) => seen.streams[0]?.received.shift()],
  ['one too many', /no beginning/, (seen) => seen.streams[0]?.received.push('three')],
  ['the last one lost without a word', /1 of 2 arrived/, (seen) => seen.streams[0]?.received.pop()],
  [
    'a receiver that ends in a plain Error',
    /the receiver of/,
    (seen) => void ((seen.streams[0] ?? seen.stream('')).receiver = 'defect'),
  ],
  ['bytes from nowhere', /6 bytes were read of 3/, (seen) => changed(seen, 'server', { bytesRead: 6 })],
  ['bytes lost by ledgers in order', /3 were written and 2 read/, (seen) => changed(seen, 'client', { bytesRead: 2 })],
  ['a FIN before the last byte', /5 bytes unsent/, (seen) => changed(seen, 'client', { bytesUnflushed: 5 })],
  ['a negative number', /a negative number/, (seen) => changed(seen, 'client', { lifetime: -1 })],
  ['a ledger that never comes', /never told its ledger/, (seen) => seen.opened('other', 'client')],
  ['a ledger that comes twice', /told its close twice/, (seen) => seen.closed(KEY, 'client', info)],
  [
    'a drain that forgets one',
    /a drain of 4 tells of 1 finished, 1 cut and 1 unclaimed/,
    ({ drains: [drain], ...seen }) => void (drain && Object.assign(drain, { open: 4 }), seen),
  ],
  [
    'a drain that takes too long',
    /a drain took 100 ms of 99/,
    ({ drains: [drain] }) => void (drain && Object.assign(drain, { deadline: 99 })),
  ],
  [
    'a bound that is not kept',
    /bytes queued: 11, which is more than 10/,
    (seen) => seen.atMost('bytes queued', 11, 10),
  ],
])('%s is found', (_what, expected, change) => {
  const found = violationsOf(observed(change));
  expect(found).toEqual([expect.stringMatching(expected)]);
});

test('what a reset on the way has cut may be missing although both ends say that it went well', () => {
  const cut = observed((seen) => {
    seen.streams[0]?.received.pop();
    changed(seen, 'client', { bytesRead: 2 });
    seen.cut.add(KEY);
  });
  expect(violationsOf(cut)).toEqual([]);
});
