// What a borrower switched on a connection is put back before the next one gets it.
import * as fc from 'fast-check';
import { EMPTY, NEVER, of, take, throwError } from 'rxjs';
import { expect, test } from 'vitest';

import { connect, type Connection, type ConnectOptions, orDie, pool, runFlow } from '../../../src/index.ts';
import { concatMap } from '../../../src/rx.ts';
import { VirtualClock } from '../../../src/testing/index.ts';
import { type FakeLink, fakeTransport } from '../support/fake-link.ts';
import { openSockets } from '../support/resources.ts';
import { rawServer } from '../support-failures/peers.ts';
import { turns, until } from '../support-failures/wait.ts';

type Initial = Pick<ConnectOptions, 'noDelay' | 'keepAlive' | 'keepAliveInitialDelay'>;

/** How a socket is switched, by the calls that its link has seen. */
const stateOf = ({ calls }: FakeLink, initial: Initial) => {
  const state = {
    referenced: true,
    noDelay: initial.noDelay ?? false,
    keepAlive: initial.keepAlive ?? false,
    // The system's own.
    delay: initial.keepAlive === true ? (initial.keepAliveInitialDelay ?? 7_200_000) : 7_200_000,
  };
  for (const call of calls) {
    const [name, enable, delay] = call.split(' ');
    if (name === 'ref' || name === 'unref') state.referenced = name === 'ref';
    if (name === 'setNoDelay') state.noDelay = enable === 'true';
    if (name === 'setKeepAlive') {
      state.keepAlive = enable === 'true';
      if (state.keepAlive && Number(delay) > 0) state.delay = Number(delay);
    }
  }
  return state;
};

type Switch = (connection: Connection) => unknown;
const switches: fc.Arbitrary<Switch> = fc.oneof(
  fc.boolean().map(
    (enable): Switch =>
      (connection) =>
        connection.setNoDelay(enable),
  ),
  fc.tuple(fc.boolean(), fc.constantFrom(0, 1_000, 60_000)).map(
    ([enable, delay]): Switch =>
      (connection) =>
        connection.setKeepAlive(enable, delay),
  ),
  fc.boolean().map(
    (refs): Switch =>
      (connection) =>
        refs ? connection.ref() : connection.unref(),
  ),
  fc.constantFrom(0, 10, 5_000).map(
    (ms): Switch =>
      (connection) =>
        connection.setTimeout(ms),
  ),
);

const initials: fc.Arbitrary<Initial> = fc.record(
  { noDelay: fc.boolean(), keepAlive: fc.boolean(), keepAliveInitialDelay: fc.constantFrom(2_000, 90_000) },
  { requiredKeys: [] },
);

/** Each of several borrowers switches what it likes; each gets the connection as the first one did. */
async function play(initial: Initial, login: readonly Switch[], borrowers: readonly Switch[][]) {
  const links: FakeLink[] = [];
  const clock = new VirtualClock();
  const made = connect({ port: 2, transport: fakeTransport(links, clock), ...initial }).pipe(
    concatMap((connection) => {
      for (const each of login) each(connection);
      return of(connection);
    }),
  );
  const connections = pool(made, { size: 1, idle: 3_600_000 });
  const states: unknown[] = [];
  for (const borrower of borrowers) {
    await runFlow(
      connections
        .use((connection) => {
          const [link] = links;
          states.push(link && stateOf(link, initial));
          const ticks: string[] = [];
          connection.events.subscribe(({ type }) => void ticks.push(type));
          clock.advance(60_000);
          states.push(ticks.filter((type) => type === 'timeout').length);
          for (const each of borrower) each(connection);
          return EMPTY;
        })
        .pipe(orDie()),
    );
    await turns(3);
  }
  expect(links).toHaveLength(1);
  for (let at = 2; at < states.length; at += 2) expect(states.slice(at, at + 2)).toEqual(states.slice(0, 2));
  await connections.close();
}

test('whatever borrowers, a login and the options switch, the next one finds it as the first did', async () => {
  const login = fc.array(switches, { maxLength: 3 });
  const borrowers = fc.array(fc.array(switches, { maxLength: 5 }), { minLength: 2, maxLength: 4 });
  await fc.assert(fc.asyncProperty(initials, login, borrowers, play), { numRuns: 200 });
});

