import { concat, lastValueFrom, mergeMap, of, Subject, take, toArray } from 'rxjs';
import { describe, expect, test } from 'vitest';

import {
  catchAll,
  ConnectionReset,
  currentUpstream,
  deadline as timeLimit,
  framed,
  type Framing,
  lines,
  type PossiblyDelivered,
  rpc,
  type Rpc,
  type RpcByIdOptions,
  type RpcOptions,
} from '../../../src/index.ts';
import { fakeConnection } from '../support/fake-link.ts';
import { FakeUpstream, SlowConsumer } from '../support/fake-upstream.ts';
import { CountingClock, HandClock, listenerCount } from '../support/resources.ts';
import { failureOf, tick, turn, watch, within } from '../support/wait.ts';
import { type FakeChannel, fakeChannel, type Message, type MessageChannel } from './support.ts';

type Ids = RpcByIdOptions<string, Message, Message>;

const ids: Pick<Ids, 'assign' | 'idOf'> = {
  assign: (text, id) => ({ id, text }),
  idOf: ({ id }) => id,
};

const part = (message: Message): 'more' | 'last' | 'end' => message.part ?? 'last';

/** Requests by id. */
const byId = (channel: MessageChannel, options: Partial<Ids> = {}): Rpc<string, Message, unknown> =>
  rpc(channel, { ...ids, ...options });

const byOrder = (channel: MessageChannel, options: RpcOptions<Message> = {}): Rpc<Message, Message, unknown> =>
  rpc(channel, options);

/** The ids under which texts were asked, in the order in which they left. */
const asked = (fake: FakeChannel): string[] => fake.sent().map(({ id, text }) => `${id} ${text}`);

describe('by id', () => {
  test('an answer goes to its request, in whatever order it comes', async () => {
    const fake = await fakeChannel();
    const client = byId(fake.channel);
    const [a, b, c] = ['a', 'b', 'c'].map((text) => watch(client.request(text)));
    await tick();
    expect(asked(fake)).toEqual(['1 a', '2 b', '3 c']);
    expect(client.inFlight).toBe(3);
    fake.answer({ id: 3, text: 'C' }, { id: 1, text: 'A' });
    fake.answer({ id: 2, text: 'B' });
    expect([a, b, c].map((seen) => seen?.values)).toEqual([
      [{ id: 1, text: 'A' }],
      [{ id: 2, text: 'B' }],
      [{ id: 3, text: 'C' }],
    ]);
    expect([a, b, c].every((seen) => seen?.completed)).toBe(true);
    expect(client.inFlight).toBe(0);
  });

  test('nothing is read or written before the first request', async () => {
    const fake = await fakeChannel();
    const client = byId(fake.channel);
    const request = client.request('a');
    await turn();
    expect(fake.link.calls).toEqual([]);
    expect(fake.link.writes).toEqual([]);
    watch(request);
    await tick();
    expect(fake.link.calls).toEqual(['startReading']);
  });

  test('each subscription asks anew', async () => {
    const fake = await fakeChannel();
    const request = byId(fake.channel).request('a');
    watch(request);
    watch(request);
    await tick();
    expect(asked(fake)).toEqual(['1 a', '2 a']);
  });

  test('requests made in one delivery leave as one write', async () => {
    const fake = await fakeChannel();
    const client = byId(fake.channel);
    watch(
      client.request('first').pipe(
        mergeMap(() => [1, 2, 3]),
        mergeMap((n) => client.request(`${n}`)),
      ),
    );
    await tick();
    fake.answer({ id: 1 });
    expect(fake.link.writes).toHaveLength(2);
    expect(asked(fake)).toEqual(['1 first', '2 1', '3 2', '4 3']);
  });

  test('ids begin again after the largest, and leave out those in use', async () => {
    const fake = await fakeChannel();
    const client = byId(fake.channel, { largestId: 3, maxInFlight: 2 });
    watch(client.request('a'));
    watch(client.request('b'));
    await tick();
    fake.answer({ id: 2 });
    watch(client.request('c'));
    await tick();
    fake.answer({ id: 3 });
    watch(client.request('d'));
    await tick();
    expect(asked(fake)).toEqual(['1 a', '2 b', '3 c', '2 d']);
  });

  test('several answers until the last', async () => {
    const fake = await fakeChannel();
    const client = byId(fake.channel, { part });
    const seen = watch(client.request('list'));
    const other = watch(client.request('other'));
    await tick();
    fake.answer({ id: 1, text: '1', part: 'more' }, { id: 2 }, { id: 1, text: '2', part: 'more' });
    expect(seen.completed).toBe(false);
    expect(other.completed).toBe(true);
    fake.answer({ id: 1, text: '3', part: 'last' });
    expect(seen.values.map(({ text }) => text)).toEqual(['1', '2', '3']);
    expect(seen.completed).toBe(true);
  });

  test('several answers until an end marker, which is none', async () => {
    const fake = await fakeChannel();
    const client = byId(fake.channel, { part });
    const seen = watch(client.request('list'));
    const empty = watch(client.request('nothing'));
    await tick();
    fake.answer({ id: 1, text: '1', part: 'more' }, { id: 2, part: 'end' }, { id: 1, part: 'end' });
    expect(seen.values.map(({ text }) => text)).toEqual(['1']);
    expect(seen.completed).toBe(true);
    expect(empty.values).toEqual([]);
    expect(empty.completed).toBe(true);
    expect(client.inFlight).toBe(0);
  });

  test('a thousand in flight, answered backwards', async () => {
    const fake = await fakeChannel();
    const client = byId(fake.channel);
    const all = Array.from({ length: 1_000 }, (_, n) => watch(client.request(`${n}`)));
    await tick();
    expect(client.inFlight).toBe(1_000);
    const questions = fake.sent().toReversed();
    fake.answer(...questions);
    expect(all.every((seen, n) => seen.completed && seen.values[0]?.text === `${n}`)).toBe(true);
    expect(client.inFlight).toBe(0);
  });
});

