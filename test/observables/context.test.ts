// The context of a delivery is the subscriber's: what its `AsyncLocalStorage` held where it subscribed, whoever dialled,
// wrote, released or aborted.
import { AsyncLocalStorage } from 'node:async_hooks';
import * as net from 'node:net';
import { firstValueFrom, lastValueFrom } from 'rxjs';
import { describe, expect, onTestFinished, test } from 'vitest';

import {
  answerWith,
  connect,
  connectTimeout,
  type Connection,
  currentUpstream,
  deadline,
  framed,
  idleTimeout,
  lines,
  listen,
  mapAsync,
  pool,
  reconnecting,
  rpc,
  serve,
  type Server,
  toAsyncIterable,
} from '../../src/index.ts';
import {
  concat,
  concat as concatPaced,
  concatMap,
  defer,
  from,
  Observable,
  of,
  Subject,
  type Subscription,
  tap,
} from '../../src/rx.ts';
import { VirtualClock } from '../../src/testing/index.ts';
import { fakeConnection } from './support/fake-link.ts';
import { HandClock } from './support/resources.ts';
import { dialled, placeOf, serving } from './support/sockets.ts';
import { fakeChannel, type Message } from './channels/support.ts';
import { tick, turn, until, within } from './support/wait.ts';

const store = new AsyncLocalStorage<string>();

/** What is called in the context of `user`. */
const as = <T>(user: string, work: () => T): T => store.run(user, work);
const whose = (): string => store.getStore() ?? 'none';

/** Subscribes as `user`, and notes in whose context each call comes. */
function subscribeAs<A>(
  user: string,
  flow: Observable<A>,
  log: string[],
  each: (value: A) => void = () => {},
): Subscription {
  const subscription = as(user, () =>
    flow.subscribe({
      next: (value) => {
        log.push(`next ${whose()}`);
        each(value);
      },
      error: () => log.push(`error ${whose()}`),
      complete: () => log.push(`complete ${whose()}`),
    }),
  );
  onTestFinished(() => subscription.unsubscribe());
  return subscription;
}

