// A source that ends within the call of `subscribe`, and whose teardown throws after it: RxJS drops that exception, we report it.
import { finalize } from 'rxjs';
import { describe, expect, test } from 'vitest';

import {
  answerWith,
  connect,
  deadline,
  type Flow,
  idleTimeout,
  mapAsync,
  paced,
  pool,
  rateLimit,
  reconnecting,
  runFlow,
  timeouts,
  toAsyncIterable,
  toReadableStream,
} from '../../../src/index.ts';
import {
  combineLatest,
  concat,
  concatMap,
  exhaustMap,
  from,
  merge,
  mergeMap,
  NEVER,
  type Observable,
  of,
  race,
  switchMap,
  zip,
} from '../../../src/rx.ts';
import { buffer, drop, latest } from '../../../src/strategies.ts';
import { serving } from '../support/sockets.ts';
import { turn, until, watch, within } from '../support/wait.ts';
import { Bomb, misreported, watchProcess } from './support.ts';

type Ended = Flow<string>;

const byId = { idOf: () => 1, assign: (answer: string) => answer };
const uses: Record<string, (ended: Ended) => Observable<unknown>> = {
  idleTimeout: (ended) => ended.pipe(idleTimeout(1_000)),
  deadline: (ended) => ended.pipe(deadline(1_000)),
  timeouts: (ended) => ended.pipe(timeouts({ idle: 1_000 })),
  concatMap: (ended) => ended.pipe(concatMap((text) => [text])),
  mergeMap: (ended) => ended.pipe(mergeMap((text) => [text])),
  switchMap: (ended) => ended.pipe(switchMap((text) => [text])),
  exhaustMap: (ended) => ended.pipe(exhaustMap((text) => [text])),
  mapAsync: (ended) => ended.pipe(mapAsync((text) => Promise.resolve(text))),
  'an inner of concatMap': (ended) => of(1).pipe(concatMap(() => ended)),
  'an inner of mergeMap': (ended) => of(1).pipe(mergeMap(() => ended)),
  'an inner of switchMap': (ended) => of(1).pipe(switchMap(() => ended)),
  'an inner of mapAsync': (ended) => of(1).pipe(mapAsync(() => ended)),
  merge: (ended) => merge(ended, of(1)),
  concat: (ended) => concat(ended, of(1)),
  zip: (ended) => zip(ended, of(1)),
  combineLatest: (ended) => combineLatest([ended, of(1)]),
  race: (ended) => race(ended, of(1)),
  answerWith: (ended) => ended.pipe(answerWith((text) => of(text))),
  'answerWith by id, with cancelOf': (ended) =>
    ended.pipe(answerWith((text) => of(text), { ...byId, cancelOf: () => undefined })),
  'a handler of answerWith, by order': (ended) => of('x').pipe(answerWith(() => ended)),
  'a handler of answerWith, by id': (ended) => of('x').pipe(answerWith(() => ended, byId)),
  'a handler of answerWith, with cancelOf': (ended) =>
    of('x').pipe(answerWith(() => ended, { ...byId, cancelOf: () => undefined })),
  'paced(buffer)': (ended) => ended.pipe(paced(buffer({ limit: 5, overflow: 'fail' }))),
  'paced(latest)': (ended) => ended.pipe(paced(latest())),
  'paced(drop)': (ended) => ended.pipe(paced(drop())),
  rateLimit: (ended) => ended.pipe(rateLimit({ bytesPerSecond: 1_000_000 })),
  reconnecting: (ended) => ended.pipe(reconnecting({ maxAttempts: 1 })),
  'for await': (ended) => from(toAsyncIterable(ended)),
  'a web stream': (ended) => from(toReadableStream(ended)),
  runFlow: (ended) => from(runFlow(ended)),
};

const failing = (bomb: Bomb): Ended => of('one', 'two').pipe(finalize(bomb.go));

describe('the teardown of a source that has ended at once throws: it is reported once', () => {
  test.each(Object.keys(uses))('%s', async (name) => {
    const use = uses[name];
    if (use === undefined) throw new Error('no such use');
    const bomb = new Bomb(name);
    const watched = watchProcess();
    const seen = watch(use(failing(bomb)));
    await within(seen.ended, 'the end of the flow');
    await turn();
    await turn();
    expect(bomb.thrown).toHaveLength(1);
    expect(watched.uncaught).toEqual([]);
    expect(misreported(bomb, [...watched.warnings, ...seen.errors])).toEqual([]);
  });

  test('the work of pool.use, and the flow that dials', async () => {
    const [work, dial] = [new Bomb('work'), new Bomb('dial')];
    const watched = watchProcess();
    const server = await serving(() => NEVER);
    const connections = pool(connect({ ...server.place }).pipe(finalize(dial.go)), { size: 1 });
    const seen = watch(connections.use(() => failing(work)));
    await within(seen.ended, 'the end of the work');
    const again = watch(connections.use(() => of('three')));
    await within(again.ended, 'the next one');
    expect(again.values).toEqual(['three']);
    await within(connections.close(), 'the report');
    await until(() => dial.thrown.length === 1, 'the end of the dial');
    await turn();
    expect(watched.uncaught).toEqual([]);
    for (const bomb of [work, dial]) expect(misreported(bomb, [...watched.warnings, ...seen.errors])).toEqual([]);
  });
});
