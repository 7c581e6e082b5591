// A dial, a login or a check that hangs is the trouble of the caller it was begun for, and of nobody else.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  connect,
  type Connection,
  type DialHandler,
  lines,
  orDie,
  pool,
  type Pool,
  type PoolEvent,
  type PoolOptions,
  runFlow,
  sendTo,
  serve,
  type Transport,
} from '../../../src/index.ts';
import type { Flow } from '../../../src/observables/flow.ts';
import {
  concat,
  concatMap,
  defer,
  EMPTY,
  ignoreElements,
  merge,
  NEVER,
  type Observable,
  of,
  Subject,
  take,
  timeout,
} from '../../../src/rx.ts';
import { simulateNetwork } from '../../../src/testing/index.ts';
import { FakeLink } from '../support/fake-link.ts';
import { HandClock } from '../support/resources.ts';
import { rawServer } from '../support-failures/peers.ts';
import { turns, until } from '../support-failures/wait.ts';

const tagOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && '_tag' in error ? String(error._tag) : String(error);

const ask = (connections: Pool<unknown>, question: string): Promise<string> => {
  const asking = connections.use((connection) =>
    merge(of(`${question}\n`).pipe(sendTo(connection)), connection.incoming.pipe(lines(), take(1))),
  );
  return runFlow(asking.pipe(orDie())).then(
    () => 'served',
    (error: unknown) => tagOf(error instanceof Error ? (error.cause ?? error) : error),
  );
};

/** What may hang: the first `hanging` attempts do, and the others are fine. */
type Way = (connections: Flow<Connection, unknown>, attempt: number, hanging: number) => Observable<Connection>;
const WAYS: Record<string, Way> = {
  'a flow that never emits': (made, attempt, hanging) => (attempt <= hanging ? new Subject<Connection>() : made),
  'a login that is never answered': (made, attempt, hanging) =>
    made.pipe(
      concatMap((connection) =>
        concat(
          attempt <= hanging ? connection.incoming.pipe(ignoreElements()) : EMPTY,
          defer(() => concat(of(connection), NEVER)),
        ),
      ),
    ),
};

/** A pool on a simulated network whose first attempts hang, and its time. */
const scene = (way: Way | 'a connect', options: PoolOptions, hanging: number) => {
  const network = simulateNetwork({ seed: 3 });
  const { transport } = network.host('app');
  const server = serve({ port: 80, transport: network.host('db').transport }, (each) => each.incoming).subscribe();
  let attempts = 0;
  const source = defer(() => {
    const attempt = ++attempts;
    const host = way === 'a connect' && attempt <= hanging ? 'nowhere' : 'db';
    const made = connect({ host, port: 80, transport });
    return way === 'a connect' ? made : way(made, attempt, hanging);
  });
  network.host('nowhere');
  network.partition('app', 'nowhere');
  const connections = pool(source, { clock: network.clock, ...options });
  const events: PoolEvent[] = [];
  connections.events.subscribe((event) => events.push(event));
  const finish = async (): Promise<void> => {
    await connections.close();
    server.unsubscribe();
  };
  return { network, connections, events, finish, attempts: () => attempts };
};

