import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';

import { bracket, bracketed, fromIO, left, netEnv, of, sleep, toExit, toPromise } from 'rxjs-net/effects';

describe('a bracket', () => {
  const said: string[] = [];
  const opened = (name: string) =>
    bracket(
      fromIO(() => {
        said.push(`open ${name}`);
        return name;
      }),
      (_, exit) =>
        fromIO(() => {
          said.push(`close ${name} after ${exit._tag}`);
        }),
    );
  const nested = <E, A>(use: ReturnType<typeof of<E, A>>) => opened('a')(() => opened('b')(() => use));
  const closed = (how: string): string[] => ['open a', 'open b', `close b after ${how}`, `close a after ${how}`];

  test('closes after a success, in reverse order', async () => {
    said.length = 0;
    expect(await toPromise(nested(of(1)))).toEqual(E.right(1));
    expect(said).toEqual(closed('Success'));
  });

  test('closes after a failure', async () => {
    said.length = 0;
    expect(await toPromise(nested(left('no')))).toEqual(E.left('no'));
    expect(said).toEqual(closed('Failure'));
  });

  test('closes after a defect, which carries its cause', async () => {
    said.length = 0;
    const cause = new Error('oops');
    const exit = await toExit(
      nested(
        fromIO(() => {
          throw cause;
        }),
      ),
    );
    expect(exit).toMatchObject({ _tag: 'Defect', cause });
    expect(said).toEqual(closed('Defect'));
  });

  test('closes after an interruption', async () => {
    said.length = 0;
    const controller = new AbortController();
    const exit = toExit(nested(sleep(60_000)), { signal: controller.signal });
    setTimeout(() => controller.abort('enough'));
    expect(await exit).toMatchObject({ _tag: 'Interrupted', reason: 'enough' });
    expect(said).toEqual(closed('Interrupted'));
  });

  test('tells of a release that failed, and of how the use had ended', async () => {
    const failing = bracket(of('a'), () => left('stuck'));
    expect(await toPromise(failing(() => of(1)))).toMatchObject({
      left: { _tag: 'ReleaseFailed', release: 'stuck', exit: { _tag: 'Success', value: 1 } },
    });
    expect(await toPromise(failing(() => left('no')))).toMatchObject({
      left: { _tag: 'ReleaseFailed', release: 'stuck', exit: { _tag: 'Failure', failure: 'no' } },
    });
  });

  test('of none: what the use throws is a rejection, also of a task that is run by other means', async () => {
    const task = bracketed()(() => {
      throw new Error('oops');
    })(netEnv());
    const running = task();
    await expect(running).rejects.toThrow('oops');
  });
});
