// What goes wrong in something that was given up is told, also where nobody waits for it any more.
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';

import { pipe } from 'fp-ts/lib/function.js';
import * as O from 'fp-ts/lib/Option.js';
import { of as flowOf, type Subscription } from 'rxjs';
import { expect, test } from 'vitest';

import { type Defect, endpointOf } from 'rxjs-net';
import {
  as,
  bracket,
  flatMap,
  left,
  type Net,
  of,
  read,
  runForEach,
  type ServerEvent,
  serveWith,
  sleep,
  stream,
  toExit,
  toFlow,
  withConnection,
} from 'rxjs-net/effects';
import { local, never, note } from './support/effects.ts';

/** Never ends by itself, and can't be closed. */
const stuck: Net<unknown, never> = bracket(of('file'), () => left('stuck'))(() => never);

/** The warning that unsubscribing leads to. */
async function warningOf(subscription: Subscription): Promise<unknown> {
  const warned = once(process, 'warning');
  subscription.unsubscribe();
  const [warning] = await warned;
  return warning;
}

test('unsubscribing from toFlow or stream: a release that fails is a warning of the process', async () => {
  expect(await warningOf(toFlow()(stuck).subscribe())).toMatchObject({ _tag: 'Defect', cause: 'stuck' });
  const streamed = stream()(pipe(stuck, as(O.some(1))));
  expect(await warningOf(streamed.subscribe())).toMatchObject({ _tag: 'Defect', cause: 'stuck' });
});

test('unsubscribing from toFlow or stream: an interruption that went well is none', async () => {
  const warnings: unknown[] = [];
  const warned = (warning: unknown): void => void warnings.push(warning);
  process.on('warning', warned);
  toFlow()(sleep(60_000)).subscribe().unsubscribe();
  stream()(pipe(sleep(60_000), as(O.some(1))))
    .subscribe()
    .unsubscribe();
  await wait(1);
  process.off('warning', warned);
  expect(warnings).toEqual([]);
});

test('runForEach: a release that fails in what another failure gives up is a defect', async () => {
  const work = (n: number): Net<unknown, never> =>
    n === 1
      ? stuck
      : pipe(
          sleep(1),
          flatMap(() => left('no')),
        );
  const exit = await toExit(pipe(flowOf(1, 2), runForEach(work, { concurrency: 2 })));
  expect(exit).toMatchObject({ _tag: 'Defect', cause: 'stuck' });
});

test('runForEach: a release that fails when it is interrupted stands in the interruption', async () => {
  const work = pipe(
    flowOf(1),
    runForEach(() => stuck),
  );
  const exit = await toExit(work, { signal: AbortSignal.timeout(5) });
  expect(exit).toMatchObject({ _tag: 'Interrupted', suppressed: [{ _tag: 'Defect', cause: 'stuck' }] });
});

test('serveWith: a release that fails in a handler that is given up is a defect of the handler', async () => {
  const told: Defect[] = [];
  const options = {
    ...local,
    drainTimeout: 5,
    onDefect: (defect: Defect) => note(told, defect),
  };
  const server = serveWith(
    options,
    () => stuck,
    () => of(undefined),
  );
  const program = server(({ address, shutdown }) =>
    withConnection(endpointOf(address))((connection) =>
      pipe(
        shutdown,
        flatMap(() => read(connection)),
      ),
    ),
  );
  await toExit(program);
  expect(told).toMatchObject([{ _tag: 'Defect', cause: 'stuck' }]);
});

test('serveWith: a defect that onDefect has no time for is a warning of the process', async () => {
  const warned = once(process, 'warning');
  const options = { ...local, drainTimeout: 5, onDefect: () => sleep(60_000) };
  const server = serveWith(options, () => {
    throw new Error('bug');
  });
  const exit = await toExit(
    server(({ address, shutdown }) =>
      withConnection(endpointOf(address))((connection) =>
        pipe(
          read(connection),
          flatMap(() => shutdown),
        ),
      ),
    ),
    { signal: AbortSignal.timeout(20) },
  );
  expect(exit._tag).not.toBe('Defect');
  expect(await warned).toMatchObject([{ name: 'Defect', code: 'RXJS_NET_DEFECT', cause: { message: 'bug' } }]);
});

test('serveWith: a use that is given up with its server tells what could not be closed, and why it was given up', async () => {
  const bug = new Error('bug');
  const onEvent =
    ({ type }: ServerEvent) =>
    () => {
      if (type === 'opened') throw bug;
    };
  const server = serveWith({ ...local, onEvent }, () => of(undefined));
  const use = bracket(of('file'), () => left('stuck'));
  const exit = await toExit(server(({ address }) => use(() => withConnection(endpointOf(address))(() => never))));
  expect(exit).toMatchObject({ _tag: 'Defect', cause: 'stuck', suppressed: [{ _tag: 'Defect', cause: bug }] });
});