test('what nobody switched costs no call', async () => {
  const links: FakeLink[] = [];
  const connections = pool({ port: 2, transport: fakeTransport(links) }, { size: 1 });
  for (let caller = 0; caller < 3; caller++) {
    await runFlow(connections.use(() => EMPTY).pipe(orDie()));
    await turns(3);
  }
  expect(links[0]?.calls.filter((call) => /ref|set/.test(call))).toEqual([]);
  await connections.close();
});

test('a borrower that keeps it, and switches it when it is back', async () => {
  const links: FakeLink[] = [];
  const connections = pool({ port: 2, transport: fakeTransport(links) }, { size: 1 });
  let kept: Connection | undefined;
  await runFlow(connections.use((connection) => ((kept = connection), EMPTY)).pipe(orDie()));
  await turns(3);
  kept?.unref().setNoDelay(true);
  await runFlow(connections.use(() => EMPTY).pipe(orDie()));
  expect(links.map((link) => stateOf(link, {}))).toEqual([
    { referenced: true, noDelay: false, keepAlive: false, delay: 7_200_000 },
  ]);
  await connections.close();
});

test('a check that switches something', async () => {
  const links: FakeLink[] = [];
  const connections = pool(
    { port: 2, transport: fakeTransport(links) },
    { size: 1, checkAfter: 0, check: (connection) => (connection.unref(), EMPTY) },
  );
  const seen: unknown[] = [];
  for (let caller = 0; caller < 3; caller++) {
    const look = connections.use(() => (seen.push(links.map((link) => stateOf(link, {}).referenced)), EMPTY));
    await runFlow(look.pipe(orDie()));
    await turns(3);
  }
  expect(seen).toEqual([[true], [true], [true]]);
  await connections.close();
});

test.each([
  ['fails', () => throwError(() => new Error('mine'))],
  ['is unsubscribed', () => of(1, 2)],
])('a borrower that %s: the next one gets a connection that nobody switched', async (_how, work) => {
  const links: FakeLink[] = [];
  const connections = pool({ port: 2, transport: fakeTransport(links) }, { size: 1 });
  const switching = connections.use((connection) => {
    connection.unref().setNoDelay(true).setKeepAlive(true, 1_000).setTimeout(5);
    return work();
  });
  await new Promise<void>(
    (resolve) => void switching.pipe(take(1)).subscribe({ error: () => resolve(), complete: resolve }),
  );
  const seen: unknown[] = [];
  await runFlow(
    connections
      .use(() => (seen.push(...links.filter(({ closed }) => !closed).map((link) => stateOf(link, {}))), EMPTY))
      .pipe(orDie()),
  );
  expect(seen).toEqual([{ referenced: true, noDelay: false, keepAlive: false, delay: 7_200_000 }]);
  await connections.close();
});

test('over real sockets: a connection that was unreferenced keeps the process alive again', async () => {
  const server = await rawServer();
  const connections = pool({ host: '127.0.0.1', port: server.port }, { size: 1 });
  const borrow = (work: (connection: Connection) => void): Promise<void> =>
    runFlow(connections.use((connection) => (work(connection), EMPTY)).pipe(orDie()));
  await borrow(() => {});
  await until(
    () => connections.stats.idle === 1,
    () => JSON.stringify(connections.stats),
  );
  const before = openSockets();
  let unreferenced = 0;
  await borrow((connection) => {
    connection.unref();
    unreferenced = openSockets();
  });
  expect(unreferenced).toBe(before - 1);
  expect(openSockets()).toBe(before);
  await connections.close();
});

test('a borrower’s notice of idleness doesn’t reach the next one', async () => {
  const clock = new VirtualClock();
  const connections = pool({ port: 2, transport: fakeTransport([], clock) }, { size: 1, idle: 3_600_000 });
  await runFlow(connections.use((connection) => (connection.setTimeout(10), EMPTY)).pipe(orDie()));
  await turns(3);
  const told: string[] = [];
  const next = connections
    .use((connection) => {
      connection.events.subscribe(({ type }) => void told.push(type));
      return NEVER;
    })
    .subscribe();
  clock.advance(60_000);
  expect(told.filter((type) => type === 'timeout')).toEqual([]);
  next.unsubscribe();
  await connections.close();
});
