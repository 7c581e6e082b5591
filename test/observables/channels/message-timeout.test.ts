// A peer that sends half a message and no more is evicted from a channel, by default after 30 s.
import { describe, expect, test } from 'vitest';

import {
  catchAll,
  choose,
  connect,
  framed,
  lengthPrefixed,
  lines,
  mapFraming,
  rpc,
  type ServeEvent,
  serveFramed,
} from '../../../src/index.ts';
import { mergeMap } from '../../../src/rx.ts';
import { simulateNetwork } from '../../../src/testing/index.ts';
import { SlowConsumer } from '../support/fake-upstream.ts';
import { fakeConnection } from '../support/fake-link.ts';
import { HandClock } from '../support/resources.ts';
import { placeOf, rawPeer } from '../support/sockets.ts';
import { failureOf, tick, until, watch } from '../support/wait.ts';

async function half(options: { messageTimeout?: number } = {}, framing = lines()) {
  const clock = new HandClock();
  const fake = await fakeConnection({ clock });
  const seen = watch(framed(fake.connection, framing, options).incoming);
  return { clock, fake, seen };
}

describe('on a channel', () => {
  test('half a message for 30 s ends the connection, and its reader is told why', async () => {
    const { clock, fake, seen } = await half();
    fake.link.deliver('one\nha');
    clock.advance(29_999);
    expect(seen.errors).toEqual([]);
    clock.advance(1);
    expect(failureOf(seen)).toMatchObject({
      _tag: 'ConnectionClosed',
      cause: { _tag: 'MessageTimeout', limit: 30_000 },
    });
    await tick();
    expect(fake.link.closed).toBe(true);
    expect(clock.pending).toBe(0);
  });

  test('a byte now and then is no help', async () => {
    const { clock, fake, seen } = await half();
    for (let second = 0; second < 31 && seen.errors.length === 0; second++) {
      fake.link.deliver('x');
      clock.advance(1_000);
    }
    expect(failureOf(seen)).toMatchObject({ cause: { _tag: 'MessageTimeout' } });
  });

  test('a peer between two messages may be silent, and each message has its own time', async () => {
    const { clock, fake, seen } = await half();
    for (let n = 0; n < 10; n++) {
      // Each chunk ends the message that is begun and begins another.
      fake.link.deliver('end\nbegin ');
      clock.advance(20_000);
    }
    fake.link.deliver('end\n');
    clock.advance(3_600_000);
    expect(seen.errors).toEqual([]);
    expect(seen.values).toHaveLength(11);
    expect(clock.pending).toBe(0);
  });

  test('time in which the consumer makes it wait is not counted', async () => {
    const clock = new HandClock();
    const fake = await fakeConnection({ clock });
    const consumer = new SlowConsumer<string>();
    framed(fake.connection, lines()).incoming.subscribe(consumer.observer);
    fake.link.deliver('one\nha');
    clock.advance(60_000);
    expect(fake.link.closed).toBe(false);
    consumer.drain();
    clock.advance(29_999);
    await tick();
    expect(fake.link.closed).toBe(false);
    clock.advance(1);
    await tick();
    expect(fake.link.closed).toBe(true);
  });

  test('settable, off with 0, and refused where it is no time', async () => {
    const short = await half({ messageTimeout: 10 });
    short.fake.link.deliver('ha');
    short.clock.advance(10);
    expect(short.seen.errors).toHaveLength(1);
    const off = await half({ messageTimeout: 0 });
    off.fake.link.deliver('ha');
    off.clock.advance(3_600_000);
    expect(off.seen.errors).toEqual([]);
    expect(() => framed(off.fake.connection, lines(), { messageTimeout: -1 })).toThrow('messageTimeout');
    expect(() => framed(off.fake.connection, lines(), { timeout: 1 } as never)).toThrow('timeout');
  });

  test.each([
    ['lengthPrefixed', lengthPrefixed({ bytes: 4 }), Buffer.of(0, 0)],
    ['mapFraming', mapFraming(lines(), Number, String), Buffer.from('1')],
    [
      'choose',
      choose({ a: { tag: 1, framing: lines() }, b: { tag: 2, framing: lengthPrefixed({ bytes: 4 }) } }),
      Buffer.of(1),
    ],
  ])('with %s', async (_name, framing, bytes) => {
    const { clock, fake, seen } = await half({}, framing as never);
    fake.link.deliver(bytes);
    clock.advance(30_000);
    expect(failureOf(seen)).toMatchObject({ cause: { _tag: 'MessageTimeout' } });
  });

  test('the bytes that a reader leaves are those of another limit: one that has left watches nothing', async () => {
    const { clock, fake, seen } = await half();
    fake.link.deliver('ha');
    seen.unsubscribe();
    expect(clock.pending).toBe(0);
    clock.advance(60_000);
    expect(fake.link.closed).toBe(false);
  });

  test('a request whose answer comes half is PossiblyDelivered', async () => {
    const clock = new HandClock();
    const fake = await fakeConnection({ clock });
    const asked = watch(rpc(framed(fake.connection, lines())).request('?'));
    await tick();
    fake.link.deliver('ye');
    clock.advance(30_000);
    expect(failureOf(asked)).toMatchObject({ _tag: 'PossiblyDelivered', cause: { cause: { _tag: 'MessageTimeout' } } });
  });
});

test('serveFramed evicts such a peer, with a failed event that says so, and nobody else', async () => {
  const log: ServeEvent<unknown>[] = [];
  const events = serveFramed({ port: 0, host: '127.0.0.1', messageTimeout: 50 }, lines(), ({ incoming }) => incoming);
  const seen = watch(events.pipe(mergeMap((event) => (log.push(event), [event]))));
  await until(() => log.length > 0, 'listening');
  const [listening] = log;
  if (listening?.type !== 'listening') throw new Error('not listening');
  const place = placeOf(listening.address);
  const [stalled, honest] = [await rawPeer(place), await rawPeer(place)];
  for (const peer of [stalled, honest]) peer.read();
  honest.socket.write('a line\n');
  stalled.socket.write('half');
  await until(() => log.some(({ type }) => type === 'closed'), 'the eviction');
  expect(log.flatMap((event) => (event.type === 'failed' ? [event.failure] : []))).toMatchObject([
    { _tag: 'MessageTimeout', limit: 50 },
  ]);
  honest.socket.write('another\n');
  await until(() => honest.text === 'a line\nanother\n', 'the echo');
  seen.unsubscribe();
});

test('by default after 30 s, over a simulated network; a dripping peer, too', async () => {
  const network = simulateNetwork({ latency: 5 });
  const closed: string[] = [];
  const server = serveFramed({ port: 80, transport: network.host('server').transport }, lines(), ({ incoming }) =>
    incoming.pipe(),
  ).subscribe((event) => {
    if (event.type === 'failed') closed.push(`${event.failure._tag} at ${Math.round(network.clock.now() / 1_000)} s`);
  });
  const { transport } = network.host('client');
  const dial = (text: string, each: number) =>
    connect({ host: 'server', port: 80, transport }).pipe(
      mergeMap((connection) => {
        const write = (): void => {
          connection.write(text);
          if (each > 0) network.clock.after(each, write);
        };
        write();
        return connection.incoming;
      }),
      catchAll(() => []),
    );
  const [one, two] = [watch(dial('half', 0)), watch(dial('x', 500))];
  await network.run(() => Promise.all([one.ended, two.ended]));
  expect(closed).toEqual(['MessageTimeout at 30 s', 'MessageTimeout at 30 s']);
  server.unsubscribe();
});
