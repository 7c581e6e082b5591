// A request is taken back although all that can be in work is in work.
import { NEVER, type Observable, Subject, tap } from '../../../src/rx.ts';
import { describe, expect, test } from 'vitest';

import { answerWith, type BufferOverflow, rpc } from '../../../src/index.ts';
import { FakeUpstream } from '../support/fake-upstream.ts';
import { transports } from '../support/sockets.ts';
import { failureOf, next, until, watch } from '../support/wait.ts';
import { client, fakeChannel, type Message, servingMessages } from './support.ts';

const assign = (text: string, id: number): Message => ({ id, text });
const idOf = ({ id }: Message): number | undefined => id;
const cancelOf = ({ id, text }: Message): number | undefined => (text === 'cancel' ? id : undefined);
const cancel = (id: number): Message => ({ id, text: 'cancel' });

/** Streams that say nothing, and how many of them are in work. */
class Silent {
  inWork = 0;
  readonly begin = (): Observable<never> =>
    NEVER.pipe(tap({ subscribe: () => this.inWork++, finalize: () => this.inWork-- }));
}

describe.each(transports)('over %s', (_name, place) => {
  test.each([64, 65, 400])('%i silent streams are all taken back, and a ping works', async (count) => {
    const silent = new Silent();
    const server = await servingMessages(
      ({ incoming }) =>
        incoming.pipe(
          answerWith(({ text }) => (text === 'ping' ? ['pong'] : silent.begin()), { idOf, assign, cancelOf }),
        ),
      place(),
    );
    const asking = rpc(await client(server.place), { assign, idOf, cancel, part: () => 'more' });
    const streams = Array.from({ length: count }, () => watch(asking.request('stream')));
    await until(() => silent.inWork === 64, 'the streams');
    for (const stream of streams) stream.unsubscribe();
    await until(() => silent.inWork === 0, 'the end of the streams');
    expect((await next(asking.request('ping'), 'the answer')).text).toBe('pong');
    expect(server.log.filter(({ type }) => type === 'failed')).toEqual([]);
  });

  test('a client that resets ends them all', async () => {
    const silent = new Silent();
    const server = await servingMessages(
      ({ incoming }) => incoming.pipe(answerWith(() => silent.begin(), { idOf, assign, cancelOf })),
      place(),
    );
    const channel = await client(server.place);
    const asking = rpc(channel, { assign, idOf, cancel, part: () => 'more' });
    for (let i = 0; i < 100; i++) asking.request('stream').subscribe({ error() {} });
    await until(() => silent.inWork === 64, 'the streams');
    channel.connection.reset();
    if ('port' in server.place) await until(() => silent.inWork === 0, 'the end of the streams');
  });
});

test('requests that waited are begun in their order, but for those taken back', async () => {
  const source = new Subject<Message>();
  const done = Array.from({ length: 6 }, () => new Subject<string>());
  const seen = watch(
    source.pipe(
      answerWith(({ id = 0 }) => done[id] ?? [], { idOf, assign, cancelOf, concurrency: 1, end: (id) => ({ id }) }),
    ),
  );
  for (let id = 0; id < 5; id++) source.next({ id });
  source.next(cancel(2));
  source.next(cancel(1));
  source.next(cancel(9));
  expect(done.map(({ observed }) => observed)).toEqual([true, false, false, false, false, false]);
  source.next(cancel(0));
  expect(done.map(({ observed }) => observed)).toEqual([false, false, false, true, false, false]);
  source.complete();
  done[3]?.next('three');
  done[3]?.complete();
  done[4]?.complete();
  expect(seen.values).toEqual([{ id: 3, text: 'three' }, { id: 3 }, { id: 4 }]);
  expect(seen.completed).toBe(true);
});

test('with `cancelled`, one that waited is confirmed when its turn comes', () => {
  const source = new Subject<Message>();
  const done = new Subject<string>();
  const seen = watch(
    source.pipe(
      answerWith(() => done, {
        idOf,
        assign,
        cancelOf,
        cancelled: (id: number): Message => ({ id, text: 'gone' }),
        concurrency: 1,
      }),
    ),
  );
  for (let id = 0; id < 3; id++) source.next({ id });
  source.next(cancel(1));
  expect(seen.values).toEqual([]);
  source.next(cancel(0));
  expect(seen.values).toEqual([
    { id: 0, text: 'gone' },
    { id: 1, text: 'gone' },
  ]);
  done.next('two');
  expect(seen.values.at(-1)).toEqual({ id: 2, text: 'two' });
});

test('at the mark the source is paused', () => {
  const source = new FakeUpstream(5_000);
  const answers = new Subject<string>();
  let begun = 0;
  watch(
    source.values.pipe(
      answerWith(
        () => {
          begun++;
          return answers;
        },
        { idOf: (n: number) => n, assign: (text: string) => text, cancelOf: () => undefined, concurrency: 1 },
      ),
    ),
  );
  // One in work, one that is next, and those that wait.
  expect(source.emitted).toBe(2 + 1_024);
  expect(begun).toBe(1);
});

test('a source that can not be paused ends in BufferOverflow', () => {
  const source = new Subject<number>();
  const seen = watch(
    source.pipe(
      answerWith(() => NEVER, {
        idOf: (n: number) => n,
        assign: (text: string) => text,
        cancelOf: () => undefined,
        concurrency: 1,
        maxBuffered: 3,
      }),
    ),
  );
  for (let n = 0; n < 6; n++) source.next(n);
  expect(failureOf(seen)).toMatchObject({
    _tag: 'BufferOverflow',
    limit: 3,
    queued: 4,
  } satisfies Partial<BufferOverflow>);
});

test('a function of the caller’s that throws ends it', () => {
  const source = new Subject<Message>();
  const error = new Error('no');
  const failing = watch(
    source.pipe(
      answerWith(() => NEVER, {
        idOf,
        assign,
        cancelOf: () => {
          throw error;
        },
      }),
    ),
  );
  source.next({ id: 1 });
  expect(failing.errors).toEqual([error]);
  expect(source.observed).toBe(false);
});

test('bytes count too: large requests pause the source before their number does', async () => {
  const { channel, link, answer } = await fakeChannel();
  watch(channel.incoming.pipe(answerWith(() => NEVER, { idOf, assign, cancelOf, concurrency: 1 })));
  let sent = 0;
  while (link.started && sent < 100) answer({ id: ++sent, text: 'x'.repeat(60_000) });
  expect(sent).toBeGreaterThan(10);
  expect(sent).toBeLessThan(30);
});
