import * as fc from 'fast-check';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, test } from 'vitest';

import {
  connect,
  type Connection,
  createNodeTransport,
  currentUpstream,
  InvalidOptions,
  mapAsync,
  paced,
  rateLimit,
  type Upstream,
} from '../../src/index.ts';
import {
  buffer as rxBuffer,
  EMPTY,
  from,
  map,
  NEVER,
  type Observable,
  of,
  Subject,
  throwError,
  VirtualTimeScheduler,
} from '../../src/rx.ts';
import { buffer, drop, latest, type LossyStrategy, sample, type Strategy } from '../../src/strategies.ts';
import { ManualClock } from './support-failures/manual-clock.ts';
import { rawServer } from './support-failures/peers.ts';
import { record, Recording, tagOf } from './support-failures/record.ts';
import { until } from './support-failures/wait.ts';
import { FakeUpstream, SlowConsumer } from './support/fake-upstream.ts';

const failing = (limit: number) => buffer({ limit, overflow: 'fail' });
const oldest = (limit: number) => buffer({ limit, overflow: 'drop-oldest' });
const newest = (limit: number) => buffer({ limit, overflow: 'drop-newest' });

/** A source that can't be held, a strategy, and a consumer that holds. */
function slowly(strategy: Strategy): {
  source: Subject<number>;
  consumer: SlowConsumer<number>;
  dropped: number[];
  counts: number[];
} {
  const source = new Subject<number>();
  const consumer = new SlowConsumer<number>();
  const dropped: number[] = [];
  const counts: number[] = [];
  const loses = strategy.strategy !== 'buffer' || strategy.overflow !== 'fail';
  const onDropped = (value: number, count: number): void => {
    dropped.push(value);
    counts.push(count);
  };
  const operator = loses ? paced<number>(strategy as LossyStrategy, { onDropped }) : paced<number>(strategy);
  source.pipe(operator).subscribe(consumer.observer);
  return { source, consumer, dropped, counts };
}

const send = (source: Subject<number>, ...values: number[]): void => {
  for (const value of values) source.next(value);
};

describe('while the consumer holds', () => {
  test("buffer with overflow: 'fail' keeps up to the limit, in order, and fails with one more", () => {
    const { source, consumer } = slowly(failing(3));
    send(source, 1, 2, 3, 4);
    expect(consumer.values).toEqual([1]);
    consumer.release();
    consumer.release();
    expect(consumer.values).toEqual([1, 2, 3]);
    send(source, 5, 6);
    expect(consumer.error).toBeUndefined();
    send(source, 7);
    expect(consumer.error).toMatchObject({ _tag: 'BufferOverflow', limit: 3, queued: 4, unit: 'items' });
    expect((consumer.error as Error).message).toContain('raise limit');
    expect(source.observed).toBe(false);
    expect(consumer.values).toEqual([1, 2, 3]);
  });

  test("buffer with overflow: 'drop-oldest' keeps the newest ones", () => {
    const { source, consumer, dropped, counts } = slowly(oldest(2));
    send(source, 1, 2, 3, 4, 5);
    expect(dropped).toEqual([2, 3]);
    expect(counts).toEqual([1, 2]);
    consumer.drain();
    expect(consumer.values).toEqual([1, 4, 5]);
  });

  test("buffer with overflow: 'drop-newest' keeps the oldest ones", () => {
    const { source, consumer, dropped, counts } = slowly(newest(2));
    send(source, 1, 2, 3, 4, 5);
    expect(dropped).toEqual([4, 5]);
    expect(counts).toEqual([1, 2]);
    consumer.drain();
    expect(consumer.values).toEqual([1, 2, 3]);
  });

  test('latest keeps one', () => {
    const { source, consumer, dropped } = slowly(latest());
    send(source, 1, 2, 3, 4, 5);
    expect(dropped).toEqual([2, 3, 4]);
    consumer.release();
    expect(consumer.values).toEqual([1, 5]);
    send(source, 6, 7);
    consumer.drain();
    expect(consumer.values).toEqual([1, 5, 7]);
    expect(dropped).toEqual([2, 3, 4, 6]);
  });

  test('drop keeps none', () => {
    const { source, consumer, dropped } = slowly(drop());
    send(source, 1, 2, 3);
    expect(dropped).toEqual([2, 3]);
    consumer.release();
    expect(consumer.values).toEqual([1]);
    send(source, 4);
    expect(consumer.values).toEqual([1, 4]);
  });

  test('a limit of bytes counts bytes and text, the limit itself included', () => {
    const source = new Subject<string>();
    const consumer = new SlowConsumer<string>();
    const dropped: string[] = [];
    source
      .pipe(
        paced(buffer({ limitBytes: 10, overflow: 'drop-newest' }), { onDropped: (value) => void dropped.push(value) }),
      )
      .subscribe(consumer.observer);
    for (const text of ['first', '1234', '567890', 'x', 'y']) source.next(text);
    expect(dropped).toEqual(['x', 'y']);
    consumer.drain();
    expect(consumer.values).toEqual(['first', '1234', '567890']);
  });

  test('a value that is larger than the limit of bytes is kept when nothing waits beside it', () => {
    const source = new Subject<Uint8Array>();
    const consumer = new SlowConsumer<Uint8Array>();
    source.pipe(paced(buffer({ limitBytes: 10, overflow: 'fail' }))).subscribe(consumer.observer);
    source.next(new Uint8Array(100));
    source.next(new Uint8Array(100));
    expect(consumer.error).toBeUndefined();
    source.next(new Uint8Array(1));
    expect(consumer.error).toMatchObject({ _tag: 'BufferOverflow', limit: 10, queued: 101, unit: 'bytes' });
    expect((consumer.error as Error).message).toContain('raise limitBytes');
  });

  test('drop-oldest makes room for a large one by dropping as many as it takes', () => {
    const source = new Subject<string>();
    const consumer = new SlowConsumer<string>();
    source.pipe(paced(buffer({ limitBytes: 10, overflow: 'drop-oldest' }))).subscribe(consumer.observer);
    for (const text of ['first', '123', '456', '789', '12345678']) source.next(text);
    consumer.drain();
    expect(consumer.values).toEqual(['first', '12345678']);
  });
});

