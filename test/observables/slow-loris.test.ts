// Peers that send a byte a second, for ever: which limit cuts them, and that a thousand of them are no trouble to anybody else.
import { map } from '../../src/rx.ts';
import { describe, expect, test } from 'vitest';

import {
  type Connection,
  createNodeTransport,
  deadline,
  firstByteTimeout,
  idleTimeout,
  lines,
  messageTimeout,
  type Op,
  readTimeout,
} from '../../src/index.ts';
import { type FakeConnection, fakeConnection } from './support/fake-link.ts';
import { ManualClock } from './support-failures/manual-clock.ts';
import { type RawPeer, rawPeer } from './support-failures/peers.ts';
import { record, tagOf } from './support-failures/record.ts';
import { serving } from './support-failures/serving.ts';
import { turns, until } from './support-failures/wait.ts';

/** Sends a byte each second and says after how many ms the connection was cut, and with what; `undefined` when it never was. */
function drip(fake: FakeConnection, clock: ManualClock, flow: ReturnType<typeof record>): [number, string] | undefined {
  for (let ms = 1; ms <= 60_000; ms++) {
    clock.advance(1);
    if (flow.ending !== undefined) return [ms, flow.ending.kind === 'error' ? tagOf(flow.ending.error) : 'complete'];
    if (ms % 1_000 === 0) fake.link.deliver('x');
  }
  return undefined;
}

describe('a byte a second', () => {
  test.each<[string, Op<string, string, unknown>, [number, string] | undefined]>([
    ['firstByteTimeout, longer than a second', firstByteTimeout(1_500), undefined],
    ['firstByteTimeout, shorter than a second', firstByteTimeout(900), [900, 'FirstByteTimeout']],
    ['readTimeout, longer than a second: each byte starts it anew', readTimeout(1_500), undefined],
    ['readTimeout, shorter than a second', readTimeout(900), [900, 'ReadTimeout']],
    ['idleTimeout, longer than a second: each byte starts it anew', idleTimeout(1_500), undefined],
    ['deadline', deadline(5_000), [5_000, 'DeadlineExceeded']],
    ['messageTimeout, from the first byte on', messageTimeout(5_000), [6_000, 'MessageTimeout']],
  ])('%s', async (_name, limit, expected) => {
    const clock = new ManualClock();
    const fake = await fakeConnection({ clock });
    const reading = record(fake.connection.incoming.pipe(lines(), limit));
    expect(drip(fake, clock, reading)).toEqual(expected);
  });
});

test('1,000 of them are all cut, and meanwhile a lively connection is served', { timeout: 60_000 }, async () => {
  const many = 1_000;
  const clock = new ManualClock();
  const transport = createNodeTransport({ clock });
  const server = await serving(
    (connection: Connection) =>
      connection.incoming.pipe(
        lines(),
        messageTimeout(10_000),
        map((line) => `${line}\n`),
      ),
    { transport, firstByteTimeout: 5_000, backlog: 2_000 },
  );
  const loris: RawPeer[] = [];
  for (let i = 0; i < many; i++) loris.push(await rawPeer(server.place));
  const pinger = await rawPeer(server.place);
  await server.until('opened', many + 1);
  let answered = 0;
  const ping = async (): Promise<void> => {
    const text = `ping ${answered}`;
    await pinger.send(`${text}\n`);
    await pinger.receives(`${text}\n`);
    answered++;
  };
  // The first says nothing at all.
  const [mute, ...dripping] = loris;
  await ping();
  for (let second = 1; second <= 10; second++) {
    clock.advance(1_000);
    const before = server.all('closed').length;
    for (const peer of dripping) if (!peer.closed) peer.socket.write('x');
    await ping();
    await ping();
    if (second < 5) expect(before).toBe(0);
    if (second === 5) {
      await mute?.close();
      expect(server.all('failed').map(({ failure }) => tagOf(failure))).toEqual(['FirstByteTimeout']);
    }
    if (second === 1) {
      await until(
        () => server.all('opened').filter(({ connection }) => connection.bytesRead > 0).length === many,
        'the first bytes',
      );
    }
  }
  expect(server.all('failed')).toHaveLength(1);
  clock.advance(1_000);
  await ping();
  await server.until('closed', many);
  await turns();
  const tags = server.all('failed').map(({ failure }) => tagOf(failure));
  expect(tags.filter((tag) => tag === 'MessageTimeout')).toHaveLength(many - 1);
  expect(answered).toBe(22);
  await ping();
  expect(pinger.closed).toBe(false);
});