describe('by order', () => {
  test('the next answer is that of the oldest request', async () => {
    const fake = await fakeChannel();
    const client = byOrder(fake.channel);
    const [a, b] = ['a', 'b'].map((text) => watch(client.request({ text })));
    await tick();
    expect(fake.sent()).toEqual([{ text: 'a' }, { text: 'b' }]);
    fake.answer({ text: 'A' }, { text: 'B' });
    expect([a, b].map((seen) => seen?.values[0]?.text)).toEqual(['A', 'B']);
    expect([a, b].every((seen) => seen?.completed)).toBe(true);
  });

  test('several answers until the last: what comes after them is for the next', async () => {
    const fake = await fakeChannel();
    const client = byOrder(fake.channel, { part });
    const [a, b] = ['a', 'b'].map((text) => watch(client.request({ text })));
    await tick();
    fake.answer({ text: '1', part: 'more' }, { text: '2', part: 'last' }, { text: '3', part: 'more' }, { part: 'end' });
    expect(a?.values.map(({ text }) => text)).toEqual(['1', '2']);
    expect(b?.values.map(({ text }) => text)).toEqual(['3']);
    expect(b?.completed).toBe(true);
  });

  test('one that was given up keeps its place until its answer has come', async () => {
    const fake = await fakeChannel();
    const client = byOrder(fake.channel, { maxInFlight: 2 });
    const [a, b, c] = ['a', 'b', 'c'].map((text) => watch(client.request({ text })));
    await tick();
    a?.unsubscribe();
    expect(client.inFlight).toBe(2);
    expect(fake.sent()).toHaveLength(2);
    fake.answer({ text: 'A' });
    await tick();
    expect(fake.sent()).toHaveLength(3);
    fake.answer({ text: 'B' }, { text: 'C' });
    expect(a?.values).toEqual([]);
    expect(b?.values).toEqual([{ text: 'B' }]);
    expect(c?.values).toEqual([{ text: 'C' }]);
  });

  test('one that was given up in the middle of its answers, too', async () => {
    const fake = await fakeChannel();
    const client = byOrder(fake.channel, { part });
    const a = watch(client.request({ text: 'a' }).pipe(take(1)));
    const b = watch(client.request({ text: 'b' }));
    await tick();
    fake.answer({ text: '1', part: 'more' }, { text: '2', part: 'more' }, { text: '3', part: 'last' }, { text: 'B' });
    expect(a.values.map(({ text }) => text)).toEqual(['1']);
    expect(b.values.map(({ text }) => text)).toEqual(['B']);
  });
});

