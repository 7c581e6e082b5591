// Flows as async iterables, and back: as fast as who takes, nothing ahead, nothing left.
import * as fc from 'fast-check';
import { EMPTY, interval, NEVER, Observable, of, Subject, take, throwError } from 'rxjs';
import { describe, expect, test } from 'vitest';

import { connect, currentUpstream, lines, sendTo, toAsyncIterable } from '../../../src/index.ts';
import { from, mergeMap } from '../../../src/rx.ts';
import { dialled, pair, rawServer as pausedServer } from '../support/sockets.ts';
import { standstill } from '../support/wait.ts';
import { freePort, rawServer } from '../support-failures/peers.ts';
import { record } from '../support-failures/record.ts';
import { turns, until, within } from '../support-failures/wait.ts';

const collect = async <A>(iterable: AsyncIterable<A>): Promise<A[]> => {
  const all: A[] = [];
  for await (const item of iterable) all.push(item);
  return all;
};

describe('a flow as an async iterable', () => {
  test('gives what the flow emits, each time it is iterated', async () => {
    const iterable = toAsyncIterable(of(1, 2, 3));
    expect(await within(collect(iterable), 'all')).toEqual([1, 2, 3]);
    expect(await within(collect(iterable), 'all')).toEqual([1, 2, 3]);
  });

  test('subscribes with the first next, not before', async () => {
    let subscriptions = 0;
    const flow = new Observable<number>((subscriber) => {
      subscriptions++;
      subscriber.complete();
    });
    const iterator = toAsyncIterable(flow)[Symbol.asyncIterator]();
    expect(subscriptions).toBe(0);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(subscriptions).toBe(1);
  });

  test('throws the failure once, after what came before it', async () => {
    const failure = new Error('mine');
    const source = new Subject<number>();
    const iterator = toAsyncIterable(source)[Symbol.asyncIterator]();
    const first = iterator.next();
    source.next(1);
    source.next(2);
    source.error(failure);
    expect(await first).toEqual({ done: false, value: 1 });
    expect(await iterator.next()).toEqual({ done: false, value: 2 });
    await expect(iterator.next()).rejects.toBe(failure);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  test('a failure that comes while nobody asks is told with the next call', async () => {
    const failure = new Error('mine');
    const source = new Subject<number>();
    const iterator = toAsyncIterable(source)[Symbol.asyncIterator]();
    const first = iterator.next();
    source.next(1);
    await first;
    source.error(failure);
    await expect(iterator.next()).rejects.toBe(failure);
  });

  test('calls of next that overlap get the items in order', async () => {
    const source = new Subject<number>();
    const iterator = toAsyncIterable(source)[Symbol.asyncIterator]();
    const asked = [iterator.next(), iterator.next(), iterator.next(), iterator.next()];
    source.next(1);
    source.next(2);
    source.complete();
    expect((await Promise.all(asked)).map(({ value }) => value)).toEqual([1, 2, undefined, undefined]);
  });

  test.each(['break', 'throw', 'return'] as const)('leaving the loop by %s unsubscribes at once', async (how) => {
    let open = 0;
    const flow = new Observable<number>((subscriber) => {
      open++;
      subscriber.add(() => open--);
      subscriber.next(1);
    });
    const loop = async (): Promise<void> => {
      for await (const _ of toAsyncIterable(flow)) {
        if (how === 'break') break;
        if (how === 'return') return;
        throw new Error('mine');
      }
    };
    await loop().catch(() => {});
    expect(open).toBe(0);
  });

  test('return ends a next that waits', async () => {
    const iterator = toAsyncIterable(NEVER)[Symbol.asyncIterator]();
    const waiting = iterator.next();
    expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
    expect(await within(waiting, 'the end')).toEqual({ done: true, value: undefined });
    const other = toAsyncIterable(NEVER)[Symbol.asyncIterator]();
    await expect(other.throw?.(new Error('mine'))).rejects.toThrow('mine');
    expect(await other.next()).toEqual({ done: true, value: undefined });
  });

  test('signal ends it with its reason, whatever the stage', async () => {
    const before = new AbortController();
    before.abort(new Error('before'));
    await expect(collect(toAsyncIterable(NEVER, { signal: before.signal }))).rejects.toThrow('before');
    const during = new AbortController();
    const waiting = collect(toAsyncIterable(NEVER, { signal: during.signal }));
    await turns();
    during.abort(new Error('during'));
    await expect(waiting).rejects.toThrow('during');
  });

  test('what can’t be held is queued up to a bound', async () => {
    const iterable = toAsyncIterable(interval(1).pipe(take(50)), { maxBuffered: 5 });
    const seen: number[] = [];
    const loop = async (): Promise<void> => {
      for await (const item of iterable) {
        seen.push(item);
        await new Promise((resolve) => {
          setTimeout(resolve, 30);
        });
      }
    };
    await expect(loop()).rejects.toMatchObject({ _tag: 'BufferOverflow', limit: 5, unit: 'items' });
    // What had been queued before is there.
    expect(seen).toEqual(Array.from({ length: seen.length }, (_, index) => index));
    expect(seen.length).toBeGreaterThanOrEqual(6);
  });

  test.each([
    ['maxBuffered', { maxBuffered: 0 }],
    ['maxBufferedBytes', { maxBufferedBytes: -1 }],
    ['signal', { signal: 5 as never }],
    ['sgnal', { sgnal: 5 } as never],
    ['options', null as never],
  ])('bad option %s', async (option, options) => {
    await expect(collect(toAsyncIterable(EMPTY, options))).rejects.toMatchObject({ _tag: 'InvalidOptions', option });
  });

  test.each([null, 5, {}, []])('%s is no flow', async (flow) => {
    const refused = { _tag: 'InvalidOptions', option: 'flow', value: flow };
    await expect(collect(toAsyncIterable(flow as never))).rejects.toMatchObject(refused);
  });

  test('nothing is asked of an iterable ahead of the loop', async () => {
    let asked = 0;
    const source = from(
      (function* () {
        for (;;) yield asked++;
      })(),
    );
    for await (const item of toAsyncIterable(source)) if (item === 4) break;
    expect(asked).toBe(5);
  });

  test('property: any items, taken at any pace, until any of them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer(), { maxLength: 20 }),
        fc.array(fc.boolean(), { maxLength: 20 }),
        fc.nat(25),
        async (items, pauses, until_) => {
          const seen: number[] = [];
          let given = 0;
          const source = from(
            (function* () {
              for (const item of items) {
                given++;
                yield item;
              }
            })(),
          );
          for await (const item of toAsyncIterable(source)) {
            seen.push(item);
            if (pauses[seen.length] === true) await turns(1);
            if (seen.length === until_) break;
          }
          const expected = until_ === 0 ? items : items.slice(0, until_);
          expect(seen).toEqual(expected);
          expect(given).toBe(expected.length);
        },
      ),
      { numRuns: process.env['RXJS_NET_LONG'] === '1' ? 5_000 : 100 },
    );
  });
});