describe('a consumer that keeps up', () => {
  test.each<[string, Strategy]>([
    ['buffer', failing(1)],
    ['drop-oldest', oldest(1)],
    ['drop-newest', newest(1)],
    ['latest', latest()],
    ['drop', drop()],
  ])('%s: gets everything', (_name, strategy) => {
    const { source, consumer, dropped } = slowly(strategy);
    consumer.holding = false;
    send(source, 1, 2, 3);
    source.complete();
    expect(consumer.values).toEqual([1, 2, 3]);
    expect(dropped).toEqual([]);
    expect(consumer.completed).toBe(true);
  });

  test('it is the upstream itself, whoever delivered', () => {
    const upstream = new FakeUpstream(3);
    const seen: (Upstream | null)[] = [];
    upstream.values.pipe(paced(latest())).subscribe(() => seen.push(currentUpstream()));
    expect(new Set(seen).size).toBe(1);
    expect(seen[0]).not.toBe(upstream);
    expect(seen[0]).not.toBeNull();
    expect(currentUpstream()).toBeNull();
  });
});

describe('a source that can be made to wait', () => {
  test("is made to wait by buffer with overflow: 'fail', and goes on when half of it is out", () => {
    const upstream = new FakeUpstream(10);
    const consumer = new SlowConsumer<number>();
    upstream.values.pipe(paced(failing(4))).subscribe(consumer.observer);
    expect(upstream.emitted).toBe(5);
    expect(upstream.held).toBe(1);
    consumer.release();
    expect(upstream.emitted).toBe(5);
    consumer.release();
    expect(consumer.values).toEqual([0, 1, 2]);
    // Held as it is, it fills up again.
    expect(upstream.emitted).toBe(7);
    consumer.drain();
    expect(consumer.values).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(consumer.completed).toBe(true);
    expect(upstream.held).toBe(0);
  });

  test('never fails for a value that is larger than what is left of the limit of bytes', () => {
    const upstream = new FakeUpstream(50);
    const consumer = new SlowConsumer<Uint8Array>();
    upstream.values
      .pipe(
        map((n) => Buffer.alloc(70, n)),
        paced(buffer({ limitBytes: 100, overflow: 'fail' })),
      )
      .subscribe(consumer.observer);
    // One that was passed on, and two that wait: the second does not fit, but was in hand.
    expect(upstream.emitted).toBe(3);
    expect(upstream.held).toBe(1);
    consumer.drain();
    expect(consumer.error).toBeUndefined();
    expect(consumer.values.map(([n]) => n)).toEqual(Array.from({ length: 50 }, (_, n) => n));
  });

  test.each<[string, LossyStrategy]>([
    ['drop-oldest without a pause', buffer({ limit: 2, overflow: 'drop-oldest', pauseTimeout: 0 })],
    ['drop-newest without a pause', buffer({ limit: 2, overflow: 'drop-newest', pauseTimeout: 0 })],
    ['latest', latest()],
    ['drop', drop()],
    ['sample', sample(1_000, new ManualClock())],
  ])('%s: is never made to wait', (_name, strategy) => {
    const upstream = new FakeUpstream(100);
    const consumer = new SlowConsumer<number>();
    upstream.values.pipe(paced(strategy)).subscribe(consumer.observer);
    expect(upstream.emitted).toBe(100);
    expect(upstream.holds).toBe(0);
  });
});

