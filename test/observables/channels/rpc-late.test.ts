// Answers that come after their request was given up: they are dropped, however many there are, and no other request gets one.
import { NEVER, take } from 'rxjs';
import { describe, expect, test } from 'vitest';

import { answerWith, framed, rpc, type Rpc, type RpcByIdOptions, type RpcOptions } from '../../../src/index.ts';
import { HandClock } from '../support/resources.ts';
import { pair } from '../support/sockets.ts';
import { failureOf, tick, until, watch, within } from '../support/wait.ts';
import {
  client as clientOf,
  type FakeChannel,
  fakeChannel,
  jsonText,
  type Message,
  type MessageChannel,
  servingMessages,
} from './support.ts';

type Ids = RpcByIdOptions<string, Message, Message>;

const byId = (channel: MessageChannel, options: Partial<Ids> = {}): Rpc<string, Message, unknown> =>
  rpc(channel, { assign: (text: string, id: number): Message => ({ id, text }), idOf: ({ id }) => id, ...options });

const byOrder = (channel: MessageChannel, options: RpcOptions<Message> = {}): Rpc<Message, Message, unknown> =>
  rpc(channel, options);

const asked = (fake: FakeChannel): string[] => fake.sent().map(({ id, text }) => `${id} ${text}`);

/** Asks, and gives it up at once. */
async function giveUp(client: Rpc<string, Message, unknown>, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const seen = watch(client.request(`given up ${n}`));
    await tick();
    seen.unsubscribe();
  }
}

