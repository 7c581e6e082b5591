// A connection as a resource: it is closed whatever happens, and what could not be handed over is not lost in silence.
import { right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { none, some } from 'fp-ts/lib/Option.js';
import { describe, expect, test } from 'vitest';

import {
  as,
  closeServer,
  end,
  flatMap,
  flush,
  fromIO,
  left,
  map,
  type Net,
  of,
  read,
  readFrame,
  receive,
  runForEach,
  send,
  serveWith,
  timeout,
  toExit,
  toPromise,
  upgrade,
  withChannel,
  withConnection,
  withServer,
  write,
  writeFrame,
} from 'rxjs-net/effects';
import { type CloseInfo, type Connection, endpointOf, fixedLength, lines, type WriteFailure } from '../../src/index.ts';
import { simulateNetwork } from '../../src/testing/index.ts';
import { fakeTransport, type FakeLink } from '../observables/support/fake-link.ts';
import { turn } from '../observables/support/wait.ts';
import { local, never } from './support/effects.ts';

/** Runs a use over a link that is worked by hand. */
function overLink<E, A>(
  use: (connection: Connection) => Net<E, A>,
  options: { closeTimeout?: number; signal?: AbortSignal } = {},
) {
  const links: FakeLink[] = [];
  const { closeTimeout, signal } = options;
  const exit = toExit(withConnection({ host: '127.0.0.1', port: 2, closeTimeout })(use), {
    transport: fakeTransport(links),
    ...(signal === undefined ? {} : { signal }),
  });
  return { exit, link: () => links[0] as FakeLink };
}

describe('after a success', () => {
  test('the write side is ended, what was written leaves, and the peer’s end is waited for', async () => {
    const { exit, link } = overLink(write('all of it'));
    await turn();
    expect(link().received.toString()).toBe('all of it');
    expect(link().calls).toContain('fin');
    expect(link().closed).toBe(false);
    link().deliver('dropped');
    link().deliverEnd();
    link().close('closed', undefined);
    expect(await exit).toMatchObject({ _tag: 'Success' });
  });

  test('what the peer never takes is a WriteTimeout', async () => {
    const { exit, link } = overLink(
      (connection) =>
        pipe(
          connection,
          write('stuck'),
          map(() => 1),
        ),
      { closeTimeout: 20 },
    );
    await new Promise<void>((resolve) => {
      process.nextTick(() => {
        link().stall();
        resolve();
      });
    });
    expect(await exit).toMatchObject({ _tag: 'Failure', failure: { _tag: 'WriteTimeout', limit: 20 } });
    expect(link().closed).toBe(true);
  });

  test('a reset before all has left is a failure, and so is one in `flush`', async () => {
    const { exit, link } = overLink(write('stuck'));
    await new Promise<void>((resolve) => {
      process.nextTick(() => {
        link().stall();
        resolve();
      });
    });
    await turn();
    link().close('reset', undefined);
    expect(await exit).toMatchObject({ _tag: 'Failure', failure: { _tag: 'ConnectionClosed' } });
  });

  test('a peer that keeps its side open is left after `closeTimeout`', async () => {
    const { exit, link } = overLink(() => of('done'), { closeTimeout: 20 });
    expect(await exit).toEqual({ _tag: 'Success', value: 'done' });
    expect(link().calls).toEqual(expect.arrayContaining(['fin', 'destroy']));
  });
});

describe('a limit that is over while it closes', () => {
  const limited = (use: (connection: Connection) => Net<WriteFailure, string>) => {
    const links: FakeLink[] = [];
    const exit = toExit(pipe(withConnection({ host: '127.0.0.1', port: 2 })(use), timeout(20)), {
      transport: fakeTransport(links),
    });
    return { exit, link: () => links[0] as FakeLink };
  };

  test('keeps the value: a port whose server is silent is open', async () => {
    const { exit, link } = limited(() => of('open'));
    expect(await exit).toEqual({ _tag: 'Success', value: 'open' });
    expect(link().closed).toBe(true);
  });

  test('keeps the value when all that was written has left', async () => {
    const { exit, link } = limited((connection) => pipe(connection, write('all of it'), as('sent')));
    expect(await exit).toEqual({ _tag: 'Success', value: 'sent' });
    expect(link().received.toString()).toBe('all of it');
    expect(link().calls).toEqual(expect.arrayContaining(['fin', 'destroy']));
    expect(link().closed).toBe(true);
  });

  test('is exceeded when something has not left', async () => {
    const { exit, link } = limited((connection) => pipe(connection, write('stuck'), as('sent')));
    await new Promise<void>((resolve) => {
      process.nextTick(() => {
        link().stall();
        resolve();
      });
    });
    expect(await exit).toMatchObject({ _tag: 'Failure', failure: { _tag: 'DeadlineExceeded' } });
    expect(link().closed).toBe(true);
  });
});

describe('else it is destroyed at once', () => {
  test.each(['failure', 'defect', 'abort'])('after a %s', async (how) => {
    const controller = new AbortController();
    const { exit, link } = overLink<string, never>(
      (connection) =>
        pipe(
          connection,
          read,
          flatMap((): Net<string, never> => {
            if (how === 'failure') return left('no');
            throw new Error('a bug');
          }),
          (net) => net as Net<string, never>,
        ),
      { signal: controller.signal },
    );
    await turn();
    if (how === 'abort') controller.abort('enough');
    else link().deliver('go');
    const ended = await exit;
    expect(link().closed).toBe(true);
    expect(link().calls).not.toContain('fin');
    expect(ended._tag).toBe(how === 'failure' ? 'Failure' : how === 'defect' ? 'Defect' : 'Interrupted');
  });

  test('a dial that is interrupted', async () => {
    const network = simulateNetwork();
    const { transport } = network.host('client');
    network.host('server');
    network.partition('client', 'server');
    const controller = new AbortController();
    const exit = await network.run(async () => {
      const running = toExit(
        withConnection({ host: 'server', port: 80 })(() => never),
        {
          transport,
          signal: controller.signal,
        },
      );
      await network.sleep(10);
      controller.abort('enough');
      return running;
    });
    expect(exit).toMatchObject({ _tag: 'Interrupted', reason: 'enough' });
    expect(network.netstat()).not.toMatch(/SYN|ESTABLISHED/);
  });

  test('a dial that fails, and wrong options, are failures; building and running twice is two dials', async () => {
    const program = withConnection({ host: '127.0.0.1', port: 1 })(() => of(1));
    for (let run = 0; run < 2; run++) {
      expect(await toPromise(program)).toMatchObject({ _tag: 'Left', left: { _tag: 'ConnectionRefused' } });
    }
    const wrong = withConnection({ port: 80, closeTimeout: -1 })(() => of(1));
    expect(await toPromise(wrong)).toMatchObject({ _tag: 'Left', left: { option: 'closeTimeout', value: -1 } });
  });
});

describe('writing', () => {
  test('waits for room, however many write at once', async () => {
    const network = simulateNetwork({ latency: 1, bandwidth: 1_000_000 });
    const { transport } = network.host('server');
    const chunk = Buffer.alloc(30_000, 'x');
    let got = 0;
    const program = serveWith(
      { port: 80 },
      (connection) =>
        pipe(
          connection.incoming,
          runForEach((bytes: Buffer) => fromIO(() => (got += bytes.length))),
        ),
      () => of(undefined),
    )(({ address }) =>
      withConnection({ ...endpointOf(address), maxQueued: 70_000, closeTimeout: 60_000 })(
        (connection): Net<unknown, void> =>
          (env) =>
          async () => {
            const all = await Promise.all(Array.from({ length: 100 }, () => write(chunk)(connection)(env)()));
            return all.find((each) => each._tag === 'Left') ?? right(undefined);
          },
      ),
    );
    expect(await network.run(() => toPromise(program, { transport }))).toEqual(right(undefined));
    expect(got).toBe(3_000_000);
  });

  test('what can not be written is a failure of that write, and the connection is unharmed', async () => {
    const seen: unknown[] = [];
    const tagOf =
      <A>(net: Net<{ _tag: string }, A>): Net<never, unknown> =>
      (env) =>
      async () => {
        const either = await net(env)();
        return right(either._tag === 'Left' ? either.left._tag : either.right);
      };
    const note = (net: Net<{ _tag: string }, unknown>): Net<never, unknown> =>
      pipe(
        tagOf(net),
        map((what) => seen.push(what)),
      );
    const program = serveWith(
      { ...local },
      (connection) =>
        pipe(
          note(write(7 as never)(connection)),
          flatMap(() => note(writeFrame(fixedLength(3), 'four')(connection))),
          flatMap(() => note(writeFrame({} as never, 'x')(connection))),
          flatMap(() => note(write('x')({} as never))),
          flatMap(() => note(readFrame(lines({ maxLength: -1 }))(connection))),
          flatMap(() => note(write('fine')(connection))),
          flatMap(() => note(end(connection))),
          flatMap(() => note(end(connection))),
          flatMap(() => note(write('late')(connection))),
          flatMap(() => note(flush(connection))),
          map(() => undefined),
        ),
      () => of(undefined),
    )(({ address }) => withConnection(endpointOf(address))(read));
    expect(await toPromise(program)).toEqual(right(some(Buffer.from('fine'))));
    const refused = 'InvalidOptions';
    expect(seen).toEqual([
      refused,
      refused,
      refused,
      refused,
      refused,
      undefined,
      undefined,
      undefined,
      'ConnectionClosed',
      undefined,
    ]);
  });
});

describe('channels and servers', () => {
  test('a handshake in lines, then frames; the bytes behind the handshake are the first frame’s', async () => {
    const program = serveWith(
      { ...local },
      withChannel(lines())((channel) =>
        pipe(
          receive(channel),
          flatMap(() => upgrade(fixedLength(3))(channel)),
          flatMap((frames) =>
            pipe(
              receive(frames),
              flatMap((first) => send(first._tag === 'Some' ? first.value : 'no!')(frames)),
            ),
          ),
        ),
      ),
      () => of(undefined),
    )(({ address }) =>
      withConnection(endpointOf(address))((connection) =>
        pipe(
          connection,
          write('upgrade\nabc'),
          flatMap(() => readFrame(fixedLength(3))(connection)),
        ),
      ),
    );
    expect(await toPromise(program)).toEqual(right(some(Buffer.from('abc'))));
  });

  test('no upgrade while somebody reads, and no two reads at once', async () => {
    let refused: readonly string[] = [];
    const { exit } = overLink(
      withChannel(lines())((channel) => (env) => async () => {
        const first = receive(channel)(env)();
        await turn();
        const second = await receive(channel)(env)();
        const upgraded = await upgrade(lines())(channel)(env)();
        channel.destroy();
        await first;
        refused = [second, upgraded].map((each) => (each._tag === 'Left' ? each.left._tag : 'none'));
        return right(undefined);
      }),
    );
    expect(await exit).toMatchObject({ _tag: 'Failure', failure: { _tag: 'ConnectionClosed' } });
    expect(refused).toEqual(['AlreadySubscribed', 'AlreadySubscribed']);
  });

  test('withServer: the connections are the use’s, and closing gives the report', async () => {
    const infos: CloseInfo[] = [];
    const program = withServer(local)((server) => (env) => async () => {
      server.connections.subscribe((connection) => {
        connection.closed.subscribe((info) => infos.push(info));
        connection.end('bye');
      });
      const answer = await withConnection(endpointOf(server.address))(read)(env)();
      return right({ answer, report: await closeServer()(server)(env)() });
    });
    expect(await toPromise(program)).toMatchObject(
      right({ answer: right(some(Buffer.from('bye'))), report: right({ cut: [] }) }),
    );
    expect(infos).toMatchObject([{ bytesWritten: 3 }]);
    const taken = withServer(local)(({ address }) => withServer({ ...local, ...endpointOf(address) })(() => of(none)));
    expect(await toPromise(taken)).toMatchObject({ _tag: 'Left', left: { _tag: 'AddressInUse' } });
  });
});