describe('a full buffer that drops', () => {
  const behind = (
    overflow: 'drop-oldest' | 'drop-newest',
    clock: ManualClock,
    total = 1_000,
  ): { upstream: FakeUpstream; consumer: SlowConsumer<number>; dropped: number[] } => {
    const upstream = new FakeUpstream(total);
    const consumer = new SlowConsumer<number>();
    const dropped: number[] = [];
    upstream.values
      .pipe(paced(buffer({ limit: 10, overflow, clock }), { onDropped: (value) => void dropped.push(value) }))
      .subscribe(consumer.observer);
    return { upstream, consumer, dropped };
  };

  test.each(['drop-oldest', 'drop-newest'] as const)(
    '%s: a consumer that takes within the time gets everything, however long it takes in all',
    (overflow) => {
      const clock = new ManualClock();
      const { upstream, consumer, dropped } = behind(overflow, clock, 500);
      // It takes ten after 400 ms, then as many as come for as long: half of the time.
      while (!consumer.completed) {
        expect(upstream.held).toBe(1);
        clock.advance(400);
        consumer.drain();
        upstream.allow(0);
        clock.advance(400);
        consumer.holding = true;
        if (upstream.emitted === 500) break;
      }
      expect(consumer.values).toEqual(Array.from({ length: 500 }, (_, value) => value));
      expect(dropped).toEqual([]);
      expect(clock.pending).toBe(0);
    },
  );

  test('what has arrived when it pauses its source is kept, one value more than the limit at most', () => {
    const clock = new ManualClock();
    const { upstream, consumer } = behind('drop-oldest', clock);
    expect(upstream.emitted).toBe(11);
    clock.advance(500);
    consumer.drain();
    expect(consumer.values).toHaveLength(1_000);
  });

  test('slow it pauses nobody until its consumer takes something, and then only for the time that the source flowed', () => {
    const clock = new ManualClock();
    const upstream = new FakeUpstream(1_000, 0, 11);
    const consumer = new SlowConsumer<number>();
    upstream.values.pipe(paced(buffer({ limit: 10, overflow: 'drop-oldest', clock }))).subscribe(consumer.observer);
    clock.advance(1_000);
    expect(upstream.held).toBe(0);
    upstream.allow(100);
    expect(upstream).toMatchObject({ emitted: 111, held: 0 });
    // A value leaves; there is room for one more, and the next pauses for what has been regained.
    clock.advance(5_000);
    consumer.release();
    clock.advance(30);
    upstream.allow(3);
    expect(upstream).toMatchObject({ emitted: 112, held: 1 });
    clock.advance(29);
    expect(upstream.held).toBe(1);
    clock.advance(1);
    expect(upstream).toMatchObject({ emitted: 114, held: 0 });
    expect(consumer.values).toEqual([0, 101]);
  });

  test('a source that can not be paused is not waited for', () => {
    const clock = new ManualClock();
    const source = new Subject<number>();
    const consumer = new SlowConsumer<number>();
    source.pipe(paced(buffer({ limit: 2, overflow: 'drop-oldest', clock }))).subscribe(consumer.observer);
    send(source, 1, 2, 3, 4, 5);
    expect(clock.pending).toBe(0);
    consumer.drain();
    expect(consumer.values).toEqual([1, 4, 5]);
  });

  test('unsubscribed while it pauses it leaves no timer and resumes its source', () => {
    const clock = new ManualClock();
    const upstream = new FakeUpstream(100);
    const consumer = new SlowConsumer<number>();
    const subscription = upstream.values
      .pipe(paced(buffer({ limit: 2, overflow: 'drop-newest', clock })))
      .subscribe(consumer.observer);
    expect([upstream.held, clock.pending]).toEqual([1, 1]);
    subscription.unsubscribe();
    expect([upstream.held, clock.pending]).toEqual([0, 0]);
  });
});