describe('by id', () => {
  test('an id that is owed an answer is not handed out: a request waits until one has come', async () => {
    const fake = await fakeChannel();
    const client = byId(fake.channel, { largestId: 3, maxInFlight: 2 });
    await giveUp(client, 3);
    expect(client.inFlight).toBe(0);
    const next = watch(client.request('next'));
    const another = watch(client.request('another'));
    await tick();
    expect([client.inFlight, client.waiting, asked(fake).length]).toEqual([0, 2, 3]);
    fake.answer({ id: 2, text: 'late' });
    await tick();
    expect(asked(fake).slice(3)).toEqual(['2 next']);
    fake.answer({ id: 2, text: 'its own' }, { id: 3, text: 'late' }, { id: 1, text: 'late' });
    await tick();
    expect(next.values).toEqual([{ id: 2, text: 'its own' }]);
    expect(another.values).toEqual([]);
    const [id] = asked(fake).slice(-1);
    fake.answer({ id: Number(id?.split(' ')[0]), text: 'of another' });
    expect(another.values).toMatchObject([{ text: 'of another' }]);
  });

  test('any number of late answers is dropped, and the connection goes on', async () => {
    const fake = await fakeChannel();
    const client = byId(fake.channel, { maxInFlight: 5_000 });
    const all = Array.from({ length: 5_000 }, () => watch(client.request('slow')));
    await tick();
    for (const seen of all) seen.unsubscribe();
    for (let id = 1; id <= 5_000; id++) fake.answer({ id });
    const fresh = watch(client.request('fresh'));
    await tick();
    fake.answer({ id: 5_001 });
    expect(fresh.values).toEqual([{ id: 5_001 }]);
    expect(fake.link.closed).toBe(false);
  });

  test('also where more are owed than are remembered one by one', async () => {
    const fake = await fakeChannel();
    const unmatched: Message[] = [];
    const client = byId(fake.channel, { maxInFlight: 100_000, unmatched: (message) => unmatched.push(message) });
    const kept = watch(client.request('kept'));
    const all = Array.from({ length: 70_000 }, () => client.request('slow').subscribe());
    await tick();
    for (const seen of all) seen.unsubscribe();
    for (const id of [2, 3, 30_000, 70_001, 1]) fake.answer({ id });
    expect(kept.values).toEqual([{ id: 1 }]);
    expect(unmatched).toEqual([]);
    // What was answered, and what was never asked, are still told from late answers.
    fake.answer({ id: 70_001 }, { id: 70_002 });
    expect(unmatched).toEqual([{ id: 70_001 }, { id: 70_002 }]);
  });

  test('ids of 16 bits that have gone round leave out those that are owed an answer', async () => {
    const fake = await fakeChannel();
    const client = byId(fake.channel, { largestId: 65_535 });
    const owed = Array.from({ length: 1_500 }, () => client.request('slow').subscribe());
    await tick();
    // 1,024 may be in flight: the others leave as those are given up.
    for (const seen of owed) seen.unsubscribe();
    await tick();
    fake.answer({ id: 2 });
    for (let sent = 1_500; sent < 65_535;) {
      const batch = Math.min(1_000, 65_535 - sent);
      for (let n = 0; n < batch; n++) client.request('quick').subscribe();
      await tick();
      fake.answer(...Array.from({ length: batch }, (_, n) => ({ id: sent + n + 1 })));
      sent += batch;
    }
    expect(client.inFlight).toBe(0);
    const fresh = [watch(client.request('a')), watch(client.request('b'))];
    await tick();
    fake.answer({ id: 1, text: 'late' }, { id: 3, text: 'late' }, { id: 2, text: 'A' }, { id: 1_501, text: 'B' });
    expect(fresh.map(({ values }) => values)).toEqual([[{ id: 2, text: 'A' }], [{ id: 1_501, text: 'B' }]]);
  });

  test('a late answer comes once: a second one answers nothing', async () => {
    const fake = await fakeChannel();
    const unmatched: Message[] = [];
    const client = byId(fake.channel, { unmatched: (message) => unmatched.push(message) });
    await giveUp(client, 1);
    fake.answer({ id: 1, text: 'late' }, { id: 1, text: 'second' }, { id: 2, text: 'never asked' });
    expect(unmatched.map(({ text }) => text)).toEqual(['second', 'never asked']);
  });

  test('a stream that was cancelled keeps its id until its end', async () => {
    const fake = await fakeChannel();
    const client = byId(fake.channel, { largestId: 1, maxInFlight: 1, part: ({ part }) => part ?? 'last' });
    const stream = watch(client.request('stream').pipe(take(1)));
    await tick();
    fake.answer({ id: 1, text: 'a', part: 'more' });
    expect(stream.completed).toBe(true);
    const next = watch(client.request('next'));
    fake.answer({ id: 1, text: 'b', part: 'more' }, { id: 1, text: 'c', part: 'more' });
    await tick();
    expect(client.waiting).toBe(1);
    fake.answer({ id: 1, part: 'end' });
    await tick();
    fake.answer({ id: 1, text: 'its own' });
    expect(next.values).toEqual([{ id: 1, text: 'its own' }]);
  });

  test('ids that are text', async () => {
    const fake = await fakeChannel();
    const client = rpc(fake.channel, {
      assign: (_request: string, id): Message => ({ text: String(id) }),
      idOf: ({ text }) => (text === undefined ? undefined : Number.parseInt(text, 10)),
      largestId: 2,
      maxInFlight: 2,
    });
    const late = watch(client.request('late'));
    await tick();
    late.unsubscribe();
    const one = watch(client.request('one'));
    const two = watch(client.request('two'));
    await tick();
    fake.answer({ text: '1' }, { text: '2' });
    await tick();
    expect([one.values, two.values]).toEqual([[{ text: '2' }], []]);
    fake.answer({ text: '1' });
    expect(two.values).toEqual([{ text: '1' }]);
  });

  test('given up by the function that says which part an answer is: its id is free', async () => {
    const fake = await fakeChannel();
    const part = (): 'last' => {
      first.unsubscribe();
      return 'last';
    };
    const client = byId(fake.channel, { largestId: 1, maxInFlight: 1, part });
    const first = watch(client.request('first'));
    await tick();
    fake.answer({ id: 1 });
    const second = watch(client.request('second'));
    await tick();
    fake.answer({ id: 1, text: 'second' });
    expect(second.values).toEqual([{ id: 1, text: 'second' }]);
  });
});