describe('bounds', () => {
  test('maxInFlight are under way, maxWaiting wait, one more fails and says what to do', async () => {
    const fake = await fakeChannel();
    const client = byId(fake.channel, { maxInFlight: 2, maxWaiting: 1 });
    const all = Array.from({ length: 4 }, (_, n) => watch(client.request(`${n}`)));
    await tick();
    expect([client.inFlight, client.waiting]).toEqual([2, 1]);
    expect(failureOf(all[3]!)).toMatchObject({ _tag: 'BufferOverflow', unit: 'items', limit: 1, queued: 2 });
    expect(failureOf(all[3]!).message).toContain('maxWaiting');
    fake.answer({ id: 1 });
    await tick();
    expect([client.inFlight, client.waiting]).toEqual([2, 0]);
    expect(asked(fake)).toEqual(['1 0', '2 1', '3 2']);
    fake.answer({ id: 2 }, { id: 3 });
    expect(all.slice(0, 3).every((seen) => seen.completed)).toBe(true);
  });

  test('with maxWaiting 0 none waits', async () => {
    const fake = await fakeChannel();
    const client = byId(fake.channel, { maxInFlight: 1, maxWaiting: 0 });
    watch(client.request('a'));
    expect(failureOf(watch(client.request('b')))._tag).toBe('BufferOverflow');
  });

  test('one that waits and is given up makes room', async () => {
    const fake = await fakeChannel();
    const client = byId(fake.channel, { maxInFlight: 1, maxWaiting: 1 });
    watch(client.request('a'));
    const waiting = watch(client.request('b'));
    waiting.unsubscribe();
    expect(client.waiting).toBe(0);
    const third = watch(client.request('c'));
    expect(third.errors).toEqual([]);
    await tick();
    fake.answer({ id: 1 });
    await tick();
    expect(asked(fake)).toEqual(['1 a', '2 c']);
  });

  test('who delivers what requests are made of is held while one waits', async () => {
    const fake = await fakeChannel();
    const client = byId(fake.channel, { maxInFlight: 2, maxWaiting: 2 });
    const source = new FakeUpstream(1_000);
    const seen = watch(source.values.pipe(mergeMap((n) => client.request(`${n}`))));
    expect(source.emitted).toBe(3);
    expect(source.held).toBe(1);
    await tick();
    for (let id = 1; id <= 1_000; id++) {
      fake.answer({ id, text: `${id}` });
      await tick();
    }
    expect(seen.errors).toEqual([]);
    expect(seen.values).toHaveLength(1_000);
    expect(seen.completed).toBe(true);
    expect(source.held).toBe(0);
  });

  test('and is let go when the connection goes', async () => {
    const fake = await fakeChannel();
    const client = byId(fake.channel, { maxInFlight: 1, maxWaiting: 2 });
    const source = new FakeUpstream(10);
    const seen = watch(source.values.pipe(mergeMap((n) => client.request(`${n}`).pipe(catchAll(() => of('failed'))))));
    expect(source.held).toBe(1);
    await tick();
    fake.link.close('broken', new ConnectionReset());
    await turn();
    expect(source.held).toBe(0);
    expect(seen.values).toEqual(Array.from({ length: 10 }, () => 'failed'));
    expect(seen.completed).toBe(true);
  });

  test('a peer that takes nothing makes requests wait, not the connection overflow', async () => {
    const fake = await fakeChannel({ highWaterMark: 100, maxQueued: 200 });
    fake.link.stall();
    const client = byId(fake.channel, { maxWaiting: 1_000 });
    const all = Array.from({ length: 500 }, (_, n) => watch(client.request(`${n}`)));
    await tick();
    expect(client.waiting).toBeGreaterThan(400);
    expect(fake.connection.bytesQueued).toBeLessThan(200);
    fake.link.open();
    await turn();
    expect(client.waiting).toBe(0);
    expect(asked(fake)).toHaveLength(500);
    fake.answer(...fake.sent());
    expect(all.every((seen) => seen.completed)).toBe(true);
  });
});

describe('giving up', () => {
  test('answers that come late are dropped, and are not taken for wrong ones', async () => {
    const fake = await fakeChannel();
    const client = byId(fake.channel);
    const a = watch(client.request('a'));
    const b = watch(client.request('b'));
    await tick();
    a.unsubscribe();
    expect(client.inFlight).toBe(1);
    fake.answer({ id: 1, text: 'late' }, { id: 2, text: 'B' });
    expect(a.values).toEqual([]);
    expect(b.values).toEqual([{ id: 2, text: 'B' }]);
    expect(fake.connection.write('')).toBe(true);
  });

  test('tells the peer where the protocol has a word for it', async () => {
    const fake = await fakeChannel();
    const client = byId(fake.channel, { cancel: (id) => ({ id, text: 'cancel' }) });
    const a = watch(client.request('a'));
    await tick();
    a.unsubscribe();
    const never = watch(client.request('b'));
    never.unsubscribe();
    await tick();
    expect(asked(fake)).toEqual(['1 a', '1 cancel', '2 b', '2 cancel']);
  });

  test('nothing is told of one that never left our queue, or was answered', async () => {
    const fake = await fakeChannel();
    const client = byId(fake.channel, { maxInFlight: 1, cancel: (id) => ({ id, text: 'cancel' }) });
    const a = watch(client.request('a').pipe(take(1)));
    const b = watch(client.request('b'));
    b.unsubscribe();
    await tick();
    fake.answer({ id: 1 });
    await tick();
    expect(a.completed).toBe(true);
    expect(asked(fake)).toEqual(['1 a']);
  });

  test('by a signal: it fails, and the connection goes on', async () => {
    const fake = await fakeChannel();
    const client = byId(fake.channel);
    const abort = new AbortController();
    const a = watch(client.request('a', { signal: abort.signal }));
    const b = watch(client.request('b', { signal: abort.signal }));
    const c = watch(client.request('c'));
    await tick();
    fake.answer({ id: 2 });
    expect(b.completed).toBe(true);
    abort.abort('enough');
    expect(failureOf(a)).toMatchObject({ _tag: 'ConnectionAborted', cause: 'enough' });
    expect(failureOf(watch(client.request('d', { signal: abort.signal })))._tag).toBe('ConnectionAborted');
    fake.answer({ id: 1 }, { id: 3 });
    expect(c.completed).toBe(true);
    expect(asked(fake)).toEqual(['1 a', '2 b', '3 c']);
    expect(listenerCount(abort.signal)).toBe(0);
  });
});