describe('sample', () => {
  const scheduler = (): TestScheduler =>
    new TestScheduler((actual, expected) => {
      expect(actual).toEqual(expected);
    });

  test.each([
    ['the newest on each beat', '-a-b-c--d---|', '-----c----d-|'],
    ['a beat without anything new is silent', '-a-----------b-|', '-----a---------(b|)'],
    ['what comes on the beat waits for the next', '-----a------|', '----------a-|'],
    ['what is left comes when the source completes', '-a-b--c|', '-----b-(c|)'],
    ['what is left comes when the source fails', '-a-b--c#', '-----b-(c#)'],
    ['a source that is empty', '--|', '--|'],
  ])('%s', (_name, given, expected) => {
    scheduler().run(({ cold, expectObservable }) => {
      expectObservable(cold(given).pipe(paced(sample(5)))).toBe(expected);
    });
  });

  test('to the millisecond, by a clock that is given; no timer while there is nothing', () => {
    const clock = new ManualClock();
    const source = new Subject<number>();
    const recording = record(source.pipe(paced(sample(1_000, clock))));
    expect(clock.pending).toBe(0);
    clock.advance(2_500);
    send(source, 1, 2);
    clock.advance(499);
    expect(recording.values).toEqual([]);
    clock.advance(1);
    expect(recording.values).toEqual([2]);
    expect(clock.pending).toBe(0);
    recording.unsubscribe();
  });

  test('a consumer that is busy on the beat gets the newest when it is free', () => {
    const clock = new ManualClock();
    const { source, consumer, dropped } = slowly(sample(1_000, clock));
    send(source, 1);
    clock.advance(1_000);
    send(source, 2);
    clock.advance(1_000);
    send(source, 3);
    expect(consumer.values).toEqual([1]);
    expect(dropped).toEqual([2]);
    consumer.release();
    expect(consumer.values).toEqual([1, 3]);
    expect(clock.pending).toBe(0);
  });

  test('a timer that fires a fraction early is no beat of its own', () => {
    let now = 0;
    const timers: { delay: number; callback: () => void }[] = [];
    const hasty = {
      now: () => now,
      after: (delay: number, callback: () => void) => {
        timers.push({ delay, callback });
        return () => {};
      },
    };
    const source = new Subject<number>();
    const recording = record(source.pipe(paced(sample(100, hasty))));
    source.next(1);
    now = 99.4;
    timers.shift()?.callback();
    expect(recording.values).toEqual([]);
    expect(timers.map(({ delay }) => delay)).toEqual([1]);
    now = 100.4;
    timers.shift()?.callback();
    expect(recording.values).toEqual([1]);
  });

  test('RxJS’s virtual time drives it', () => {
    const time = new VirtualTimeScheduler();
    const source = new Subject<number>();
    const recording = record(source.pipe(paced(sample(3_600_000, time))));
    send(source, 1, 2, 3);
    time.flush();
    expect(recording.values).toEqual([3]);
    expect(time.now()).toBe(3_600_000);
  });

  test('unsubscribing leaves no timer', () => {
    const clock = new ManualClock();
    const source = new Subject<number>();
    const recording = record(source.pipe(paced(sample(1_000, clock))));
    source.next(1);
    expect(clock.pending).toBe(1);
    recording.unsubscribe();
    expect(clock.pending).toBe(0);
    expect(source.observed).toBe(false);
  });

  test('a connection that feeds it lends its clock', async () => {
    const raw = await rawServer();
    const clock = new ManualClock();
    const flow = connect({ port: raw.port, host: '127.0.0.1', transport: createNodeTransport({ clock }) });
    const [connection] = await record(flow).count(1);
    const lengths = record(
      (connection as Connection).incoming.pipe(
        mapAsync((chunk) => chunk.length),
        paced(sample(1_000)),
      ),
    );
    await (await raw.peer()).send('abc');
    await until(() => clock.pending === 1, 'the chunk');
    expect(lengths.values).toEqual([]);
    clock.advance(1_000);
    expect(lengths.values).toEqual([3]);
  });
});

