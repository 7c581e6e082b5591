// What fp-ts lifted can't be told to stop: a limit and an abort settle all the same, and what is ours is released first.
import { left, right } from 'fp-ts/lib/Either.js';
import * as RTE from 'fp-ts/lib/ReaderTaskEither.js';
import { pipe } from 'fp-ts/lib/function.js';
import { describe, expect, test } from 'vitest';

import {
  bracket,
  die,
  flatMap,
  forEachFrame,
  fromIO,
  map,
  type NetEnv,
  of,
  race,
  serveWith,
  timeout,
  toExit,
  toPromise,
  traverseArray,
  uninterruptible,
  withConnection,
} from 'rxjs-net/effects';
import { endpointOf, lines } from '../../src/index.ts';
import { turn } from '../observables/support/wait.ts';
import { local, never, note } from './support/effects.ts';

/** A task of fp-ts's that ends when the test says so. */
function lifted<A>(value: A) {
  let finish = (): void => {};
  const ended = new Promise<A>((resolve) => {
    finish = () => resolve(value);
  });
  return { finish, effect: RTE.fromTask<A, NetEnv>(() => ended) };
}

/** A resource that notes its release, which takes a turn. */
const noting = (seen: string[]) =>
  bracket(of('resource'), () =>
    pipe(
      RTE.fromTask<void, NetEnv>(turn),
      flatMap(() => note(seen, 'released')),
    ),
  );

describe('an abort', () => {
  test('does not wait for a task, and no further step of ours begins', async () => {
    const controller = new AbortController();
    const { effect, finish } = lifted('late');
    const seen: string[] = [];
    const exit = toExit(
      pipe(
        effect,
        RTE.flatMap(() => note(seen, 'further')),
      ),
      { signal: controller.signal },
    );
    controller.abort('enough');
    expect(await exit).toMatchObject({ _tag: 'Interrupted', reason: 'enough' });
    finish();
    await turn();
    expect(seen).toEqual([]);
  });

  test('waits for what is ours within what is fp-ts’s', async () => {
    const controller = new AbortController();
    const seen: string[] = [];
    const exit = toExit(RTE.sequenceArray([lifted(1).effect, noting(seen)(() => never)]), {
      signal: controller.signal,
    });
    await turn();
    controller.abort('enough');
    expect(await exit).toMatchObject({ _tag: 'Interrupted' });
    expect(seen).toEqual(['released']);
  });

  test('releases after a use that is lifted', async () => {
    const controller = new AbortController();
    const seen: string[] = [];
    const exit = toExit(
      noting(seen)(() => lifted(1).effect),
      { signal: controller.signal },
    );
    await turn();
    controller.abort('enough');
    expect(await exit).toMatchObject({ _tag: 'Interrupted' });
    expect(seen).toEqual(['released']);
  });

  test('lets what is uninterruptible finish', async () => {
    const controller = new AbortController();
    const { effect, finish } = lifted(1);
    const seen: string[] = [];
    const exit = toExit(
      uninterruptible(
        pipe(
          effect,
          flatMap(() => note(seen, 'finished')),
        ),
      ),
      {
        signal: controller.signal,
      },
    );
    controller.abort('enough');
    await turn();
    finish();
    expect(await exit).toMatchObject({ _tag: 'Interrupted' });
    expect(seen).toEqual(['finished']);
  });

  test('keeps a value that is on its way', async () => {
    const controller = new AbortController();
    const exit = toExit(
      pipe(
        RTE.fromTask<string, NetEnv>(async () => {
          controller.abort('too late');
          return 'there';
        }),
        RTE.map((text) => text.length),
      ),
      { signal: controller.signal },
    );
    expect(await exit).toEqual({ _tag: 'Success', value: 5 });
  });
});

describe('a limit', () => {
  test('settles over a task, whose late result is dropped', async () => {
    const { effect, finish } = lifted('late');
    const ended = await toPromise(pipe(effect, timeout(5)));
    expect(ended).toMatchObject(left({ _tag: 'DeadlineExceeded', limit: 5 }));
    finish();
  });

  test('drops a late rejection as well', async () => {
    let fail: (error: Error) => void = () => {};
    const effect = RTE.fromTask<never, NetEnv>(
      () =>
        new Promise((_, reject) => {
          fail = reject;
        }),
    );
    expect(await toPromise(pipe(effect, timeout(5)))).toMatchObject(left({ _tag: 'DeadlineExceeded' }));
    fail(new Error('late'));
    await turn();
  });

  test('within a limit', async () => {
    const ended = await toPromise(pipe(lifted(1).effect, timeout(60_000), map(String), timeout(5)));
    expect(ended).toMatchObject(left({ _tag: 'DeadlineExceeded', limit: 5 }));
  });
});

test('a race does not wait for a loser that is lifted', async () => {
  expect(await toPromise(pipe(lifted('slow').effect, race(of('fast'))))).toEqual(right('fast'));
});

test('nor does a traversal that has failed', async () => {
  const exit = await toExit(
    pipe(
      [0, 1],
      traverseArray((n) => (n === 0 ? lifted(0).effect : die('a bug')), { concurrency: 2 }),
    ),
  );
  expect(exit).toMatchObject({ _tag: 'Defect', cause: 'a bug' });
});

test('what fp-ts’s parallel functions leave behind is interrupted and released before the end', async () => {
  const seen: string[] = [];
  const exit = await toExit(RTE.sequenceArray([die('a bug'), noting(seen)(() => never)]));
  expect(exit).toMatchObject({ _tag: 'Defect', cause: 'a bug' });
  expect(seen).toEqual(['released']);
});

test('and so it is in a use, before the release', async () => {
  const seen: string[] = [];
  const outer = bracket(of('outer'), () => note(seen, 'outer released'));
  await toExit(outer(() => RTE.sequenceArray([die('a bug'), noting(seen)(() => never)])));
  expect(seen).toEqual(['released', 'outer released']);
});

test('what is left behind begins nothing more', async () => {
  const { effect, finish } = lifted(1);
  const seen: string[] = [];
  await toExit(
    RTE.sequenceArray([
      die('a bug'),
      pipe(
        effect,
        flatMap(() => noting(seen)(() => note(seen, 'used'))),
      ),
    ]),
  );
  finish();
  await turn();
  expect(seen).toEqual([]);
});

test('a handler of a server that waits for a task does not hold up the end of the server', async () => {
  const { effect } = lifted(undefined);
  let begun = (): void => {};
  const running = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const server = serveWith({ ...local }, (connection) =>
    pipe(
      connection,
      forEachFrame(lines(), () => effect),
      () =>
        pipe(
          fromIO(begun),
          flatMap(() => effect),
        ),
    ),
  );
  const exit = await toExit(
    server(({ address }) =>
      withConnection(endpointOf(address))(() =>
        pipe(
          RTE.fromTask<void, NetEnv>(() => running),
          flatMap(() => die('the use is over')),
        ),
      ),
    ),
  );
  expect(exit).toMatchObject({ _tag: 'Defect', cause: 'the use is over' });
});

test.each([42, undefined, null, {}, { _tag: 'Some' }, 'Right'])(
  'what ends with %j and no Either is a defect',
  async (end) => {
    const exit = await toExit((() => async () => end) as never);
    expect(exit).toMatchObject({ _tag: 'Defect', cause: { name: 'TypeError' } });
    const used = await toExit(bracket(of(1), () => of(2))((() => () => async () => end) as never));
    expect(used).toMatchObject({ _tag: 'Defect', cause: { name: 'TypeError' } });
  },
);
