import * as fc from 'fast-check';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, test, vi } from 'vitest';

import {
  type Chunk,
  connect,
  type Connection,
  createNodeTransport,
  lines,
  rateLimit,
  type RateLimitOptions,
  sendTo,
} from '../../src/index.ts';
import {
  EMPTY,
  from,
  from as rxFrom,
  NEVER,
  type Observable,
  of,
  Subject,
  take,
  VirtualTimeScheduler,
} from '../../src/rx.ts';
import { FakeUpstream, SlowConsumer } from './support/fake-upstream.ts';
import { pattern } from './support/data.ts';
import { ManualClock } from './support-failures/manual-clock.ts';
import { rawServer } from './support-failures/peers.ts';
import { record, Recording } from './support-failures/record.ts';
import { standstill } from './support/wait.ts';
import { turns, until } from './support-failures/wait.ts';

const runs = process.env['RXJS_NET_LONG'] === '1' ? 2_000 : 200;

/** What came, and when. */
interface Passed {
  readonly at: number;
  readonly bytes: Buffer;
}

function noting(flow: Observable<Uint8Array>, clock: ManualClock): Passed[] {
  const start = clock.now();
  const passed: Passed[] = [];
  flow.subscribe((bytes) => passed.push({ at: clock.now() - start, bytes: Buffer.from(bytes) }));
  return passed;
}

const all = (passed: readonly Passed[]): Buffer => Buffer.concat(passed.map(({ bytes }) => bytes));

/** Lets time pass until nothing waits for it any more. */
function runOut(clock: ManualClock, limit = 100_000): void {
  for (let steps = 0; clock.pending > 0; steps++) {
    if (steps > limit) throw new Error('it does not come to an end');
    clock.advance(1);
  }
}

describe('bytes per second', () => {
  test('the burst at once, the rest to the millisecond as its time comes, in pieces of 10 ms', () => {
    const clock = new ManualClock();
    const chunk = pattern(350);
    const passed = noting(of(chunk).pipe(rateLimit({ bytesPerSecond: 1_000, burst: 100 }, clock)), clock);
    expect(all(passed)).toHaveLength(100);
    clock.advance(9);
    expect(all(passed)).toHaveLength(100);
    clock.advance(1);
    expect(all(passed)).toHaveLength(110);
    clock.advance(239);
    expect(all(passed)).toHaveLength(340);
    clock.advance(1);
    expect(all(passed)).toEqual(chunk);
    expect(passed.map(({ at }) => at)).toEqual(Array.from({ length: 26 }, (_, index) => index * 10));
    expect(clock.pending).toBe(0);
  });

  test('after a pause no more than the burst', () => {
    const clock = new ManualClock();
    const source = new Subject<Uint8Array>();
    const passed = noting(source.pipe(rateLimit({ bytesPerSecond: 1_000, burst: 50 }, clock)), clock);
    clock.advance(1_000_000);
    source.next(pattern(51));
    expect(all(passed)).toHaveLength(50);
    clock.advance(1);
    expect(all(passed)).toHaveLength(51);
  });

  test('a byte a minute', () => {
    const clock = new ManualClock();
    const passed = noting(of(pattern(3)).pipe(rateLimit({ bytesPerSecond: 1 / 60 }, clock)), clock);
    clock.advance(59_999);
    expect(all(passed)).toHaveLength(1);
    clock.advance(1);
    expect(all(passed)).toHaveLength(2);
    clock.advance(59_999);
    expect(all(passed)).toHaveLength(2);
    clock.advance(1);
    expect(all(passed)).toHaveLength(3);
  });

  test('text leaves as bytes, and is counted as such', () => {
    const clock = new ManualClock();
    const passed = noting(of('ääää').pipe(rateLimit({ bytesPerSecond: 100, burst: 3 }, clock)), clock);
    expect(all(passed)).toHaveLength(3);
    runOut(clock);
    expect(all(passed).toString()).toBe('ääää');
  });

  test('nothing is copied, and a chunk that has room is passed on as it is', () => {
    const clock = new ManualClock();
    const chunk = pattern(100);
    const { values } = new Recording(of(chunk).pipe(rateLimit({ bytesPerSecond: 1_000, burst: 100 }, clock)));
    expect(values[0]).toBe(chunk);
    const cut = new Recording(of(chunk).pipe(rateLimit({ bytesPerSecond: 1_000, burst: 50 }, clock)));
    runOut(clock);
    for (const piece of cut.values) expect(piece.buffer).toBe(chunk.buffer);
  });

  test(
    'property: the rate holds over any window, nothing is lost, and nothing is slower than it must be',
    { timeout: 120_000 },
    () => {
      fc.assert(
        fc.property(
          fc.integer({ min: 1, max: 100_000 }),
          fc.integer({ min: 1, max: 5_000 }),
          fc.array(fc.record({ size: fc.integer({ min: 0, max: 3_000 }), pause: fc.integer({ min: 0, max: 300 }) }), {
            minLength: 1,
            maxLength: 12,
          }),
          (rate, burst, chunks) => {
            const total = chunks.reduce((sum, { size }) => sum + size, 0);
            fc.pre(total / rate < 60);
            const clock = new ManualClock();
            const source = new Subject<Uint8Array>();
            const passed: Passed[] = [];
            const begin = clock.now();
            source
              .pipe(rateLimit({ bytesPerSecond: rate, burst }, clock))
              .subscribe((bytes) => passed.push({ at: clock.now() - begin, bytes: Buffer.from(bytes) }));
            const sent: Buffer[] = [];
            for (const { size, pause } of chunks) {
              const chunk = pattern(size, sent.length + 1);
              sent.push(chunk);
              source.next(chunk);
              clock.advance(pause);
            }
            runOut(clock);
            expect(all(passed).equals(Buffer.concat(sent))).toBe(true);
            for (let first = 0; first < passed.length; first++) {
              let bytes = 0;
              for (let last = first; last < passed.length; last++) {
                bytes += passed[last]?.bytes.length ?? 0;
                const window = (passed[last]?.at ?? 0) - (passed[first]?.at ?? 0);
                if (bytes > burst + (window * rate) / 1000) {
                  throw new Error(`${bytes} bytes in ${window} ms`);
                }
              }
            }
            // What the rounding of timers to whole milliseconds costs is made up for, unless the bucket overflows in between.
            const end = passed.at(-1)?.at ?? 0;
            const pauses = chunks.reduce((sum, { pause }) => sum + pause, 0);
            const lost = burst < (rate / 1000) * 11 ? passed.length : 1;
            expect(end).toBeLessThanOrEqual(pauses + Math.ceil((total * 1000) / rate) + lost);
          },
        ),
        { numRuns: runs },
      );
    },
  );
});