describe('the end', () => {
  test('completion waits for what is kept', () => {
    const { source, consumer } = slowly(failing(5));
    send(source, 1, 2);
    source.complete();
    expect(consumer.completed).toBe(false);
    consumer.release();
    expect(consumer.values).toEqual([1, 2]);
    expect(consumer.completed).toBe(true);
  });

  test('a failure of the source waits for what is kept, and comes as it is', () => {
    const { source, consumer } = slowly(latest());
    const boom = new Error('boom');
    send(source, 1, 2);
    source.error(boom);
    expect(consumer.error).toBeUndefined();
    consumer.drain();
    expect(consumer.values).toEqual([1, 2]);
    expect(consumer.error).toBe(boom);
  });

  test('where nothing is kept a held consumer is told at once', () => {
    const { source, consumer } = slowly(drop());
    send(source, 1);
    source.complete();
    expect(consumer.completed).toBe(true);
  });

  test.each<[string, Observable<number>, unknown]>([
    ['empty', EMPTY, 'complete'],
    ['failed', throwError(() => 'boom'), 'boom'],
    ['of one', of(1), 'complete'],
  ])('of a source that is %s', (_name, source, expected) => {
    const { ending } = new Recording(source.pipe(paced(latest())));
    expect(ending?.kind === 'error' ? ending.error : ending?.kind).toBe(expected);
  });

  test('unsubscribing lets the source go, held or not', () => {
    const upstream = new FakeUpstream(100);
    const consumer = new SlowConsumer<number>();
    const subscription = upstream.values.pipe(paced(failing(4))).subscribe(consumer.observer);
    expect(upstream.held).toBe(1);
    subscription.unsubscribe();
    expect(upstream.held).toBe(0);
    expect(upstream.unsubscribed).toBe(1);
    expect(upstream.emitted).toBe(5);
    consumer.release();
    expect(consumer.values).toEqual([0]);
  });

  test('what onDropped throws is a defect: it comes as it is, and ends this flow', () => {
    const boom = new Error('boom');
    const source = new Subject<number>();
    const consumer = new SlowConsumer<number>();
    const onDropped = (): void => {
      throw boom;
    };
    source.pipe(paced(latest(), { onDropped })).subscribe(consumer.observer);
    send(source, 1, 2, 3);
    expect(consumer.error).toBe(boom);
    expect(source.observed).toBe(false);
  });

  test('onDropped may end the flow', () => {
    const source = new Subject<number>();
    const consumer = new SlowConsumer<number>();
    const subscription = source
      .pipe(paced(oldest(1), { onDropped: () => subscription.unsubscribe() }))
      .subscribe(consumer.observer);
    send(source, 1, 2, 3);
    consumer.release();
    expect(consumer.values).toEqual([1]);
    expect(source.observed).toBe(false);
  });

  test('a consumer that feeds its own source neither recurses nor holds itself', () => {
    const source = new Subject<number>();
    const values: number[] = [];
    source.pipe(paced(failing(2))).subscribe((value) => {
      values.push(value);
      if (value < 100_000) source.next(value + 1);
    });
    source.next(0);
    expect(values).toHaveLength(100_001);
  });
});