describe('a peer that never answers what was given up', () => {
  test('a request that waits for an id ends by its own deadline, which says why', async () => {
    const clock = new HandClock();
    const fake = await fakeChannel();
    const client = byId(fake.channel, { largestId: 2, maxInFlight: 2, clock });
    await giveUp(client, 2);
    const waits = watch(client.request('waits', { deadline: 100 }));
    clock.advance(100);
    expect(failureOf(waits)._tag).toBe('DeadlineExceeded');
    expect(failureOf(waits).message).toContain('the peer owes 2 answers');
    expect(failureOf(waits).message).toContain('largestId is 2');
  });

  test.each([
    ['by id', (fake: FakeChannel, clock: HandClock) => byId(fake.channel, { largestId: 2, maxInFlight: 2, clock })],
    [
      'by order',
      (fake: FakeChannel, clock: HandClock) => {
        const client = byOrder(fake.channel, { maxInFlight: 2, clock });
        return { request: (text: string) => client.request({ text }) };
      },
    ],
  ])('%s without a deadline those that wait fail after owedTimeout; the connection goes on', async (_name, make) => {
    const clock = new HandClock();
    const fake = await fakeChannel();
    const client = make(fake, clock) as Rpc<string, Message, unknown>;
    await giveUp(client, 2);
    const waits = [watch(client.request('a')), watch(client.request('b'))];
    await tick();
    clock.advance(29_999);
    expect(waits.map(({ errors }) => errors)).toEqual([[], []]);
    clock.advance(1);
    for (const seen of waits) {
      expect(failureOf(seen)._tag).toBe('BufferOverflow');
      expect(failureOf(seen).message).toMatch(/no answer came for 30000 ms .*owes 2 answers.*lateAnswerTimeout/);
    }
    fake.answer({ id: 1 }, { id: 2 });
    const again = watch(client.request('again'));
    await tick();
    fake.answer({ id: fake.sent().at(-1)?.id ?? 0, text: 'again' });
    expect(again.values).toMatchObject([{ text: 'again' }]);
    expect(clock.pending).toBe(0);
  });

  test('with lateAnswerTimeout ids are handed out again after it', async () => {
    const clock = new HandClock();
    const fake = await fakeChannel();
    const client = byId(fake.channel, { largestId: 2, maxInFlight: 2, lateAnswerTimeout: 1_000, clock });
    await giveUp(client, 2);
    const next = watch(client.request('next'));
    clock.advance(999);
    await tick();
    expect(client.waiting).toBe(1);
    clock.advance(1);
    await tick();
    expect(client.waiting).toBe(0);
    fake.answer({ id: 1 });
    expect(next.values).toEqual([{ id: 1 }]);
    expect(clock.pending).toBe(0);
  });

  test('waiting is bounded by maxWaiting, and that failure says why they wait', async () => {
    const fake = await fakeChannel();
    const client = byId(fake.channel, { largestId: 1, maxInFlight: 1, maxWaiting: 1 });
    await giveUp(client, 1);
    const waits = watch(client.request('waits'));
    const tooMany = watch(client.request('too many'));
    expect(failureOf(tooMany)._tag).toBe('BufferOverflow');
    expect(failureOf(tooMany).message).toContain('the peer owes 1 answers');
    waits.unsubscribe();
  });
});