describe('a connection that another one dialled', () => {
  test('chunks and the end come in the context of the reader', async () => {
    const { connection, link } = await as('dialler', () => fakeConnection());
    const log: string[] = [];
    subscribeAs('alice', connection.incoming, log);
    as('network', () => {
      link.deliver('1');
      link.deliverEnd();
    });
    expect(log).toEqual(['next alice', 'complete alice']);
  });

  test('a reader that has no store sees none', async () => {
    const { connection, link } = await fakeConnection();
    const seen: string[] = [];
    const subscription = connection.incoming.subscribe(() => seen.push(whose()));
    onTestFinished(() => subscription.unsubscribe());
    as('network', () => link.deliver('1'));
    expect(seen).toEqual(['none']);
  });

  test('readers one after the other each have their own', async () => {
    const { connection, link } = await fakeConnection();
    const log: string[] = [];
    const first = subscribeAs('alice', connection.incoming, log);
    as('network', () => link.deliver('1'));
    first.unsubscribe();
    subscribeAs('bob', connection.incoming, log);
    as('network', () => link.deliver('2'));
    expect(log).toEqual(['next alice', 'next bob']);
  });

  test('the failure of the connection, its close and its events', async () => {
    const { connection, link } = await as('dialler', () => fakeConnection());
    const [incoming, closed, events]: string[][] = [[], [], []];
    subscribeAs('alice', connection.incoming, incoming ?? []);
    subscribeAs('bob', connection.closed, closed ?? []);
    subscribeAs('carol', connection.events, events ?? []);
    as('network', () => link.close('lost', undefined));
    await until(() => closed?.length === 2, 'it');
    expect(incoming).toEqual(['error alice']);
    expect(closed).toEqual(['next bob', 'complete bob']);
    expect(new Set(events)).toEqual(new Set(['next carol', 'complete carol']));
  });

  test('a second reader is refused in its own context', async () => {
    const { connection } = await fakeConnection();
    const log: string[] = [];
    subscribeAs('alice', connection.incoming, log);
    subscribeAs('bob', connection.incoming, log);
    await tick();
    expect(log).toEqual(['error bob']);
  });

  test('what is left of a chunk when another one releases', async () => {
    const { connection, link } = await fakeConnection();
    const log: string[] = [];
    let release: (() => void) | undefined;
    subscribeAs('alice', connection.incoming.pipe(lines()), log, () => {
      release ??= currentUpstream()?.hold();
    });
    as('network', () => link.deliver('1\n2\n3\n'));
    expect(log).toEqual(['next alice']);
    as('bob', () => release?.());
    expect(log).toEqual(['next alice', 'next alice', 'next alice']);
  });

  test('bytes that were given back, when another one releases', async () => {
    const { connection, link } = await fakeConnection();
    const log: string[] = [];
    const first = connection.incoming.pipe(lines()).subscribe(() => first.unsubscribe());
    link.deliver('1\n2\n');
    let release: (() => void) | undefined;
    subscribeAs('alice', connection.incoming.pipe(tap(() => (release ??= currentUpstream()?.hold()))), log);
    await tick();
    link.started = true;
    link.deliverEnd();
    as('bob', () => release?.());
    await tick();
    expect(log).toEqual(['next alice', 'complete alice']);
  });

  test('a send completes, and fails, in the context of its subscriber', async () => {
    const { connection, link } = await fakeConnection();
    const log: string[] = [];
    link.stall();
    subscribeAs('alice', connection.send(of('a')), log);
    subscribeAs('bob', connection.send(of('b')), log);
    await tick();
    as('network', () => link.open());
    expect(log).toEqual(['complete alice', 'complete bob']);
    subscribeAs('carol', connection.send(new Subject<string>()), log);
    as('network', () => connection.destroy());
    await until(() => log.length === 3, 'it');
    expect(log.at(-1)).toBe('error carol');
  });

  test('a generator that is sent goes on in the context of its subscriber when there is room', async () => {
    const { connection, link } = await fakeConnection({ highWaterMark: 1 });
    const seen: string[] = [];
    const source = defer(() =>
      from(
        (function* () {
          for (let n = 0; n < 3; n++) {
            seen.push(whose());
            yield 'chunk';
          }
        })(),
      ),
    );
    link.stall();
    const subscription = as('alice', () => connection.send(source).subscribe());
    onTestFinished(() => subscription.unsubscribe());
    await tick();
    as('network', () => link.open());
    await until(() => seen.length === 3, 'it');
    expect(seen).toEqual(['alice', 'alice', 'alice']);
  });
});

describe('time and signals', () => {
  test('a time limit fires in the context of its subscriber', async () => {
    const clock = new HandClock();
    const { connection } = await fakeConnection({ clock });
    const log: string[] = [];
    subscribeAs('alice', connection.incoming.pipe(idleTimeout(10)), log);
    as('timers', () => clock.advance(20));
    expect(log).toEqual(['error alice']);
  });

  test('a dial that has had its time fails in the context of its subscriber', () => {
    const clock = new HandClock();
    const log: string[] = [];
    subscribeAs('alice', new Observable<Connection>().pipe(connectTimeout(10, clock)), log);
    as('timers', () => clock.advance(20));
    expect(log).toEqual(['error alice']);
  });

  test('a virtual timer has the context of the code that set it', () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    as('alice', () => clock.after(10, () => seen.push(whose())));
    as('timers', () => clock.advance(20));
    expect(seen).toEqual(['alice']);
  });

  test('a dial that is aborted fails in the context of its subscriber', async () => {
    const log: string[] = [];
    const controller = new AbortController();
    const server = await serving(() => new Subject<never>());
    subscribeAs('alice', connect({ ...server.place, signal: controller.signal }), log);
    as('bob', () => controller.abort());
    await until(() => log.length === 1, 'it');
    expect(log).toEqual(['error alice']);
  });

  test('a request that another one aborts, or whose time is up', async () => {
    const clock = new HandClock();
    const fake = await fakeChannel({ clock });
    const client = rpc(fake.channel, { assign: (text: string, id) => ({ id, text }), idOf: ({ id }: Message) => id });
    const log: string[] = [];
    const controller = new AbortController();
    subscribeAs('alice', client.request('a', { signal: controller.signal }), log);
    subscribeAs('carol', client.request('c', { deadline: 10 }), log);
    as('bob', () => controller.abort());
    as('timers', () => clock.advance(20));
    expect(log).toEqual(['error alice', 'error carol']);
  });
});

