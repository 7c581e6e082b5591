// A server whose handlers are effects: what one of them does touches no other, and the end is in order.
import { right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { none, some } from 'fp-ts/lib/Option.js';
import { describe, expect, test } from 'vitest';

import {
  bracket,
  end,
  flatMap,
  forEachFrame,
  left,
  map,
  type Net,
  of,
  orElseW,
  read,
  readAll,
  readFrame,
  type RunningServer,
  type ServerEvent,
  serveWith,
  sleep,
  toExit,
  toPromise,
  traverseArray,
  withConnection,
  write,
  writeFrame,
} from 'rxjs-net/effects';
import { type Connection, endpointOf, lines } from '../../src/index.ts';
import { simulateNetwork } from '../../src/testing/index.ts';
import { local, never, note } from './support/effects.ts';

/** Asks one line, and gives the answer. */
const ask =
  (line: string) =>
  ({ address }: RunningServer) =>
    withConnection(endpointOf(address))((connection) =>
      pipe(
        connection,
        writeFrame(lines(), line),
        flatMap(() => readFrame(lines())(connection)),
      ),
    );

/** Answers a line, fails at "fail" and dies at "die". */
const answering = (connection: Connection) =>
  pipe(
    connection,
    forEachFrame(lines(), (line): Net<unknown, void> => {
      if (line === 'die') throw new Error('it died');
      return line === 'fail' ? left('it failed' as const) : writeFrame(lines(), line.toUpperCase())(connection);
    }),
  );

describe('handlers', () => {
  test('a failure and a defect close their own connection, and nothing else', async () => {
    const told: unknown[] = [];
    const server = serveWith(
      {
        ...local,
        onDefect: (defect) => note(told, defect.cause),
      },
      answering,
      (failure: unknown, connection) =>
        pipe(
          note(told, failure),
          flatMap(() => write('sorry\n')(connection)),
          orElseW(() => of<never, void>(undefined)),
        ),
    );
    const program = server((running) =>
      withConnection(endpointOf(running.address))((longLived) =>
        pipe(
          ask('fail')(running),
          flatMap((failed) =>
            pipe(
              ask('die')(running),
              flatMap((died) =>
                pipe(
                  longLived,
                  writeFrame(lines(), 'still here'),
                  flatMap(() => readFrame(lines())(longLived)),
                  map((answer) => ({ failed, died, answer })),
                ),
              ),
            ),
          ),
        ),
      ),
    );
    expect(await toPromise(program)).toEqual(right({ failed: some('sorry'), died: none, answer: some('STILL HERE') }));
    expect(told).toEqual(['it failed', new Error('it died')]);
  });

  test('a thousand connections', async () => {
    const network = simulateNetwork({ latency: 1 });
    const { transport } = network.host('server');
    const server = serveWith({ port: 80, backlog: 2_000 }, answering, () => of(undefined));
    const numbers = Array.from({ length: 1_000 }, (_, number) => `number ${number}`);
    const program = server((running) =>
      pipe(
        numbers,
        traverseArray((line) => ask(line)(running), { concurrency: 100 }),
      ),
    );
    const answers = await network.run(() => toPromise(program, { transport }));
    expect(answers).toEqual(right(numbers.map((line) => some(line.toUpperCase()))));
  });

  test('a handler that takes longer than `unclaimedTimeout` between its reads is not let go', async () => {
    const network = simulateNetwork();
    const { transport } = network.host('server');
    const server = serveWith(
      { port: 80, unclaimedTimeout: 1_000 },
      (connection) =>
        pipe(
          sleep(60_000),
          flatMap(() => readFrame(lines())(connection)),
          flatMap(() => sleep(60_000)),
          flatMap(() => write('at last')(connection)),
        ),
      () => of(undefined),
    );
    const program = server((running) => ask('anybody?')(running));
    expect(await network.run(() => toPromise(program, { transport }))).toEqual(right(some('at last')));
  });
});

describe('shutdown', () => {
  test('lets the handlers finish, and gives the report', async () => {
    const network = simulateNetwork({ latency: 1 });
    const { transport } = network.host('server');
    const events: ServerEvent['type'][] = [];
    const server = serveWith(
      {
        port: 80,
        onEvent:
          ({ type }) =>
          () =>
            void events.push(type),
      },
      (connection) =>
        pipe(
          connection,
          read,
          flatMap(() => sleep(5_000)),
          flatMap(() => write('done')(connection)),
        ),
      () => of(undefined),
    );
    const program = server((running) =>
      withConnection(endpointOf(running.address))((connection) =>
        pipe(
          connection,
          write('begin'),
          // Its own end: what a client that is not reading leaves open is cut.
          flatMap(() => end(connection)),
          flatMap(() => sleep(100)),
          flatMap(() => running.shutdown),
          flatMap((report) =>
            pipe(
              connection,
              readAll(),
              map((answer) => ({ answer: answer.toString(), finished: report.finished, cut: report.cut.length })),
            ),
          ),
          flatMap((seen) =>
            pipe(
              running.stopped,
              map(({ finished }) => ({ ...seen, again: finished })),
            ),
          ),
        ),
      ),
    );
    expect(await network.run(() => toPromise(program, { transport }))).toEqual(
      right({ answer: 'done', finished: 1, cut: 0, again: 1 }),
    );
    expect(events).toEqual(['listening', 'opened', 'draining', 'closed', 'stopped']);
  });

  test.each(['by the end of its time', 'by a failure of the use', 'by an interruption'])(
    'handlers that do not end are interrupted %s, and have released what they had',
    async (how) => {
      const network = simulateNetwork({ latency: 1 });
      const { transport } = network.host('server');
      const released: string[] = [];
      const server = serveWith(
        { port: 80, drainTimeout: 1_000 },
        () =>
          bracket(of('something'), (name) =>
            pipe(
              sleep(50),
              flatMap(() => note(released, name)),
            ),
          )(() => never),
        () => of(undefined),
      );
      const controller = new AbortController();
      const program = server((running) =>
        withConnection(endpointOf(running.address))(() =>
          pipe(
            sleep(100),
            flatMap((): Net<unknown, unknown> => {
              if (how === 'by a failure of the use') return left('no');
              if (how === 'by an interruption') controller.abort('enough');
              return running.shutdown;
            }),
          ),
        ),
      );
      const exit = await network.run(() => toExit(program, { transport, signal: controller.signal }));
      expect(released).toEqual(['something']);
      if (how === 'by a failure of the use') expect(exit).toEqual({ _tag: 'Failure', failure: 'no' });
      else if (how === 'by an interruption') expect(exit).toMatchObject({ _tag: 'Interrupted', reason: 'enough' });
      else expect(exit).toMatchObject({ _tag: 'Success', value: { cut: [{}] } });
      expect(network.netstat()).not.toMatch(/LISTEN|ESTABLISHED/);
    },
  );

  test('what a program of the signal `shutdown` waits for', async () => {
    const controller = new AbortController();
    const server = serveWith({ ...local, shutdown: controller.signal }, () => of(undefined));
    const running = toPromise(server(({ stopped }) => stopped));
    setImmediate(() => controller.abort());
    expect(await running).toMatchObject({ _tag: 'Right', right: { finished: 0, cut: [] } });
  });
});

describe('bad input', () => {
  test.each([
    ['port', { port: -1 }],
    ['maxConnections', { port: 0, maxConnections: 'many' }],
    ['onEvent', { port: 0, onEvent: 1 }],
    ['drainTimeout', { port: 0, drainTimeout: 0 }],
    ['shutdown', { port: 0, shutdown: {} }],
    ['transport', { port: 0, transport: {} }],
    ['prot', { prot: 0 }],
    ['options', null],
  ])('%s', async (option, options) => {
    const program = serveWith(options as never, () => of(undefined))(() => of(1));
    expect(await toPromise(program)).toMatchObject({ _tag: 'Left', left: { _tag: 'InvalidOptions', option } });
  });

  test.each([
    ['onDefekt', 'onDefect', serveWith],
    ['onEvents', 'onEvent', serveWith],
    ['shutdwn', 'shutdown', serveWith],
    ['closeTimout', 'closeTimeout', withConnection],
  ])('%s: what is meant is %s', async (option, meant, opened) => {
    const program = opened({ port: 1, [option]: 1 }, () => of(undefined))(() => of(1));
    expect(await toPromise(program)).toMatchObject({
      left: { option, message: expect.stringContaining(`"${meant}"`), allowed: expect.stringContaining(meant) },
    });
  });
});
