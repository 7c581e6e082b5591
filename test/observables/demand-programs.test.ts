import * as rxjs from 'rxjs';
import { firstValueFrom } from 'rxjs';
import { describe, expect, test } from 'vitest';

import {
  framed,
  type Framing,
  jsonLines,
  lines,
  mapAsync,
  rateLimit,
  rpc,
  serve,
  toAsyncIterable,
} from '../../src/index.ts';
import type { Flow } from '../../src/observables/flow.ts';
import {
  bufferCount,
  concatMap,
  from,
  groupBy,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  share,
  Subject,
  take,
  timer,
  toArray,
  window,
  windowCount,
  windowCount as rxWindowCount,
  windowTime,
  zip,
} from '../../src/rx.ts';
import { dialled, type Place, placeOf, transports } from './support/sockets.ts';
import { within } from './support/wait.ts';

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
const range = (length: number): number[] => Array.from({ length }, (_, index) => index);

describe('a consumer that feeds its own source', () => {
  const links = (page: number): number[] => [2 * page + 1, 2 * page + 2].filter((each) => each < 2_000);

  test.each([
    ['mapAsync', mapAsync(async (page: number) => (await turn(), links(page)))],
    ['mapAsync, 8 at a time', mapAsync(async (page: number) => (await turn(), links(page)), { concurrency: 8 })],
    ['concatMap', concatMap((page: number) => timer(0).pipe(map(() => links(page))))],
    ['mergeMap, 3 at a time', mergeMap(async (page: number) => (await turn(), links(page)), 3)],
  ] as const)('a crawler with %s visits every page', async (_name, fetch) => {
    const pages = new Subject<number>();
    const seen = new Set<number>([0]);
    const all = new Promise<void>((resolve, reject) => {
      pages
        .pipe(
          fetch,
          mergeMap((found) => found),
        )
        .subscribe({
          next: (page) => {
            seen.add(page);
            pages.next(page);
            if (seen.size === 2_000) resolve();
          },
          error: reject,
        });
    });
    pages.next(0);
    await within(all, 'all pages', 20_000);
    expect(seen.size).toBe(2_000);
  });

  test('two stages, the second of which feeds the first', async () => {
    const [questions, answers] = [new Subject<number>(), new Subject<number>()];
    const seen: number[] = [];
    const done = new Promise<void>((resolve, reject) => {
      const error = reject;
      questions
        .pipe(concatMap((n) => range(40).map((i) => n * 40 + i)))
        .subscribe({ next: (n) => answers.next(n), error });
      answers.pipe(concatMap((n) => timer(0).pipe(map(() => n)))).subscribe({
        next: (n) => {
          seen.push(n);
          if (n > 0 && n < 4) questions.next(n);
          if (seen.length === 160) resolve();
        },
        error,
      });
    });
    questions.next(0);
    await within(done, 'all values', 20_000);
    expect(seen.toSorted((a, b) => a - b)).toEqual(range(160));
  });
});

/** The framing, with the type that both ends agree on. */
const messageLines = jsonLines() as unknown as Framing<Message, Message>;

interface Message {
  readonly id?: number;
  readonly text: string;
}

describe.each(transports)('a client that asks, over %s, because of what it is told', (_name, place) => {
  /** A server that notifies 200 times as fast as it can, and answers each question. */
  const notifying = async (): Promise<{ dial: Place; close: () => void }> =>
    new Promise((resolve) => {
      const server = serve({ ...place() }, (connection) => {
        const channel = framed(connection, messageLines);
        return merge(
          channel.send(range(200).map((n) => ({ text: `note ${n}` }))),
          channel.incoming.pipe(
            map(({ id, text }) => ({ id, text: `answer to ${text}` })),
            (answers) => channel.send(answers as never),
          ),
        );
      }).subscribe((event) => {
        if (event.type === 'listening') {
          resolve({ dial: placeOf(event.address), close: () => server.unsubscribe() });
        }
      });
    });

  test.each(['concatMap', 'mapAsync', 'mergeMap', 'for await'] as const)('through %s', async (how) => {
    const { dial, close } = await notifying();
    const connection = await dialled(dial);
    const notes = new Subject<Message>();
    const client = rpc(framed(connection, messageLines), {
      assign: (text: string, id: number): Message => ({ id, text }),
      idOf: (message: Message) => message.id,
      unmatched: (message) => notes.next(message),
    });
    const ask = (note: Message): Observable<Message> => client.request(note.text);
    const answers: string[] = [];
    const work = async (): Promise<void> => {
      if (how === 'for await') {
        for await (const note of toAsyncIterable(notes.pipe(take(200)))) {
          answers.push((await firstValueFrom(ask(note))).text);
        }
        return;
      }
      const through = {
        concatMap: concatMap(ask),
        mapAsync: mapAsync(async (note: Message) => firstValueFrom(ask(note))),
        mergeMap: mergeMap(ask, 2),
      }[how];
      await rxjs.lastValueFrom(notes.pipe(take(200), through).pipe(map(({ text }) => answers.push(text))));
    };
    const working = work();
    // The first request begins to read.
    expect((await firstValueFrom(client.request('hello'))).text).toBe('answer to hello');
    await within(working, 'all answers', 20_000);
    expect(answers.toSorted()).toEqual(
      range(200)
        .map((n) => `answer to note ${n}`)
        .toSorted(),
    );
    close();
  });
});