describe('deadlines', () => {
  test('to the millisecond, both sides of the edge', async () => {
    const clock = new HandClock();
    const fake = await fakeChannel({ clock });
    const client = byId(fake.channel, { deadline: 100 });
    const inTime = watch(client.request('a'));
    const late = watch(client.request('b'));
    await tick();
    clock.advance(99);
    fake.answer({ id: 1 });
    expect(inTime.completed).toBe(true);
    expect(late.errors).toEqual([]);
    clock.advance(1);
    expect(failureOf(late)).toMatchObject({ _tag: 'DeadlineExceeded', limit: 100 });
    fake.answer({ id: 2, text: 'too late' });
    expect(late.values).toEqual([]);
    expect(clock.pending).toBe(0);
    expect(fake.connection.write('')).toBe(true);
  });

  test('one of its own wins over that of the rpc, and a clock of its own over that of the connection', async () => {
    const clock = new HandClock();
    const fake = await fakeChannel();
    const client = byId(fake.channel, { deadline: 100, clock });
    const short = watch(client.request('a', { deadline: 5 }));
    const long = watch(client.request('b', { deadline: 500 }));
    clock.advance(4);
    expect(short.errors).toEqual([]);
    clock.advance(1);
    expect(failureOf(short)).toMatchObject({ limit: 5 });
    clock.advance(494);
    expect(long.errors).toEqual([]);
    clock.advance(1);
    expect(failureOf(long)).toMatchObject({ limit: 500 });
  });

  test('counts the time in which it waits for its turn', async () => {
    const clock = new HandClock();
    const fake = await fakeChannel({ clock });
    const client = byId(fake.channel, { maxInFlight: 1 });
    watch(client.request('a'));
    const waiting = watch(client.request('b', { deadline: 10 }));
    clock.advance(10);
    expect(failureOf(waiting)._tag).toBe('DeadlineExceeded');
    expect(client.waiting).toBe(0);
    await tick();
    expect(asked(fake)).toEqual(['1 a']);
  });

  test('is over with the last answer, although a slow consumer has not taken it', async () => {
    const clock = new HandClock();
    const fake = await fakeChannel({ clock });
    const client = byId(fake.channel, { part, deadline: 10 });
    const consumer = new SlowConsumer<Message>();
    client.request('a').subscribe(consumer.observer);
    await tick();
    fake.answer({ id: 1, text: '1', part: 'more' }, { id: 1, text: '2', part: 'last' });
    clock.advance(1_000);
    expect(consumer.error).toBeUndefined();
    consumer.drain();
    expect(consumer.values.map(({ text }) => text)).toEqual(['1', '2']);
    expect(consumer.completed).toBe(true);
  });

  test('by order it keeps its place', async () => {
    const clock = new HandClock();
    const fake = await fakeChannel({ clock });
    const client = byOrder(fake.channel, { deadline: 10 });
    const late = watch(client.request({ text: 'a' }));
    await tick();
    clock.advance(5);
    const next = watch(client.request({ text: 'b' }));
    await tick();
    clock.advance(5);
    expect(failureOf(late)._tag).toBe('DeadlineExceeded');
    fake.answer({ text: 'A' }, { text: 'B' });
    expect(next.values).toEqual([{ text: 'B' }]);
  });
});

describe('a slow consumer of a stream of answers', () => {
  test('holds its own request; the others go on', async () => {
    const fake = await fakeChannel();
    const client = byId(fake.channel, { part });
    const slow = new SlowConsumer<Message>();
    client.request('slow').subscribe(slow.observer);
    const quick = watch(client.request('quick'));
    await tick();
    fake.answer(
      { id: 1, text: '1', part: 'more' },
      { id: 1, text: '2', part: 'more' },
      { id: 2 },
      { id: 1, part: 'end' },
    );
    expect(slow.values.map(({ text }) => text)).toEqual(['1']);
    expect(quick.completed).toBe(true);
    slow.release();
    expect(slow.values.map(({ text }) => text)).toEqual(['1', '2']);
    expect(slow.completed).toBe(true);
  });

  test('at maxKept the connection is held, until some were taken', async () => {
    const fake = await fakeChannel();
    const client = byId(fake.channel, { part, maxKept: 2 });
    const slow = new SlowConsumer<Message>();
    client.request('slow').subscribe(slow.observer);
    await tick();
    fake.answer(...[1, 2, 3, 4, 5].map((n) => ({ id: 1, text: `${n}`, part: 'more' as const })));
    expect(fake.link.reading).toBe(false);
    expect(slow.values).toHaveLength(1);
    slow.release();
    expect(slow.values).toHaveLength(2);
    slow.drain();
    await tick();
    expect(slow.values.map(({ text }) => text)).toEqual(['1', '2', '3', '4', '5']);
    expect(fake.link.reading).toBe(true);
  });

  test.each([1, 2, 3])('gets all of them in their order, and its end behind them, with maxKept %i', async (maxKept) => {
    const fake = await fakeChannel();
    const client = byId(fake.channel, { part, maxKept });
    const slow = new SlowConsumer<Message>();
    client.request('slow').subscribe(slow.observer);
    await tick();
    // One delivery: when the connection is let go, what comes on comes at once.
    fake.answer(...[1, 2, 3, 4].map((n) => ({ id: 1, text: `${n}`, part: 'more' as const })), { id: 1, part: 'end' });
    slow.drain();
    await tick();
    expect(slow.values.map(({ text }) => text)).toEqual(['1', '2', '3', '4']);
    expect(slow.completed).toBe(true);
    expect(fake.link.reading).toBe(true);
  });

  test('or that request is given up, by option', async () => {
    const fake = await fakeChannel();
    const client = byId(fake.channel, { part, maxKept: 2, whenBehind: 'fail' });
    const slow = new SlowConsumer<Message>();
    client.request('slow').subscribe(slow.observer);
    const quick = watch(client.request('quick'));
    await tick();
    fake.answer(...[1, 2, 3, 4, 5].map((n) => ({ id: 1, text: `${n}`, part: 'more' as const })), { id: 2 });
    expect(slow.error).toMatchObject({ _tag: 'BufferOverflow', limit: 2, queued: 3, unit: 'items' });
    expect(slow.values).toHaveLength(1);
    expect(quick.completed).toBe(true);
    expect(fake.link.reading).toBe(true);
  });

  test('one that gives up lets the connection go on', async () => {
    const fake = await fakeChannel();
    const client = byId(fake.channel, { part, maxKept: 1 });
    const consumer = new SlowConsumer<Message>();
    const subscription = client.request('slow').subscribe(consumer.observer);
    await tick();
    fake.answer({ id: 1, part: 'more' }, { id: 1, part: 'more' });
    expect(fake.link.reading).toBe(false);
    subscription.unsubscribe();
    await tick();
    expect(fake.link.reading).toBe(true);
  });

  test('gets what came before the connection went, and then the failure', async () => {
    const fake = await fakeChannel();
    const client = byId(fake.channel, { part });
    const slow = new SlowConsumer<Message>();
    client.request('slow').subscribe(slow.observer);
    await tick();
    fake.answer({ id: 1, text: '1', part: 'more' }, { id: 1, text: '2', part: 'more' });
    fake.link.close('broken', new ConnectionReset());
    await turn();
    expect(slow.error).toBeUndefined();
    slow.drain();
    expect(slow.values.map(({ text }) => text)).toEqual(['1', '2']);
    expect(slow.error).toMatchObject({ _tag: 'PossiblyDelivered' });
  });
});