describe('messages per second', () => {
  const scheduler = (): TestScheduler =>
    new TestScheduler((actual, expected) => {
      expect(actual).toEqual(expected);
    });

  test.each<[string, RateLimitOptions, string, string]>([
    ['one at a time', { messagesPerSecond: 200, burst: 1 }, '(abc|)', 'a----b----(c|)'],
    ['a burst', { messagesPerSecond: 200, burst: 2 }, '(abcd|)', '(ab)-c----(d|)'],
    ['slower than the rate passes as it is', { messagesPerSecond: 200, burst: 1 }, 'a-----b-----c|', 'a-----b-----c|'],
    ['a failure comes after what is kept', { messagesPerSecond: 200, burst: 1 }, '(ab#)', 'a----(b#)'],
    ['completion without a message', { messagesPerSecond: 1 }, '---|', '---|'],
  ])('%s', (_name, options, given, expected) => {
    scheduler().run(({ cold, expectObservable }) => {
      expectObservable(from(cold(given)).pipe(rateLimit(options as { messagesPerSecond: number }))).toBe(expected);
    });
  });

  test('whatever they are', () => {
    const time = new VirtualTimeScheduler();
    const messages = [{ a: 1 }, undefined, null, 0];
    const recording = new Recording(rxFrom(messages).pipe(rateLimit({ messagesPerSecond: 1 }, time)));
    expect(recording.values).toEqual([{ a: 1 }]);
    time.flush();
    expect(recording.values).toEqual(messages);
    expect(time.now()).toBe(3_000);
  });
});

