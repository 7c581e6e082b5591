// Message by message: what is run, when it leaves, and how it ends.
import { pipe } from 'fp-ts/lib/function.js';
import { none, some } from 'fp-ts/lib/Option.js';
import { describe, expect, test } from 'vitest';

import {
  flatMap,
  forEachFrame,
  fromIO,
  left,
  type Net,
  of,
  readFrame,
  sleep,
  toExit,
  toPromise,
  uninterruptible,
  writeFrame,
} from 'rxjs-net/effects';
import { type Connection, defineFraming, incomplete, lines } from '../../src/index.ts';
import { fakeConnection } from '../observables/support/fake-link.ts';
import { turn } from '../observables/support/wait.ts';
import { note } from './support/effects.ts';

const next = (connection: Connection): Net<unknown, unknown> => pipe(connection, readFrame(lines()));

describe('what is run', () => {
  test('one after the other, however they are cut, until the peer ends', async () => {
    const { connection, link } = await fakeConnection({ allowHalfOpen: true });
    const seen: string[] = [];
    const f = (line: string): Net<never, void> =>
      pipe(
        note(seen, `${line} begins`),
        flatMap(() => sleep(1)),
        flatMap(() => note(seen, `${line} ends`)),
      );
    const running = toPromise(pipe(connection, forEachFrame(lines(), f)));
    for (const piece of ['o', 'ne\ntwo\nth', 'ree\n']) {
      while (!link.reading) await turn();
      link.deliver(piece);
    }
    while (seen.length < 6) await turn();
    link.deliverEnd();
    expect(await running).toEqual({ _tag: 'Right', right: undefined });
    expect(seen).toEqual(['one begins', 'one ends', 'two begins', 'two ends', 'three begins', 'three ends']);
    connection.destroy();
  });

  test('the stack does not grow with the messages of a chunk, and what they write leaves as one', async () => {
    const { connection, link } = await fakeConnection({ allowHalfOpen: true });
    const COUNT = 20_000;
    const handled: string[] = [];
    const running = toPromise(
      pipe(
        connection,
        forEachFrame(lines(), (line) => {
          handled.push(line);
          return pipe(
            connection,
            writeFrame(lines(), line),
            flatMap(() => pipe(connection, writeFrame(lines(), '!'))),
          );
        }),
      ),
    );
    await turn();
    link.deliver('x\n'.repeat(COUNT));
    while (handled.length < COUNT) await turn();
    await turn();
    link.deliverEnd();
    expect((await running)._tag).toBe('Right');
    expect(link.received.toString()).toBe('x\n!\n'.repeat(COUNT));
    expect(link.writes.length).toBeLessThan(10);
    connection.destroy();
  });

  test('the two answers to a message that is alone in its chunk leave as one', async () => {
    const { connection, link } = await fakeConnection({ allowHalfOpen: true });
    const write = (text: string): Net<unknown, void> => pipe(connection, writeFrame(lines(), text));
    const running = toPromise(
      pipe(
        connection,
        forEachFrame(lines(), () =>
          pipe(
            write('head'),
            flatMap(() => write('body')),
          ),
        ),
      ),
    );
    for (let round = 1; round <= 3; round++) {
      await turn();
      link.deliver('x\n');
      await turn();
      expect(link.writes.length).toBe(round);
    }
    expect(link.received.toString()).toBe('head\nbody\n'.repeat(3));
    link.deliverEnd();
    await running;
    connection.destroy();
  });

  test('an effect may read what follows, and the loop goes on behind that', async () => {
    const { connection, link } = await fakeConnection({ allowHalfOpen: true });
    const seen: unknown[] = [];
    const f = (line: string): Net<unknown, void> =>
      pipe(
        next(connection),
        flatMap((following) => fromIO(() => void seen.push([line, following]))),
      );
    const running = toPromise(pipe(connection, forEachFrame(lines(), f)));
    await turn();
    link.deliver('a\nb\nc\n');
    await turn();
    await turn();
    link.deliver('d\n');
    await turn();
    await turn();
    link.deliverEnd();
    expect((await running)._tag).toBe('Right');
    expect(seen).toEqual([
      ['a', some('b')],
      ['c', some('d')],
    ]);
    connection.destroy();
  });
});