describe('a connection in a loop', () => {
  test('a slow loop makes the peer wait', async () => {
    const { connection, peer } = await pair();
    let produced = 0;
    peer.flood(() => {
      produced += 65_536;
      return Buffer.alloc(65_536);
    });
    const iterator = toAsyncIterable(connection.incoming)[Symbol.asyncIterator]();
    await within(iterator.next(), 'the first chunk');
    await standstill(() => produced);
    const read = connection.bytesRead;
    expect(read).toBeLessThanOrEqual(65_536);
    await within(iterator.next(), 'the second chunk');
    expect(connection.bytesRead).toBeGreaterThan(read);
    peer.stopFlood();
    await iterator.return?.();
  });

  test('what the loop did not take is there for the next reader', async () => {
    const { connection, peer } = await pair();
    peer.socket.write('one\ntwo\nthree\nrest');
    for await (const line of toAsyncIterable(connection.incoming.pipe(lines()))) if (line === 'two') break;
    const after: string[] = [];
    for await (const chunk of toAsyncIterable(connection.incoming)) {
      after.push(String(chunk));
      if (after.join('').endsWith('rest')) break;
    }
    expect(after.join('')).toBe('three\nrest');
  });

  test('breaking out of a loop over connect closes the connection', async () => {
    const server = await rawServer();
    for await (const connection of toAsyncIterable(connect({ host: '127.0.0.1', port: server.port }))) {
      expect(connection.remote).toMatchObject({ port: server.port });
      break;
    }
    await (await server.peer(0)).end();
  });

  test('its failures are thrown as they are', async () => {
    const port = await freePort();
    await expect(collect(toAsyncIterable(connect({ host: '127.0.0.1', port })))).rejects.toMatchObject({
      _tag: 'ConnectionRefused',
      port,
    });
  });
});

describe('an async iterable as a flow', () => {
  test('is asked for as much as the peer takes, and ended at once', async () => {
    const server = await pausedServer();
    const connection = await dialled(server.place);
    let given = 0;
    let returned = false;
    const source: AsyncIterable<Buffer> = {
      [Symbol.asyncIterator]: () => ({
        next: () => {
          given++;
          return Promise.resolve({ done: false, value: Buffer.alloc(65_536) });
        },
        return: () => {
          returned = true;
          return Promise.resolve({ done: true, value: undefined });
        },
      }),
    };
    const sending = record(from(source).pipe(sendTo(connection)));
    const stalled = await standstill(() => given);
    (await server.peer()).read();
    await until(() => given > stalled + 10, 'more');
    sending.unsubscribe();
    expect(returned).toBe(true);
  });

  test('return is called although a next is under way', async () => {
    let returned = false;
    const source: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => {}),
        return: () => {
          returned = true;
          return Promise.resolve({ done: true, value: undefined });
        },
      }),
    };
    record(from(source)).unsubscribe();
    expect(returned).toBe(true);
  });

  test('there and back is the same', async () => {
    const flow = from(toAsyncIterable(from(toAsyncIterable(of(1, 2, 3)))));
    expect(await record(flow).completion()).toEqual([1, 2, 3]);
    const failing = from(toAsyncIterable(throwError(() => new Error('mine'))));
    expect(await record(failing).failure()).toMatchObject({ message: 'mine' });
  });

  test('a hold goes through to the first source', async () => {
    let given = 0;
    const first = from(
      (function* () {
        for (;;) yield given++;
      })(),
    );
    let release: (() => void) | undefined;
    const recording = record(
      from(toAsyncIterable(first)).pipe(
        mergeMap((value) => {
          if (value === 3) release = currentUpstream()?.hold();
          return of(value);
        }),
      ),
    );
    await until(() => release !== undefined, 'a hold');
    await turns(20);
    expect(given).toBe(4);
    recording.unsubscribe();
  });
});