describe('between others', () => {
  test('several in a row, each held and released many times, neither recurse nor lose anything', async () => {
    const count = 100_000;
    const values = record(
      from(Array.from({ length: count }, (_, index) => index)).pipe(
        paced(failing(2)),
        rateLimit({ messagesPerSecond: 1, burst: count }, new ManualClock()),
        paced(failing(7)),
        mapAsync((value) => (value % 3 === 0 ? of(value) : value)),
        paced(failing(1)),
        mapAsync((value) => (value % 1_000 === 0 ? Promise.resolve(value) : value)),
      ),
    );
    await values.completion();
    expect(values.values).toEqual(Array.from({ length: count }, (_, index) => index));
  });

  test('in a room, a member that has stalled pauses the speaker for a bounded time, and misses the oldest', () => {
    const clock = new ManualClock();
    const speaker = new FakeUpstream(10);
    const room = new Subject<number>();
    const stalled = new SlowConsumer<number>();
    const lively: number[] = [];
    room.pipe(paced(buffer({ limit: 3, overflow: 'drop-oldest', clock }))).subscribe(stalled.observer);
    room.subscribe((value) => lively.push(value));
    speaker.values.subscribe(room);
    expect(lively).toHaveLength(4);
    clock.advance(999);
    expect(lively).toHaveLength(4);
    clock.advance(1);
    expect(lively).toHaveLength(10);
    expect(speaker.holds).toBe(1);
    expect(clock.pending).toBe(0);
    stalled.drain();
    expect(stalled.values).toEqual([0, 7, 8, 9]);
  });
});

describe('bytes', () => {
  const lossy: [string, LossyStrategy][] = [
    ['latest', latest()],
    ['drop', drop()],
    ['sample', sample(1_000)],
    ['drop-oldest', oldest(5)],
    ['drop-newest', newest(5)],
  ];

  test.each(lossy)('%s refuses them when types were lost, before anything is dropped', (_name, strategy) => {
    for (const bytes of [Buffer.from('x'), new Uint8Array(1), new DataView(new ArrayBuffer(1)), new ArrayBuffer(1)]) {
      const source: Observable<unknown> = of(bytes);
      const recording = new Recording(source.pipe(paced(strategy)));
      expect(recording.values).toEqual([]);
      const error = recording.ending?.kind === 'error' ? recording.ending.error : undefined;
      expect(error).toBeInstanceOf(InvalidOptions);
      expect(error).toMatchObject({ option: 'strategy', value: bytes });
      expect((error as Error).message).toMatch(/bytes can not be dropped/);
    }
  });

  test('what is kept goes back to its connection with the read that is given up', async () => {
    const raw = await rawServer();
    const [connection] = await record(connect({ port: raw.port, host: '127.0.0.1' })).count(1);
    const { incoming } = connection as Connection;
    const peer = await raw.peer();
    const consumer = new SlowConsumer<Buffer>();
    const first = incoming.pipe(paced(failing(100))).subscribe(consumer.observer);
    await peer.send('abc');
    await until(() => consumer.values.length === 1, 'the first chunk');
    await peer.send('def');
    await until(() => (connection as Connection).bytesRead === 6, 'the second chunk');
    await peer.send('ghi');
    await until(() => (connection as Connection).bytesRead === 9, 'the third chunk');
    first.unsubscribe();
    expect(Buffer.concat(consumer.values).toString()).toBe('abc');
    const [next] = await record(incoming).count(1);
    expect(next?.toString()).toBe('defghi');
  });
});