describe.each([...Object.entries(WAYS), ['a connect', 'a connect'] as const])('%s', (_name, way) => {
  test('takes its caller’s time, and no later one’s', async () => {
    const { network, connections, events, finish, attempts } = scene(way, { size: 10 }, 1);
    const outcomes = await network.run(async () => {
      const all: string[] = [];
      for (let caller = 1; caller <= 6; caller++) all.push(await ask(connections, `${caller}`));
      all.push(`${connections.stats.size} at ${network.clock.now() < 31_000}`);
      await finish();
      return all;
    });
    expect(outcomes).toEqual(['PoolExhausted', ...Array.from({ length: 5 }, () => 'served'), '1 at true']);
    expect(attempts()).toBe(2);
    expect(events.filter(({ type }) => type === 'dialFailed')).toMatchObject([
      { failure: { _tag: 'DeadlineExceeded', limit: 30_000 } },
    ]);
  });

  test('is ended when its caller would have given up, though that one went before', async () => {
    const { network, connections, finish } = scene(way, { size: 2, acquireTimeout: 5_000 }, 1);
    await network.run(async () => {
      const waiting = connections.lease().subscribe({ error: () => {} });
      await network.sleep(100);
      waiting.unsubscribe();
      expect(connections.stats.dialling).toBe(1);
      await network.sleep(1_000);
      expect(await ask(connections, 'next')).toBe('served');
      expect(connections.stats).toMatchObject({ size: 2, dialling: 1 });
      await network.sleep(3_900);
      expect(connections.stats).toMatchObject({ size: 1, dialling: 0 });
      await finish();
    });
  });

  test('is ended earlier when its place is needed', async () => {
    const { network, connections, finish } = scene(way, { size: 1, acquireTimeout: 10_000 }, 1);
    await network.run(async () => {
      for (const when of [0, 500]) {
        const waiting = connections.lease().subscribe({ error: () => {} });
        await network.sleep(when + 100);
        waiting.unsubscribe();
      }
      // The next caller doesn't wait for the time of those who went.
      const began = network.clock.now();
      expect(await ask(connections, 'next')).toBe('served');
      expect(network.clock.now() - began).toBeLessThan(3_000);
      await finish();
    });
  });

  test('doesn’t hold up who waits beside its caller, when that one is served otherwise', async () => {
    const { network, connections, finish } = scene(way, { size: 10 }, 1);
    const seen: string[] = [];
    await network.run(async () => {
      const work = new Subject<never>();
      // The first one gets the second dial, and keeps it.
      connections.use(() => work).subscribe();
      const second = ask(connections, 'second').then((outcome) => seen.push(`${outcome} at ${network.clock.now()}`));
      await second;
      work.complete();
      await finish();
    });
    expect(seen).toEqual([expect.stringMatching(/^served at 10\d\d$/)]);
  });
});

test('a check that hangs doesn’t take the pool with it', async () => {
  const network = simulateNetwork({ seed: 3 });
  const { transport } = network.host('app');
  const server = serve({ port: 80, transport: network.host('db').transport }, (each) => each.incoming).subscribe();
  const connections = pool(
    { host: 'db', port: 80, transport },
    { size: 1, check: () => NEVER, checkAfter: 1_000, checkTimeout: 60_000, acquireTimeout: 2_000, idle: 600_000 },
  );
  const outcomes: string[] = [];
  await network.run(async () => {
    outcomes.push(await ask(connections, 'first'));
    await network.sleep(10_000);
    for (let caller = 0; caller < 3; caller++) outcomes.push(await ask(connections, `${caller}`));
    await connections.close();
  });
  server.unsubscribe();
  expect(outcomes).toEqual(['served', 'PoolExhausted', 'served', 'served']);
});

test('a dial that hangs, over real sockets, is closed with its caller’s time', async () => {
  const server = await rawServer();
  let attempts = 0;
  let ended = 0;
  server.server.on('connection', (socket) => {
    socket.on('data', (chunk) => socket.write(chunk));
    socket.once('end', () => ended++);
  });
  const source = defer(() => {
    const login = ++attempts === 1 ? 'a login without an end of line' : 'login\n';
    return connect({ host: '127.0.0.1', port: server.port }).pipe(
      concatMap((connection) =>
        concat(
          merge(of(login).pipe(sendTo(connection)), connection.incoming.pipe(lines(), take(1))).pipe(ignoreElements()),
          defer(() => concat(of(connection), NEVER)),
        ),
      ),
    );
  });
  const connections = pool(source, { size: 10, acquireTimeout: 500 });
  const outcomes: string[] = [];
  for (let caller = 1; caller <= 4; caller++) outcomes.push(await ask(connections, `${caller}`));
  expect(outcomes).toEqual(['PoolExhausted', 'served', 'served', 'served']);
  expect(connections.stats.size).toBe(1);
  await until(
    () => ended === 1,
    () => 'the end of the first',
  );
  await connections.close();
});

// ---- whatever hangs

type Step =
  | { readonly do: 'use' | 'connect' | 'hang' | 'turn' }
  | { readonly do: 'finish' | 'give up'; readonly which: number }
  | { readonly do: 'wait'; readonly ms: number };
const steps = fc.array(
  fc.oneof(
    fc.constantFrom('use', 'use', 'connect', 'hang', 'turn').map((what): Step => ({ do: what as 'use' })),
    fc
      .record({ do: fc.constantFrom('finish', 'give up'), which: fc.nat(9) })
      .map((step) => step as Extract<Step, { readonly which: number }>),
    fc.integer({ min: 1, max: 700 }).map((ms): Step => ({ do: 'wait', ms })),
  ),
  { maxLength: 60 },
);
const ACQUIRE = 500;