describe('the connection goes', () => {
  test('what was under way is PossiblyDelivered, what waits fails plainly, and so does what comes later', async () => {
    const fake = await fakeChannel();
    const client = byId(fake.channel, { maxInFlight: 2 });
    const [a, b, c] = ['a', 'b', 'c'].map((text) => watch(client.request(text)));
    await tick();
    const reset = new ConnectionReset();
    fake.link.close('broken', reset);
    await turn();
    expect(failureOf(a!)).toMatchObject({ _tag: 'PossiblyDelivered', cause: reset, address: '127.0.0.1', port: 2 });
    expect(failureOf(b!)._tag).toBe('PossiblyDelivered');
    expect(failureOf(c!)).toBe(reset);
    expect(failureOf(watch(client.request('d')))).toBe(reset);
    expect([client.inFlight, client.waiting]).toEqual([0, 0]);
  });

  test('what never left the process fails plainly, too', async () => {
    const fake = await fakeChannel({ highWaterMark: 1_000 });
    fake.link.stall();
    const client = byId(fake.channel);
    const [a, b] = ['a', 'b'].map((text) => watch(client.request(text)));
    await tick();
    // Both are with the link, which may have given a part of them away.
    const c = watch(client.request('c'));
    await tick();
    fake.link.close('broken', new ConnectionReset());
    await turn();
    expect([a, b, c].map((seen) => failureOf(seen!)._tag)).toEqual([
      'PossiblyDelivered',
      'PossiblyDelivered',
      'ConnectionReset',
    ]);
  });

  test('the FIN of the peer: no more answers will come', async () => {
    const fake = await fakeChannel();
    const client = byId(fake.channel, { maxInFlight: 1 });
    const [a, b] = ['a', 'b'].map((text) => watch(client.request(text)));
    await tick();
    fake.link.deliverEnd();
    expect(failureOf(a!)).toMatchObject({ _tag: 'PossiblyDelivered', cause: { _tag: 'ConnectionClosed' } });
    expect(failureOf(b!)._tag).toBe('ConnectionClosed');
    await turn();
    // Nothing is sent any more, so the FIN is answered.
    expect(fake.link.ended).toBe(true);
  });

  test('destroyed by its owner', async () => {
    const fake = await fakeChannel();
    const a = watch(byId(fake.channel).request('a'));
    await tick();
    fake.dial.unsubscribe();
    await turn();
    expect(failureOf(a)).toMatchObject({ _tag: 'PossiblyDelivered', cause: { _tag: 'ConnectionClosed' } });
  });

  test('a request after our own end fails alone', async () => {
    const fake = await fakeChannel({ allowHalfOpen: true });
    const client = byId(fake.channel);
    const a = watch(client.request('a'));
    await tick();
    fake.channel.end();
    expect(failureOf(watch(client.request('b')))._tag).toBe('ConnectionClosed');
    fake.answer({ id: 1 });
    expect(a.completed).toBe(true);
  });

  test('a request on a connection that has closed', async () => {
    const fake = await fakeChannel();
    const reset = new ConnectionReset();
    fake.link.close('broken', reset);
    await turn();
    expect(failureOf(watch(byId(fake.channel).request('a')))).toBe(reset);
  });

  test('a limit over one request does not end the connection for the others', async () => {
    const clock = new HandClock();
    const fake = await fakeChannel({ clock });
    const client = byId(fake.channel);
    const limited = watch(client.request('a').pipe(timeLimit(5, clock)));
    const other = watch(client.request('b'));
    await tick();
    clock.advance(5);
    expect(failureOf(limited)._tag).toBe('DeadlineExceeded');
    fake.answer({ id: 1 }, { id: 2 });
    expect(other.completed).toBe(true);
    expect(fake.link.closed).toBe(false);
  });

  test('a time limit of the connection is told as the cause', async () => {
    const clock = new HandClock();
    const fake = await fakeChannel({ clock, idleTimeout: 50 });
    const client = byId(fake.channel);
    const a = watch(client.request('a'));
    await tick();
    clock.advance(50);
    await turn();
    expect(failureOf(a)).toMatchObject({
      _tag: 'PossiblyDelivered',
      cause: { _tag: 'ConnectionClosed', cause: { _tag: 'IdleTimeout' } },
    });
  });

  test('every timer and listener is gone', async () => {
    const clock = new CountingClock();
    const fake = await fakeChannel({ clock });
    const abort = new AbortController();
    const client = byId(fake.channel, { maxInFlight: 3, deadline: 60_000 });
    const all = Array.from({ length: 6 }, (_, n) => watch(client.request(`${n}`, { signal: abort.signal })));
    await tick();
    fake.answer({ id: 1 });
    all[1]?.unsubscribe();
    all[5]?.unsubscribe();
    expect(clock.pending).toBe(3);
    fake.link.close('broken', new ConnectionReset());
    await turn();
    expect(clock.pending).toBe(0);
    expect(listenerCount(abort.signal)).toBe(0);
  });
});