describe('bad input', () => {
  const wrong: [string, unknown, string][] = [
    ['no strategy', undefined, 'strategy'],
    ['a name', 'latest', 'strategy'],
    ['another thing', { strategy: 'other' }, 'strategy'],
    ['RxJS’s operator of the same name', rxBuffer(NEVER), 'strategy'],
    ['a limit of 0', buffer({ limit: 0, overflow: 'fail' }), 'limit'],
    ['a limit that is not whole', buffer({ limit: 1.5, overflow: 'fail' }), 'limit'],
    ['a limit that is none', buffer({ limit: Number.POSITIVE_INFINITY, overflow: 'fail' }), 'limit'],
    ['no limit', buffer({ overflow: 'fail' } as never), 'limit'],
    ['a limit of bytes of -1', buffer({ limitBytes: -1, overflow: 'drop-oldest' }), 'limitBytes'],
    ['a pause of -1', buffer({ limit: 1, overflow: 'drop-oldest', pauseTimeout: -1 }), 'pauseTimeout'],
    ['a clock that is none', buffer({ limit: 1, overflow: 'drop-newest', clock: {} as never }), 'clock'],
    [
      'a pause for a buffer that drops nothing',
      buffer({ limit: 1, overflow: 'fail', pauseTimeout: 1 } as never),
      'pauseTimeout',
    ],
    ['an overflow that is none', buffer({ limit: 1, overflow: 'explode' as never }), 'overflow'],
    ['no overflow', buffer({ limit: 1 } as never), 'overflow'],
    ['an option that is none', buffer({ limit: 1, overflow: 'fail', size: 3 } as never), 'size'],
    ['a period of 0', sample(0), 'ms'],
    ['a negative period', sample(-1), 'ms'],
    ['a clock that is none', sample(1, {} as never), 'clock'],
  ];

  test.each(wrong)('%s', (_name, strategy, option) => {
    let subscribed = false;
    const source = new Subject<number>();
    const { ending } = new Recording(source.pipe(paced(strategy as LossyStrategy)));
    subscribed ||= source.observed;
    expect(subscribed).toBe(false);
    expect(ending).toMatchObject({ kind: 'error', error: { _tag: 'InvalidOptions', option } });
  });

  test.each<[string, unknown, Strategy, string]>([
    ['onDropped that is no function', { onDropped: 5 }, latest(), 'onDropped'],
    ['onDropped where nothing is dropped', { onDropped: () => {} }, failing(1), 'onDropped'],
    ['an option that is none', { onDrop: () => {} }, latest(), 'onDrop'],
    ['no options at all', 5, latest(), 'options'],
  ])('%s', (_name, options, strategy, option) => {
    const { ending } = new Recording(NEVER.pipe(paced(strategy as LossyStrategy, options as never)));
    expect(ending).toMatchObject({ kind: 'error', error: { _tag: 'InvalidOptions', option } });
  });

  test('a strategy may be used more than once', () => {
    const strategy = oldest(1);
    for (let i = 0; i < 2; i++) {
      const { source, consumer } = slowly(strategy);
      send(source, 1, 2, 3);
      consumer.drain();
      expect(consumer.values).toEqual([1, 3]);
    }
  });
});

test('property: in any order of events each value is emitted or reported as dropped, once, and within the limit', () => {
  const strategies: fc.Arbitrary<Strategy> = fc.oneof(
    fc.integer({ min: 1, max: 5 }).map(failing),
    fc.integer({ min: 1, max: 5 }).map(oldest),
    fc.integer({ min: 1, max: 5 }).map(newest),
    fc.constant(latest()),
    fc.constant(drop()),
  );
  const actions = fc.array(fc.constantFrom('send', 'send', 'send', 'release', 'toggle'), { maxLength: 60 });
  fc.assert(
    fc.property(strategies, actions, (strategy, steps) => {
      const { source, consumer, dropped } = slowly(strategy);
      let sent = 0;
      for (const step of steps) {
        if (step === 'send') source.next(sent++);
        else if (step === 'release') consumer.release();
        else consumer.holding = !consumer.holding;
        if (consumer.error !== undefined) break;
      }
      if (consumer.error !== undefined) {
        expect(tagOf(consumer.error)).toBe('BufferOverflow');
        expect(strategy).toMatchObject({ overflow: 'fail' });
        return;
      }
      source.complete();
      consumer.drain();
      expect(consumer.completed).toBe(true);
      expect(consumer.values).toEqual(consumer.values.toSorted((a, b) => a - b));
      const all = [...consumer.values, ...dropped].toSorted((a, b) => a - b);
      expect(all).toEqual(Array.from({ length: sent }, (_, index) => index));
    }),
    { numRuns: process.env['RXJS_NET_LONG'] === '1' ? 10_000 : 500 },
  );
});

test('what mapAsync works on next is what the strategy kept, not what came while it was busy', async () => {
  const prices = new Subject<number>();
  const works: ((price: number) => void)[] = [];
  const shown: number[] = [];
  prices
    .pipe(
      paced(latest()),
      mapAsync((price) => new Promise<number>((resolve) => works.push(() => resolve(price)))),
    )
    .subscribe((price) => shown.push(price));
  for (let price = 0; price < 50; price++) prices.next(price);
  works[0]?.(0);
  await new Promise((resolve) => void setImmediate(resolve));
  works[1]?.(0);
  await new Promise((resolve) => void setImmediate(resolve));
  expect(shown).toEqual([0, 49]);
});