describe('windows and groups of one connection under paced operators', () => {
  /** The lines of a connection that sends 2,000 of them at once. */
  async function numbers<B>(make: (source: Flow<number, unknown>) => Observable<B>): Promise<B[]> {
    const listening = new Subject<Place>();
    const server = serve({ host: '127.0.0.1', port: 0 }, () => [
      range(2_000)
        .map((n) => `${n}\n`)
        .join(''),
    ]).subscribe((event) => {
      if (event.type === 'listening') listening.next(placeOf(event.address));
    });
    const connection = await dialled(await firstValueFrom(listening));
    const all = firstValueFrom(make(connection.incoming.pipe(lines(), map(Number))).pipe(toArray()));
    try {
      return await within(all, 'all values', 10_000);
    } finally {
      server.unsubscribe();
    }
  }
  const sum = (window_: Observable<number>): Observable<number> => window_.pipe(rxjs.reduce((a, b) => a + b, 0));
  const slowSum = (window_: Observable<number>): Observable<number> =>
    sum(window_).pipe(rxjs.mergeMap(async (n) => (await turn(), n)));
  const sums = (size: number): number[] =>
    range(2_000 / size).map((k) => range(size).reduce((total, i) => total + k * size + i, 0));

  test.each([
    ['concatMap', (source: Flow<number, unknown>) => source.pipe(windowCount(4), concatMap(slowSum))],
    ['mapAsync', (source: Flow<number, unknown>) => source.pipe(windowCount(4), mapAsync(slowSum))],
    [
      'mapAsync with a promise',
      (source: Flow<number, unknown>) =>
        source.pipe(
          windowCount(4),
          mapAsync((w) => firstValueFrom(slowSum(w)), { concurrency: 1_000 }),
        ),
    ],
    ['mergeMap', (source: Flow<number, unknown>) => source.pipe(windowCount(4), mergeMap(sum, 2))],
    [
      'rateLimit',
      (source: Flow<number, unknown>) =>
        source.pipe(windowCount(4), mergeMap(sum), rateLimit({ messagesPerSecond: 100_000, burst: 1_000 })),
    ],
    ['RxJS’s windowCount, concatMap', (source: Flow<number, unknown>) => source.pipe(rxWindowCount(4), concatMap(sum))],
    [
      'bufferCount, concatMap',
      (source: Flow<number, unknown>) =>
        source.pipe(
          bufferCount(4),
          concatMap(async (four) => (await turn(), four.reduce((a, b) => a + b))),
        ),
    ],
    [
      'nested windows',
      (source: Flow<number, unknown>) =>
        source.pipe(
          windowCount(20),
          concatMap((twenty) => twenty.pipe(windowCount(4), concatMap(sum))),
        ),
    ],
    [
      'zip',
      (source: Flow<number, unknown>) => {
        const shared = source.pipe(share());
        return zip([shared.pipe(windowCount(4), mergeMap(sum)), shared.pipe(windowCount(4), mergeMap(sum))]).pipe(
          map(([one]) => one),
        );
      },
    ],
  ] as const)('windowCount(4) and %s: every sum', async (name, make) => {
    const got = await numbers<number>(make);
    // The last window is empty, as RxJS has it.
    if (name !== 'concatMap' && name !== 'mapAsync') expect(got.filter((each) => each > 0)).toEqual(sums(4));
    // A window that waits for its turn misses its values, as with RxJS, and every window has its sum.
    else expect(got).toHaveLength(501);
  });

  test('groupBy with more groups than slots, as RxJS has it', async () => {
    const ours = await numbers((source) =>
      source.pipe(
        groupBy((n) => n % 40),
        mergeMap((group) => group.pipe(toArray()), 2),
      ),
    );
    const theirs = await numbers((source) =>
      source.pipe(
        rxjs.groupBy((n) => n % 40),
        rxjs.mergeMap((group) => group.pipe(toArray()), 2),
      ),
    );
    expect(ours).toEqual(theirs);
    // Groups of RxJS's own operator are known by their key.
    const mixed = await numbers((source) =>
      source.pipe(
        rxjs.groupBy((n) => n % 40),
        mergeMap((group) => group.pipe(toArray()), 2),
      ),
    );
    expect(mixed).toEqual(theirs);
    const keys = await numbers((source) =>
      source.pipe(
        groupBy((n) => n % 3),
        mergeMap((group) => of(group.key)),
      ),
    );
    expect(keys).toEqual([0, 1, 2]);
  });

  test('window and windowTime: nothing stands still', async () => {
    const ended = await numbers((source) => source.pipe(window(timer(0, 1)), mapAsync(sum)));
    const timed = await numbers((source) => source.pipe(windowTime(1), mapAsync(sum)));
    const total = range(2_000).reduce((a, b) => a + b);
    expect(ended.reduce((a, b) => a + b)).toBeLessThanOrEqual(total);
    expect(timed.reduce((a, b) => a + b)).toBeLessThanOrEqual(total);
    expect(
      await numbers((source) =>
        from([1]).pipe(
          concatMap(() => source),
          take(3),
        ),
      ),
    ).toEqual([0, 1, 2]);
  });
});