describe('a peer that does not keep to the protocol', () => {
  test.each([
    ['an id that was never given out', { id: 7 }],
    ['no id at all', { text: 'hello' }],
    ['an id that is no number', { id: '1' } as unknown as Message],
  ])('%s ends the connection', async (_what, message) => {
    const fake = await fakeChannel();
    const a = watch(byId(fake.channel).request('a'));
    await tick();
    const closed = watch(fake.connection.closed);
    fake.answer(message);
    expect(failureOf(a)).toMatchObject({ _tag: 'PossiblyDelivered', cause: { _tag: 'DecodeFailed' } });
    expect((failureOf(a).cause as Error).message).toContain('unmatched');
    await within(closed.ended, 'the close');
    expect(closed.values[0]?.failure?._tag).toBe('DecodeFailed');
  });

  test('a second answer ends it, too, by id and by order', async () => {
    for (const ask of [
      (channel: MessageChannel) => byId(channel).request('a'),
      (channel: MessageChannel) => byOrder(channel).request({ text: 'a' }),
    ]) {
      const fake = await fakeChannel();
      const a = watch(ask(fake.channel));
      await tick();
      fake.answer({ id: 1 });
      expect(a.completed).toBe(true);
      fake.answer({ id: 1 });
      await turn();
      expect(fake.link.closed).toBe(true);
    }
  });

  test('by option such messages are handed out, and the connection goes on', async () => {
    const fake = await fakeChannel();
    const unmatched: Message[] = [];
    const client = byId(fake.channel, { unmatched: (message) => unmatched.push(message) });
    const a = watch(client.request('a'));
    await tick();
    fake.answer({ text: 'by the way' }, { id: 1 }, { id: 1 }, { id: 99 });
    expect(a.completed).toBe(true);
    expect(unmatched).toEqual([{ text: 'by the way' }, { id: 1 }, { id: 99 }]);
    expect(fake.link.closed).toBe(false);
  });

  test('a consumer that holds them has them queued, and the answers go on; with no request in flight it pauses the connection', async () => {
    const fake = await fakeChannel();
    let release = (): void => {};
    const seen: string[] = [];
    const client = byId(fake.channel, {
      unmatched: ({ text }) => {
        seen.push(`${text}`);
        if (seen.length === 1) release = currentUpstream()?.hold() ?? release;
      },
    });
    const a = watch(client.request('a'));
    await tick();
    for (let n = 0; n < 40; n++) fake.answer({ text: `${n}` });
    expect(fake.link.reading).toBe(true);
    fake.answer({ id: 1, text: 'A' });
    expect(a.values).toEqual([{ id: 1, text: 'A' }]);
    expect(seen).toEqual(['0']);
    // Nothing is in flight any more: from here on the peer has to wait.
    fake.answer({ text: '40' });
    expect(fake.link.reading).toBe(false);
    const b = watch(client.request('b'));
    expect(fake.link.reading).toBe(true);
    fake.answer({ id: 2, text: 'B' });
    expect(b.values).toEqual([{ id: 2, text: 'B' }]);
    release();
    expect(seen).toEqual(Array.from({ length: 41 }, (_, n) => `${n}`));
    await tick();
    expect(fake.link.reading).toBe(true);
  });

  test('more than maxUnmatched that wait are a BufferOverflow', async () => {
    const fake = await fakeChannel();
    const client = byId(fake.channel, { unmatched: () => void currentUpstream()?.hold(), maxUnmatched: 3 });
    const a = watch(client.request('a'));
    await tick();
    for (let n = 0; n < 5; n++) fake.answer({ text: `${n}` });
    expect(a.errors).toMatchObject([{ _tag: 'PossiblyDelivered', cause: { _tag: 'BufferOverflow', limit: 3 } }]);
  });

  test('garbage ends it: DecodeFailed and FrameTooLarge are the cause', async () => {
    for (const [bytes, tag] of [
      ['{"id":\n', 'DecodeFailed'],
      ['x'.repeat(70_000), 'FrameTooLarge'],
    ] as const) {
      const fake = await fakeChannel();
      const client = byId(fake.channel, { maxInFlight: 1 });
      const a = watch(client.request('a'));
      const b = watch(client.request('b'));
      await tick();
      fake.link.deliver(bytes);
      expect(failureOf(a)).toMatchObject({ _tag: 'PossiblyDelivered', cause: { _tag: tag } });
      expect(failureOf(b)).toMatchObject({ _tag: 'ConnectionClosed', cause: { _tag: tag } });
      await turn();
      expect(fake.link.closed).toBe(true);
    }
  });
});