test('a server that confirms what was taken back frees its id, and one that has answered does not confirm', async () => {
  const { place, log } = await servingMessages(({ incoming }) =>
    incoming.pipe(
      answerWith(({ text }: Message) => (text === 'never' ? NEVER : [text]), {
        idOf: ({ id }) => id,
        assign: (text, id): Message => ({ id, text: text ?? '' }),
        cancelOf: ({ id, text }) => (text === 'cancel' ? id : undefined),
        cancelled: (id): Message => ({ id, text: 'cancelled' }),
      }),
    ),
  );
  const channel = await clientOf(place);
  const one = byId(channel, { largestId: 1, maxInFlight: 1, cancel: (id) => ({ id, text: 'cancel' }) });
  for (let n = 0; n < 20; n++) {
    watch(one.request('never')).unsubscribe();
    const crossing = watch(one.request('crosses its cancellation'));
    await until(() => one.waiting === 0, 'an id');
    crossing.unsubscribe();
    const seen = watch(one.request(`${n}`));
    await within(seen.ended, 'the answer');
    expect(seen.values).toEqual([{ id: 1, text: `${n}` }]);
  }
  expect(log.map(({ type }) => type)).toEqual(['listening', 'opened']);
});

describe('one rpc after the other on a connection', () => {
  test.each(['by id', 'by order'])('%s: what the first is owed goes to no request of the second', async (name) => {
    const fake = await fakeChannel();
    const request = (): ((text: string) => ReturnType<Rpc<string, Message, unknown>['request']>) & {
      release?: () => void;
    } => {
      if (name === 'by id') {
        const client = byId(fake.channel);
        return Object.assign((text: string) => client.request(text), { release: () => client.release() });
      }
      const client = byOrder(fake.channel);
      return Object.assign((text: string) => client.request({ text }), { release: () => client.release() });
    };
    const first = request();
    const [a, b] = [watch(first('a')), watch(first('b'))];
    await tick();
    b.unsubscribe();
    first.release?.();
    expect(failureOf(a)._tag).toBe('PossiblyDelivered');
    const c = watch(request()('c'));
    await tick();
    const id = fake.sent().at(-1)?.id;
    fake.answer({ id: 1, text: 'A' }, { id: 2, text: 'B' }, { ...(id === undefined ? {} : { id }), text: 'C' });
    expect(c.values).toMatchObject([{ text: 'C' }]);
    expect(fake.link.closed).toBe(false);
  });

  test('by order: what something else has read since is not waited for', async () => {
    const fake = await fakeChannel();
    const first = byOrder(fake.channel);
    watch(first.request({ text: 'a' })).unsubscribe();
    await tick();
    first.release();
    const between = watch(fake.channel.incoming.pipe(take(1)));
    fake.answer({ text: 'A' });
    expect(between.values).toEqual([{ text: 'A' }]);
    const b = watch(byOrder(fake.channel).request({ text: 'b' }));
    await tick();
    fake.answer({ text: 'B' });
    expect(b.values).toEqual([{ text: 'B' }]);
  });
});

test('over sockets, ids of one byte and a server that is slow once: each request gets its own answer or none', async () => {
  const { connection, peer } = await pair({}, { host: '127.0.0.1', port: 0 });
  peer.read();
  const client = rpc(framed(connection, jsonText<Message>()), {
    assign: (text: string, id): Message => ({ id, text }),
    idOf: ({ id }) => id,
    largestId: 255,
    deadline: 300,
  });
  const all = Array.from({ length: 600 }, (_, n) => ({ text: `${n}`, seen: watch(client.request(`${n}`)) }));
  await until(() => all.every(({ seen }) => seen.errors.length > 0), 'the deadlines');
  const fresh = Array.from({ length: 200 }, (_, n) => ({
    text: `fresh ${n}`,
    seen: watch(client.request(`fresh ${n}`)),
  }));
  // Answers all that it was ever asked, late and in order.
  peer.onChunk = (chunk) => peer.socket.write(chunk);
  peer.socket.write(peer.text);
  for (const { text, seen } of fresh) {
    await within(seen.ended, text);
    expect(seen.values.map((message) => message.text)).toEqual(seen.errors.length === 0 ? [text] : []);
  }
  const last = watch(client.request('last', { deadline: 5_000 }));
  await within(last.ended, 'the last');
  expect(last.values).toMatchObject([{ text: 'last' }]);
  expect(all.every(({ seen }) => seen.values.length === 0)).toBe(true);
  connection.destroy();
});
