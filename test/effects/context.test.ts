// The steps of an effect run in the context in which it was run, whoever else uses the connection, or interrupts it.
import { AsyncLocalStorage } from 'node:async_hooks';

import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { expect, onTestFinished, test } from 'vitest';

import { bracket, fromCallback, fromIO, map, of, toExit, toPromise } from '../../src/effects/index.ts';
import { connect, framed, lines, pool, rpc } from '../../src/index.ts';
import { mergeMap, of as just } from '../../src/rx.ts';
import { serving } from '../observables/support/sockets.ts';

const store = new AsyncLocalStorage<string>();
const whose = (): string => store.getStore() ?? 'none';

test('two users over one pooled connection', async () => {
  const server = await serving((connection) => connection.incoming);
  const clients = pool(connect(server.place), { size: 1 });
  onTestFinished(() => void clients.close({ drainTimeout: 1 }));
  const log: string[] = [];
  const ask = (user: string): Promise<E.Either<unknown, void>> =>
    store.run(user, () =>
      toPromise(
        pipe(
          fromCallback<unknown, string>((resolve) => {
            const asked = clients
              .use((connection) =>
                just(rpc(framed(connection, lines()))).pipe(mergeMap((client) => client.request(user))),
              )
              .subscribe({
                next: (answer) => resolve(E.right(answer)),
                error: (error: unknown) => resolve(E.left(error)),
              });
            return () => asked.unsubscribe();
          }),
          map((answer) => void log.push(`${answer}: ${whose()}`)),
        ),
      ),
    );
  await Promise.all([ask('alice'), ask('bob'), ask('carol')]);
  expect(log.toSorted()).toEqual(['alice: alice', 'bob: bob', 'carol: carol']);
});

test('what stops a wait, and a release, when another one interrupts', async () => {
  const log: string[] = [];
  const controller = new AbortController();
  const resource = bracket(of('resource'), () => fromIO(() => void log.push(`release ${whose()}`)));
  const waiting = resource(() =>
    fromCallback<never, never>(() => () => {
      log.push(`cancel ${whose()}`);
    }),
  );
  const exit = store.run('alice', () => toExit(waiting, { signal: controller.signal }));
  await new Promise((resolve) => setImmediate(resolve));
  store.run('bob', () => controller.abort());
  expect((await exit)._tag).toBe('Interrupted');
  expect(log).toEqual(['cancel alice', 'release alice']);
});