/** The dials that hang stay as they are; each of the others is answered when the test says so. */
async function play(all: readonly Step[], size: number): Promise<void> {
  const clock = new HandClock();
  const links: { link: FakeLink; handler: DialHandler; hangs: boolean; since: number }[] = [];
  const transport: Transport = {
    clock,
    random: () => 0.5,
    dial: (_endpoint, _options, handler) => {
      const link = new FakeLink(handler);
      links.push({ link, handler, hangs: false, since: clock.now() });
      return link;
    },
    bind: () => {
      throw new Error('nothing is bound here');
    },
  };
  const connections = pool({ port: 2, transport }, { size, acquireTimeout: ACQUIRE, idle: 10_000 });
  const callers: { end: Subject<never>; state: 'waits' | 'works' | 'over'; stop: () => void }[] = [];
  const isPending = ({ link, hangs }: (typeof links)[number]): boolean => !link.closed && !hangs && !opened.has(link);
  const opened = new Set<FakeLink>();
  const open = (): void => {
    const next = links.find(isPending);
    if (next === undefined) return;
    opened.add(next.link);
    next.handler.onConnected();
  };
  for (const step of all) {
    if (step.do === 'use') {
      const caller: (typeof callers)[number] = { end: new Subject<never>(), state: 'waits', stop: () => {} };
      callers.push(caller);
      const over = (): void => void (caller.state = 'over');
      const subscription = connections
        .use(() => {
          caller.state = 'works';
          return caller.end;
        })
        .subscribe({ error: over, complete: over });
      caller.stop = () => {
        over();
        subscription.unsubscribe();
      };
    } else if (step.do === 'connect') open();
    else if (step.do === 'hang') {
      const next = links.find(isPending);
      if (next !== undefined) next.hangs = true;
    } else if (step.do === 'finish') callers.filter(({ state }) => state === 'works')[step.which]?.end.complete();
    else if (step.do === 'give up') callers.filter(({ state }) => state !== 'over')[step.which]?.stop();
    else if (step.do === 'wait') clock.advance(step.ms);
    else await turns(3);
    // The bound holds, hanging dials included, and no dial outlives the time of the caller it was for.
    expect(links.filter(({ link }) => !link.closed).length).toBeLessThanOrEqual(size);
    for (const { link, since } of links)
      if (!opened.has(link) && !link.closed) expect(clock.now() - since).toBeLessThanOrEqual(ACQUIRE);
  }
  // Once the network is well, everybody who comes is served, whatever hangs: one after the other.
  for (const caller of callers) caller.stop();
  await turns(3);
  const outcomes: string[] = [];
  connections
    .use(() => EMPTY)
    .subscribe({
      complete: () => void outcomes.push('served'),
      error: (error: unknown) => void outcomes.push(tagOf(error)),
    });
  for (let waited = 0; waited < ACQUIRE && outcomes.length === 0; waited += 50) {
    open();
    await turns(3);
    if (outcomes.length === 0) clock.advance(49);
  }
  expect(outcomes).toEqual(['served']);
  await connections.close();
  expect(links.every(({ link }) => link.closed)).toBe(true);
  expect(clock.pending).toBe(0);
}

test('whatever hangs, the next caller is served, and no dial stays', async () => {
  await fc.assert(fc.asyncProperty(steps, fc.integer({ min: 1, max: 3 }), play), {
    numRuns: process.env['RXJS_NET_LONG'] === '1' ? 5_000 : 200,
  });
});

test('a caller with a time limit of its own leaves nothing behind', async () => {
  const { network, connections, finish } = scene('a connect', { size: 3 }, Number.POSITIVE_INFINITY);
  await network.run(async () => {
    const limit = timeout<unknown>({ each: 100, scheduler: network.scheduler });
    for (let caller = 0; caller < 20; caller++) {
      await new Promise((resolve) => void connections.lease().pipe(limit).subscribe({ error: resolve }));
      expect(connections.stats.size).toBeLessThanOrEqual(3);
    }
    await network.sleep(30_000);
    expect(connections.stats.size).toBe(0);
    await finish();
  });
});