describe('requests of two users over one connection', () => {
  test('each answer, part of a stream and failure comes in the context of the one who asked', async () => {
    const fake = await as('dialler', () => fakeChannel());
    const unmatched: string[] = [];
    const client = as('owner', () =>
      rpc(fake.channel, {
        assign: (text: string, id) => ({ id, text }),
        idOf: ({ id }: Message) => id,
        part: ({ part }: Message) => part ?? 'last',
        unmatched: () => unmatched.push(whose()),
      }),
    );
    const log: string[] = [];
    subscribeAs('alice', client.request('a'), log);
    subscribeAs('bob', client.request('b'), log);
    await tick();
    as('network', () => fake.answer({ id: 2, part: 'more' }, { id: 1 }, { id: 77 }, { id: 2, part: 'end' }));
    expect(log).toEqual(['next bob', 'next alice', 'complete alice', 'complete bob']);
    expect(unmatched).toEqual(['owner']);
    subscribeAs('carol', client.request('c'), log);
    await tick();
    as('network', () => fake.link.deliverEnd());
    expect(log.slice(4)).toEqual(['error carol']);
  });

  test('answers that were kept while the consumer was behind', async () => {
    const fake = await fakeChannel();
    const client = rpc(fake.channel, {
      assign: (text: string, id) => ({ id, text }),
      idOf: ({ id }: Message) => id,
      part: ({ part }: Message) => part ?? 'last',
    });
    const log: string[] = [];
    let release: (() => void) | undefined;
    subscribeAs('alice', client.request('a'), log, () => {
      release ??= currentUpstream()?.hold();
    });
    await tick();
    as('network', () => fake.answer({ id: 1, part: 'more' }, { id: 1, part: 'more' }, { id: 1 }));
    as('bob', () => release?.());
    expect(log).toEqual(['next alice', 'next alice', 'next alice', 'complete alice']);
  });

  test('a request that waited is encoded in the context of the one who asked', async () => {
    const fake = await fakeChannel();
    const assigned: string[] = [];
    const client = rpc(fake.channel, {
      assign: (text: string, id) => {
        assigned.push(`${text} ${whose()}`);
        return { id, text };
      },
      idOf: ({ id }: Message) => id,
      maxInFlight: 1,
    });
    const log: string[] = [];
    subscribeAs('alice', client.request('a'), log);
    subscribeAs('bob', client.request('b'), log);
    await tick();
    as('network', () => fake.answer({ id: 1 }));
    expect(assigned).toEqual(['a alice', 'b bob']);
  });
});