describe('functions of the caller that throw', () => {
  const defect = new TypeError('a mistake');
  const throwing = (): never => {
    throw defect;
  };

  test('assign, and a message that the framing refuses, fail their request alone', async () => {
    const fake = await fakeConnection();
    const channel = framed(fake.connection, lines({ maxLength: 5 }));
    const client = rpc(channel, {
      assign: (text: string, id) => (text === 'throw' ? throwing() : `${id} ${text}`),
      idOf: (line) => Number(line.split(' ')[0]),
    });
    expect(watch(client.request('throw')).errors).toEqual([defect]);
    expect(failureOf(watch(client.request('too long')))._tag).toBe('InvalidOptions');
    const a = watch(client.request('a'));
    await tick();
    expect(client.inFlight).toBe(1);
    fake.link.deliver(fake.link.received);
    expect(a.completed).toBe(true);
  });

  test.each(['idOf', 'part', 'unmatched'])(
    '%s ends the connection, and reaches the requests as it is',
    async (name) => {
      const fake = await fakeChannel();
      const client = byId(fake.channel, { maxInFlight: 1, [name]: throwing });
      const a = watch(client.request('a'));
      const b = watch(client.request('b'));
      await tick();
      fake.answer(name === 'unmatched' ? { id: 5 } : { id: 1 });
      expect(a.errors).toEqual([defect]);
      expect(b.errors).toEqual([defect]);
      await turn();
      expect(fake.link.closed).toBe(true);
    },
  );

  test('cancel does, too', async () => {
    const fake = await fakeChannel();
    const client = byId(fake.channel, { cancel: throwing });
    const a = watch(client.request('a'));
    const b = watch(client.request('b'));
    await tick();
    a.unsubscribe();
    expect(b.errors).toEqual([defect]);
    await turn();
    expect(fake.link.closed).toBe(true);
  });

  test('a framing of one’s own that throws when it is subscribed to', async () => {
    const fake = await fakeConnection();
    const broken = Object.assign(throwing, {
      decode: throwing,
      decoder: throwing,
      maxLength: 5,
      encode: (text: string) => text,
    });
    const client = rpc(framed(fake.connection, broken as Framing<string, string, never>));
    expect(watch(client.request('a')).errors).toEqual([defect]);
    expect(failureOf(watch(client.request('b')))).toMatchObject({ _tag: 'ConnectionClosed', cause: defect });
    await turn();
    expect(fake.link.closed).toBe(true);
  });

  test('a part that is none', async () => {
    const fake = await fakeChannel();
    const client = byId(fake.channel, { part: () => 'final' as never });
    const a = watch(client.request('a'));
    await tick();
    fake.answer({ id: 1 });
    expect(failureOf(a)).toMatchObject({
      _tag: 'PossiblyDelivered',
      cause: { _tag: 'InvalidOptions', option: 'part' },
    });
  });
});

describe('one reader', () => {
  test('a channel that somebody else reads is refused, and goes on for them', async () => {
    const fake = await fakeChannel();
    const reader = watch(fake.channel.incoming);
    const client = byId(fake.channel);
    const a = watch(client.request('a'));
    await within(a.ended, 'the refusal');
    expect(failureOf(a)).toMatchObject({ _tag: 'PossiblyDelivered', cause: { _tag: 'AlreadySubscribed' } });
    expect(failureOf(watch(client.request('b')))._tag).toBe('AlreadySubscribed');
    fake.answer({ id: 1 });
    expect(reader.values).toEqual([{ id: 1 }]);
    reader.unsubscribe();
  });

  test('release gives the connection back, with the bytes that were not used', async () => {
    const fake = await fakeChannel();
    const client = byId(fake.channel, { maxInFlight: 2 });
    const [a, b, c] = ['a', 'b', 'c'].map((text) => watch(client.request(text)));
    await tick();
    a?.unsubscribe();
    fake.link.deliver('{"id":1}\n{"id":');
    client.release();
    expect(failureOf(b!)).toMatchObject({ _tag: 'PossiblyDelivered', cause: { _tag: 'ConnectionClosed' } });
    expect(failureOf(c!)._tag).toBe('PossiblyDelivered');
    expect(failureOf(watch(client.request('d')))._tag).toBe('ConnectionClosed');
    const rest = watch(fake.channel.incoming);
    await tick();
    fake.link.deliver('2}\n');
    expect(rest.values).toEqual([{ id: 2 }]);
    rest.unsubscribe();
    expect(fake.link.closed).toBe(false);
    client.release();
  });
});