describe('the source', () => {
  test('is made to wait, one value in hand, and never dropped from', () => {
    const clock = new ManualClock();
    const upstream = new FakeUpstream(5);
    const recording = record(upstream.values.pipe(rateLimit({ messagesPerSecond: 10 }, clock)));
    expect(recording.values).toEqual([0]);
    expect(upstream.emitted).toBe(2);
    expect(upstream.held).toBe(1);
    clock.advance(99);
    expect(recording.values).toEqual([0]);
    clock.advance(1);
    expect(recording.values).toEqual([0, 1]);
    expect(upstream.emitted).toBe(3);
    runOut(clock);
    expect(recording.values).toEqual([0, 1, 2, 3, 4]);
    expect(recording.ending).toEqual({ kind: 'complete' });
    expect(upstream.held).toBe(0);
  });

  test('waits as well for a consumer that holds; time in which it does is not saved up beyond the burst', () => {
    const clock = new ManualClock();
    const upstream = new FakeUpstream(100);
    const consumer = new SlowConsumer<number>();
    const subscription = upstream.values
      .pipe(rateLimit({ messagesPerSecond: 10, burst: 2 }, clock))
      .subscribe(consumer.observer);
    expect(consumer.values).toEqual([0]);
    clock.advance(10_000);
    expect(consumer.values).toEqual([0]);
    expect(upstream.emitted).toBe(2);
    consumer.drain();
    expect(consumer.values).toEqual([0, 1, 2]);
    subscription.unsubscribe();
    expect(clock.pending).toBe(0);
    expect(upstream.held).toBe(0);
    expect(upstream.unsubscribed).toBe(1);
  });

  test('that can’t be made to wait is queued up to a bound', () => {
    const clock = new ManualClock();
    const source = new Subject<string>();
    const recording = record(source.pipe(rateLimit({ messagesPerSecond: 10, maxBuffered: 2 }, clock)));
    for (const text of ['a', 'b', 'c', 'd']) source.next(text);
    expect(recording.ending).toMatchObject({
      kind: 'error',
      error: { _tag: 'BufferOverflow', limit: 2, queued: 3, unit: 'items' },
    });
    expect(recording.values).toEqual(['a']);
    expect(clock.pending).toBe(0);
    expect(source.observed).toBe(false);
  });

  test('the same in bytes', () => {
    const clock = new ManualClock();
    const source = new Subject<Uint8Array>();
    const recording = record(source.pipe(rateLimit({ bytesPerSecond: 10, burst: 1, maxBufferedBytes: 100 }, clock)));
    // The one in hand, which is being cut, counts as none.
    for (const size of [5, 60, 40]) source.next(pattern(size));
    expect(recording.ending).toBeUndefined();
    source.next(pattern(1));
    expect(recording.ending).toMatchObject({
      kind: 'error',
      error: { _tag: 'BufferOverflow', limit: 100, queued: 101, unit: 'bytes' },
    });
  });

  test('of 100,000 values that pass at once neither recurses nor is slow', () => {
    const clock = new ManualClock();
    const recording = new Recording(
      from(Array.from({ length: 100_000 }, (_, index) => index)).pipe(
        rateLimit({ messagesPerSecond: 1, burst: 100_000 }, clock),
      ),
    );
    expect(recording.values).toHaveLength(100_000);
    expect(recording.ending).toEqual({ kind: 'complete' });
  });

  test('an iterable without an end is asked for no more than passes', () => {
    const clock = new ManualClock();
    let asked = 0;
    const endless = {
      *[Symbol.iterator]() {
        for (;;) yield asked++;
      },
    };
    const recording = record(from(endless).pipe(rateLimit({ messagesPerSecond: 10 }, clock), take(5)));
    runOut(clock);
    expect(recording.values).toEqual([0, 1, 2, 3, 4]);
    expect(asked).toBeLessThan(7);
  });

  test('fake timers drive it where no clock is given', () => {
    vi.useFakeTimers();
    try {
      const recording = new Recording(rxFrom(['a', 'b']).pipe(rateLimit({ messagesPerSecond: 10 })));
      vi.advanceTimersByTime(99);
      expect(recording.values).toEqual(['a']);
      vi.advanceTimersByTime(1);
      expect(recording.values).toEqual(['a', 'b']);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('a connection', () => {
  async function connected(clock: ManualClock) {
    const raw = await rawServer();
    const transport = createNodeTransport({ clock });
    const [connection] = await record(connect({ port: raw.port, host: '127.0.0.1', transport })).count(1);
    return { connection: connection as Connection, peer: await raw.peer() };
  }

  test('that is read goes by its own clock, and isn’t read meanwhile', async () => {
    const clock = new ManualClock();
    const { connection, peer } = await connected(clock);
    const recording = record(connection.incoming.pipe(rateLimit({ bytesPerSecond: 1_000, burst: 10 })));
    const sent = pattern(1_000_000);
    void peer.send(sent).catch(() => undefined);
    await until(() => recording.values.length > 0, 'the first chunk');
    // One chunk is read ahead, to see the peer's end.
    const read = await standstill(() => connection.bytesRead);
    expect(read).toBeLessThanOrEqual(2 * 65_536);
    clock.advance(1_000);
    await turns();
    expect(connection.bytesRead).toBe(read);
    const got = Buffer.concat(recording.values);
    expect(got).toEqual(sent.subarray(0, 1_010));
  });

  test('that is written to is sent no more than the rate', async () => {
    const clock = new ManualClock();
    const { connection, peer } = await connected(clock);
    const chunks: Chunk[] = ['hello ', Buffer.from('world')];
    const sending = record(from(chunks).pipe(rateLimit({ bytesPerSecond: 100, burst: 4 }, clock), sendTo(connection)));
    await peer.receives('hell');
    clock.advance(10);
    await peer.receives('hello');
    await turns();
    expect(peer.text).toBe('hello');
    runOut(clock);
    await sending.completion();
    await peer.receives('hello world');
  });

  test('gets back what has not passed when the read is given up, also behind a framing', async () => {
    const clock = new ManualClock();
    const { connection, peer } = await connected(clock);
    const first = record(connection.incoming.pipe(rateLimit({ bytesPerSecond: 1_000, burst: 10 }), lines(), take(1)));
    await peer.send('one\ntwo\nthree\nfour\n');
    await first.completion();
    expect(first.values).toEqual(['one']);
    const second = record(connection.incoming.pipe(lines()));
    expect(await second.count(3)).toEqual(['two', 'three', 'four']);
    expect(clock.pending).toBe(0);
  });

  test('property: given up at any time, no byte is lost', async () => {
    const clock = new ManualClock();
    const { connection, peer } = await connected(clock);
    const sent = pattern(3_000);
    const got: Buffer[] = [];
    let total = 0;
    for (const [at, size] of [900, 50, 1_200, 7, 843].entries()) {
      const start = total;
      total += size;
      await peer.send(sent.subarray(start, total));
      const reading = record(connection.incoming.pipe(rateLimit({ bytesPerSecond: 1_000, burst: 16 })));
      await until(() => reading.values.length > 0, 'some bytes');
      clock.advance(at * 37);
      reading.unsubscribe();
      got.push(...reading.values);
    }
    const rest = record(connection.incoming);
    await until(
      () => got.concat(rest.values).reduce((sum, { length }) => sum + length, 0) === sent.length,
      'all of it',
    );
    expect(Buffer.concat([...got, ...rest.values])).toEqual(sent);
  });
});

describe('bad input', () => {
  const rates = [0, -1, Number.NaN, Number.POSITIVE_INFINITY, '5', null, true];
  const wrong: [string, unknown][] = [
    ...rates.map((bytesPerSecond): [string, unknown] => ['bytesPerSecond', { bytesPerSecond }]),
    ...rates.map((messagesPerSecond): [string, unknown] => ['messagesPerSecond', { messagesPerSecond }]),
    ...[0, -1, 1.5, Number.NaN, '5'].map((burst): [string, unknown] => ['burst', { bytesPerSecond: 10, burst }]),
    ['maxBuffered', { messagesPerSecond: 10, maxBuffered: 0 }],
    ['maxBufferedBytes', { bytesPerSecond: 10, maxBufferedBytes: -1 }],
    ['messagesPerSecond', { bytesPerSecond: 10, messagesPerSecond: 10 }],
    ['bytesPerSecond', {}],
    ['rate', { rate: 10 }],
    ['options', 10],
    ['options', undefined],
  ];

  test.each(wrong)('%s of %j', (option, options) => {
    const { ending } = new Recording(NEVER.pipe(rateLimit(options as { messagesPerSecond: number })));
    expect(ending).toMatchObject({ kind: 'error', error: { _tag: 'InvalidOptions', option } });
  });

  test('a clock that is none', () => {
    const { ending } = new Recording(EMPTY.pipe(rateLimit({ messagesPerSecond: 10 }, 5 as never)));
    expect(ending).toMatchObject({ kind: 'error', error: { _tag: 'InvalidOptions', option: 'clock' } });
  });

  test('a chunk that is none', () => {
    const source: Observable<unknown> = of(5);
    const { ending } = new Recording(source.pipe(rateLimit({ bytesPerSecond: 10 }) as never));
    expect(ending).toMatchObject({ kind: 'error', error: { _tag: 'InvalidOptions', option: 'chunk' } });
  });
});