describe('a pool of one connection and two users', () => {
  const echo = (connection: Connection): Observable<Buffer> => connection.incoming;

  test('the work, its results and its end are each in the context of their user', async () => {
    const server = await serving(echo);
    const log: string[] = [];
    const clients = pool(connect(server.place), { size: 1 });
    onTestFinished(() => void clients.close({ drainTimeout: 1 }));
    const ask = (user: string): Observable<string> =>
      clients.use((connection) => {
        log.push(`work ${whose()}`);
        const channel = framed(connection, lines());
        const client = rpc(channel);
        return concat(
          client.request(`${user} 1`),
          defer(() => client.request(`${user} 2`)),
        ).pipe(tap((answer) => log.push(`${answer}: ${whose()}`)));
      });
    const done = ['alice', 'bob', 'carol'].map(
      (user) =>
        new Promise<void>((resolve, reject) => {
          as(user, () =>
            ask(user).subscribe({
              error: reject,
              complete: () => {
                log.push(`complete ${whose()}`);
                resolve();
              },
            }),
          );
        }),
    );
    await within(Promise.all(done), 'three users');
    expect(log).toEqual(
      ['alice', 'bob', 'carol'].flatMap((user) => [
        `work ${user}`,
        `${user} 1: ${user}`,
        `${user} 2: ${user}`,
        `complete ${user}`,
      ]),
    );
  });

  test('a lease that another one released, a refusal, and the events of the pool', async () => {
    const server = await serving(echo);
    const log: string[] = [];
    const events: string[] = [];
    const dials: string[] = [];
    const dial = defer(() => {
      dials.push(whose());
      return connect(server.place);
    });
    const clients = as('owner', () => pool(dial, { size: 1 }));
    subscribeAs('watcher', clients.events, events);
    let releaseAlice: (() => void) | undefined;
    subscribeAs('alice', clients.lease(), log, (lease) => {
      releaseAlice = () => lease.release();
    });
    subscribeAs('bob', clients.lease(), log);
    subscribeAs(
      'carol',
      clients.use(() => of(1)),
      log,
    );
    await until(() => releaseAlice !== undefined, 'it');
    as('carol', () => releaseAlice?.());
    await until(() => log.includes('next bob'), 'it');
    await as('closer', () => clients.close({ drainTimeout: 1 }));
    expect(log.slice(0, 3)).toEqual(['next alice', 'complete alice', 'next bob']);
    expect(log.slice(3).toSorted()).toEqual(['complete bob', 'error carol']);
    expect(dials).toEqual(['owner']);
    expect(new Set(events)).toEqual(new Set(['next watcher', 'complete watcher']));
  });

  test('a check of a free connection runs in the context of the pool', async () => {
    const server = await serving(echo);
    const checks: string[] = [];
    const clients = as('owner', () =>
      pool(connect(server.place), {
        size: 1,
        checkAfter: 0,
        check: () => {
          checks.push(whose());
          return of(true);
        },
      }),
    );
    onTestFinished(() => void clients.close({ drainTimeout: 1 }));
    const ask = (user: string): Promise<number> => as(user, () => lastValueFrom(clients.use(() => [1])));
    await ask('alice');
    for (let n = 0; n < 5; n++) await turn();
    await ask('bob');
    expect(new Set(checks)).toEqual(new Set(['owner']));
  });
});

describe('servers', () => {
  test('handlers and events have the context of the server; what a handler enters is of its connection', async () => {
    const log: string[] = [];
    const events: string[] = [];
    let place: ReturnType<typeof placeOf> | undefined;
    const server = as('server', () =>
      serve({ host: '127.0.0.1', port: 0 }, (connection) => {
        log.push(`handler ${whose()}`);
        store.enterWith(`connection ${log.length}`);
        return connection.incoming.pipe(tap(() => log.push(`chunk ${whose()}`)));
      }).subscribe((event) => {
        events.push(`${event.type} ${whose()}`);
        if (event.type === 'listening') place = placeOf(event.address);
      }),
    );
    onTestFinished(() => server.unsubscribe());
    await until(() => place !== undefined, 'it');
    const talk = (user: string): Promise<unknown> =>
      as(user, async () => {
        const connection = await dialled(place ?? { path: '' });
        connection.write(user);
        return firstValueFrom(connection.incoming);
      });
    await within(talk('alice'), 'the first answer');
    await within(talk('bob'), 'the second answer');
    expect(log).toEqual(['handler server', 'chunk connection 1', 'handler server', 'chunk connection 3']);
    expect(events.slice(0, 3)).toEqual(['listening server', 'opened server', 'opened server']);
  });

  test('connections, drops and the end of a listening server', async () => {
    const log: string[] = [];
    let server: Server | undefined;
    subscribeAs('owner', listen({ host: '127.0.0.1', port: 0 }), log, (listening) => {
      server = listening;
    });
    await until(() => server !== undefined, 'it');
    if (server === undefined) return;
    subscribeAs('taker', server.connections, log, (connection) => connection.destroy());
    const { address } = server;
    const peer = as('peer', () => net.connect(placeOf(address) as net.TcpNetConnectOpts));
    await until(() => log.includes('next taker'), 'it');
    peer.destroy();
    await as('closer', () => server?.close({ drainTimeout: 1 }));
    expect(log).toEqual(['next owner', 'next taker', 'complete taker', 'complete owner']);
  });
});