describe('how it ends', () => {
  test('with the first failure of an effect; what follows is left', async () => {
    const { connection, link } = await fakeConnection({ allowHalfOpen: true });
    const f = (line: string): Net<string, void> => (line === 'bad' ? left('no') : of(undefined));
    const running = toPromise(pipe(connection, forEachFrame(lines(), f)));
    await turn();
    link.deliver('good\nbad\nrest\n');
    expect(await running).toEqual({ _tag: 'Left', left: 'no' });
    expect(await toPromise(next(connection))).toEqual({ _tag: 'Right', right: some('rest') });
    connection.destroy();
  });

  test.each([true, false])('with what an effect, or what makes it, throws (%s)', async (early) => {
    const { connection, link } = await fakeConnection({ allowHalfOpen: true });
    const boom = (): never => {
      throw new Error('boom');
    };
    const f = (): Net<never, void> => (early ? boom() : fromIO(boom));
    const running = toExit(pipe(connection, forEachFrame(lines(), f)));
    await turn();
    link.deliver('x\n');
    expect(await running).toMatchObject({ _tag: 'Defect', cause: { message: 'boom' } });
    connection.destroy();
  });

  test('with what reading fails with, and with what is wrong in the arguments', async () => {
    const { connection, link } = await fakeConnection({ allowHalfOpen: true });
    const f = (): Net<never, void> => of(undefined);
    expect(await toPromise(forEachFrame(undefined as never, f)(connection))).toMatchObject({
      left: { _tag: 'InvalidOptions', option: 'framing' },
    });
    expect(await toPromise(forEachFrame(lines(), f)({} as never))).toMatchObject({
      left: { _tag: 'InvalidOptions', option: 'connection' },
    });
    // Before anything has come: who forgot it would hear of it with the first message only.
    expect(await toPromise(forEachFrame(lines(), undefined as never)(connection))).toMatchObject({
      left: { _tag: 'InvalidOptions', option: 'f' },
    });
    const running = toPromise(pipe(connection, forEachFrame(lines({ maxLength: 4 }), f)));
    await turn();
    link.deliver('too long\n');
    expect(await running).toMatchObject({ left: { _tag: 'FrameTooLarge' } });
    connection.destroy();
    expect(await toPromise(pipe(connection, forEachFrame(lines(), f)))).toMatchObject({
      left: { _tag: 'ConnectionClosed' },
    });
  });
});

describe('interrupted', () => {
  test.each(['', 'half a li'])('while it waits, with %j of a message there: no byte is lost', async (begun) => {
    const { connection, link } = await fakeConnection({ allowHalfOpen: true });
    const controller = new AbortController();
    const running = toExit(
      pipe(
        connection,
        forEachFrame(lines(), () => of(undefined)),
      ),
      { signal: controller.signal },
    );
    await turn();
    if (begun !== '') link.deliver(begun);
    await turn();
    controller.abort('enough');
    expect(await running).toMatchObject({ _tag: 'Interrupted', reason: 'enough' });
    const following = toPromise(next(connection));
    await turn();
    link.deliver('ne\n');
    expect(await following).toEqual({ _tag: 'Right', right: some(`${begun}ne`) });
    connection.destroy();
  });

  test('while an effect runs, once that has ended; the next message is left', async () => {
    const { connection, link } = await fakeConnection({ allowHalfOpen: true });
    const controller = new AbortController();
    const seen: string[] = [];
    const f = (line: string): Net<never, void> =>
      uninterruptible(
        pipe(
          sleep(5),
          flatMap(() => note(seen, line)),
        ),
      );
    const running = toExit(pipe(connection, forEachFrame(lines(), f)), { signal: controller.signal });
    await turn();
    link.deliver('one\ntwo\n');
    await turn();
    controller.abort('enough');
    expect(await running).toMatchObject({ _tag: 'Interrupted', reason: 'enough' });
    expect(seen).toEqual(['one']);
    expect(await toPromise(next(connection))).toEqual({ _tag: 'Right', right: some('two') });
    connection.destroy();
  });

  test('by a decoder: the message is not taken, and nothing is run', async () => {
    const { connection, link } = await fakeConnection({ allowHalfOpen: true });
    const controller = new AbortController();
    const aborting = defineFraming({
      maxLength: 100,
      decoder: () => ({
        decode: (window) => {
          controller.abort('from within');
          return window.length === 0 ? incomplete : window.take(window.length);
        },
      }),
      encode: (message: string) => message,
    });
    const seen: unknown[] = [];
    const f = (message: unknown): Net<never, void> => note(seen, message);
    const running = toExit(pipe(connection, forEachFrame(aborting, f)), { signal: controller.signal });
    await turn();
    link.deliver('kept\n');
    expect(await running).toMatchObject({ _tag: 'Interrupted', reason: 'from within' });
    expect(seen).toEqual([]);
    expect(await toPromise(next(connection))).toEqual({ _tag: 'Right', right: some('kept') });
    const atEnd = toPromise(next(connection));
    await turn();
    link.deliverEnd();
    expect(await atEnd).toEqual({ _tag: 'Right', right: none });
    connection.destroy();
  });

  test('before it begins', async () => {
    const { connection } = await fakeConnection({ allowHalfOpen: true });
    const net = forEachFrame(lines(), () => of(undefined))(connection);
    expect(await toExit(net, { signal: AbortSignal.abort('early') })).toMatchObject({ _tag: 'Interrupted' });
    connection.destroy();
  });
});