describe('options', () => {
  test.each([
    ['maxInFlight', 0],
    ['maxInFlight', Infinity],
    ['maxWaiting', -1],
    ['maxWaiting', 1.5],
    ['maxKept', 0],
    ['deadline', 0],
    ['deadline', -5],
    ['deadline', '5'],
    ['whenBehind', 'drop'],
    ['part', 'last'],
    ['unmatched', true],
    ['clock', {}],
    ['assign', 'id'],
    ['idOf', undefined],
    ['cancel', 1],
    ['largestId', 0],
    ['largestId', 2 ** 31],
    ['maxInflight', 5],
  ])('%s: %s is refused by each request', async (name, value) => {
    const fake = await fakeChannel();
    const client = byId(fake.channel, { [name]: value });
    for (const seen of [watch(client.request('a')), watch(client.request('b'))]) {
      expect(failureOf(seen)._tag).toBe('InvalidOptions');
      expect(failureOf(seen).message).toContain(name);
    }
    await tick();
    expect(fake.link.writes).toEqual([]);
    client.release();
  });

  test('more in flight than there are ids, and what is no channel', async () => {
    const fake = await fakeChannel();
    const tooMany = byId(fake.channel, { maxInFlight: 3, largestId: 2 });
    expect(failureOf(watch(tooMany.request('a'))).message).toContain('largestId');
    expect(failureOf(watch(rpc(fake.connection as never).request('a'))).message).toContain('channel');
  });

  test.each([
    ['deadline', { deadline: 0 }],
    ['signal', { signal: {} as AbortSignal }],
    ['deadlines', { deadlines: 5 }],
  ])('a request with a wrong %s', async (name, options: object) => {
    const fake = await fakeChannel();
    const client = byId(fake.channel);
    const seen = watch(client.request('a', options));
    expect(failureOf(seen)._tag).toBe('InvalidOptions');
    expect(failureOf(seen).message).toContain(name);
    expect(watch(client.request('b')).errors).toEqual([]);
  });
});

describe('requests made while something else happens', () => {
  test('in the delivery of an answer, though none has room: the connection is not held for itself', async () => {
    const fake = await fakeChannel();
    const client = byId(fake.channel, { maxInFlight: 1 });
    const seen = watch(
      client.request('a').pipe(mergeMap(() => of(1, 2, 3).pipe(mergeMap((n) => client.request(`${n}`))))),
    );
    await tick();
    for (let id = 1; id <= 4; id++) {
      fake.answer({ id });
      await tick();
      expect(fake.link.reading).toBe(true);
    }
    expect(seen.values).toHaveLength(3);
    expect(seen.completed).toBe(true);
  });

  test('when a request fails: asking again on the same connection fails at once', async () => {
    const fake = await fakeChannel();
    const client = byId(fake.channel);
    const again = new Subject<void>();
    const failures: string[] = [];
    const retry = watch(again.pipe(mergeMap(() => client.request('b'))));
    client.request('a').subscribe({
      error: (failure: PossiblyDelivered) => {
        failures.push(failure._tag);
        again.next();
      },
    });
    await tick();
    fake.link.close('broken', new ConnectionReset());
    await turn();
    expect(failures).toEqual(['PossiblyDelivered']);
    expect(failureOf(retry)._tag).toBe('ConnectionReset');
  });

  test('by assign itself', async () => {
    const fake = await fakeChannel();
    const inner: unknown[] = [];
    const client: Rpc<string, Message, unknown> = byId(fake.channel, {
      assign: (text, id) => {
        if (text === 'outer') client.request('inner').subscribe((answer) => inner.push(answer));
        return { id, text };
      },
    });
    const outer = lastValueFrom(concat(client.request('outer')).pipe(toArray()));
    await tick();
    expect(asked(fake)).toEqual(['2 inner', '1 outer']);
    fake.answer({ id: 1, text: 'O' }, { id: 2, text: 'I' });
    expect(await outer).toEqual([{ id: 1, text: 'O' }]);
    expect(inner).toEqual([{ id: 2, text: 'I' }]);
  });

  test('one that is given up by its own assign is not sent', async () => {
    const fake = await fakeChannel();
    const abort = new AbortController();
    const client = byId(fake.channel, {
      assign: (text, id) => {
        abort.abort();
        return { id, text };
      },
    });
    const seen = watch(client.request('a', { signal: abort.signal }));
    expect(failureOf(seen)._tag).toBe('ConnectionAborted');
    await tick();
    expect(fake.link.writes).toEqual([]);
    expect(client.inFlight).toBe(0);
  });
});