describe('operators that let values wait', () => {
  /** A source of work that ends when another one says so. */
  class Work {
    readonly ends: (() => void)[] = [];
    readonly flow: Observable<string> = new Observable((subscriber) => {
      this.ends.push(() => {
        subscriber.next('done');
        subscriber.complete();
      });
    });
  }

  test('concatMap begins what waited in its own context, whoever ended what was before', () => {
    const work = new Work();
    const begun: string[] = [];
    const source = new Subject<number>();
    const log: string[] = [];
    subscribeAs('server', source.pipe(concatMap(() => (begun.push(whose()), work.flow))), log);
    as('server', () => {
      source.next(1);
      source.next(2);
    });
    as('alice', () => work.ends[0]?.());
    expect(begun).toEqual(['server', 'server']);
  });

  test('mapAsync and answerWith call their functions in their own context', () => {
    for (const operator of ['mapAsync', 'answerWith'] as const) {
      const work = new Work();
      const begun: string[] = [];
      const source = new Subject<number>();
      const log: string[] = [];
      const project = (): Observable<string> => (begun.push(whose()), work.flow);
      const flow =
        operator === 'mapAsync'
          ? source.pipe(mapAsync(project, { concurrency: 1 }))
          : source.pipe(answerWith(project, { concurrency: 1 }));
      subscribeAs('server', flow, log);
      as('server', () => {
        source.next(1);
        source.next(2);
      });
      as('alice', () => work.ends[0]?.());
      as('bob', () => work.ends[1]?.());
      expect(begun, operator).toEqual(['server', 'server']);
    }
  });

  test('concat subscribes to what follows in its own context', () => {
    const work = new Work();
    const begun: string[] = [];
    const log: string[] = [];
    subscribeAs(
      'server',
      concatPaced(
        work.flow,
        defer(() => (begun.push(whose()), of('next'))),
      ),
      log,
    );
    as('alice', () => work.ends[0]?.());
    expect(begun).toEqual(['server']);
  });

  test('reconnecting tries again, and reports, in its own context', async () => {
    const clock = new HandClock();
    const attempts: string[] = [];
    const events: string[] = [];
    const { connection, link } = await fakeConnection();
    const flow = defer(() => {
      attempts.push(whose());
      return attempts.length === 1 ? connection.incoming : of(1);
    });
    const log: string[] = [];
    subscribeAs('alice', flow.pipe(reconnecting({ clock, jitter: 'none', onEvent: () => events.push(whose()) })), log);
    as('network', () => link.deliverEnd());
    as('timers', () => clock.advance(60_000));
    expect(attempts.slice(0, 2)).toEqual(['alice', 'alice']);
    expect(new Set(events)).toEqual(new Set(['alice']));
  });
});

test('for await goes on in the context of the loop', async () => {
  const { connection, link } = await fakeConnection();
  const seen: string[] = [];
  const loop = as('alice', async () => {
    for await (const chunk of toAsyncIterable(connection.incoming.pipe(deadline(1_000))))
      seen.push(`${chunk.toString()} ${whose()}`);
  });
  await tick();
  as('network', () => link.deliver('1'));
  await tick();
  await until(() => link.reading, 'it');
  as('network', () => link.deliverEnd());
  await within(loop, 'the loop');
  expect(seen).toEqual(['1 alice']);
});
