import { EMPTY, take, takeWhile, tap, throwIfEmpty } from 'rxjs';

import {
  connect,
  type Connection,
  ConnectionClosed,
  type Flow,
  lines,
  pool,
  type PoolEvent,
  reconnecting,
  type ReconnectEvent,
  sendTo,
  serve,
} from '../../../src/index.ts';
import { concat, defer, from, merge, mergeMap } from '../../../src/rx.ts';
import type { Scenario } from './support/run.ts';
import type { ListenPlace, Stage } from './support/stage.ts';
import { echoes } from './support/traffic.ts';

const CLIENTS = ['client-0', 'client-1'] as const;

/** Says one line, and hears the next one. */
const exchange = (connection: Connection, text: string): Flow<string, unknown> =>
  merge(
    from([`${text}\n`]).pipe(sendTo(connection)),
    connection.incoming.pipe(
      lines({ requireTerminator: true }),
      take(1),
      throwIfEmpty(() => new ConnectionClosed({ message: 'no answer' })),
    ),
  );

/** Uses a pool with many callers, and closes it. */
async function usesPool(stage: Stage, host: string): Promise<void> {
  const random = stage.fork();
  const size = random.integer(1, 4);
  const hasCheck = random.integer(0, 1) === 0;
  const events: PoolEvent[] = [];
  const watched = connect(stage.target(host)).pipe(tap((connection) => void stage.watch(connection, 'client')));
  const connections = pool(watched, {
    clock: stage.clock,
    size,
    maxWaiting: random.integer(0, 20),
    idle: random.integer(10, 3_000),
    acquireTimeout: random.integer(100, 8_000),
    maxLifetime: random.integer(100, 5_000),
    random: () => random.fraction(),
    ...(hasCheck && {
      check: (connection: Connection) => exchange(connection, 'are you there?'),
      checkAfter: random.integer(0, 200),
      checkEvery: random.integer(50, 1_000),
      checkTimeout: random.integer(50, 1_000),
    }),
  });
  connections.events.subscribe((event) => void events.push(event));
  const answers = stage.seen;
  await Promise.all(
    Array.from({ length: random.integer(1, 15) }, async (_, index) => {
      const name = `${host} ${index}`;
      await stage.sleep(random.integer(0, 1_000));
      const giveUp = random.integer(0, 6) === 0 ? stage.sleep(random.integer(0, 300)) : undefined;
      const leases = random.integer(0, 3) === 0;
      answers.asked(name);
      let heard = '';
      const work = leases
        ? connections.lease().pipe(
            mergeMap((lease) =>
              concat(
                exchange(lease.connection, name),
                defer(() => {
                  lease.release();
                  return EMPTY;
                }),
              ),
            ),
          )
        : connections.use((connection) => exchange(connection, name));
      const end = await stage.runs(`the use of ${name}`, work.pipe(tap((answer) => (heard = answer))), giveUp);
      answers.settled(name);
      if (end === 'complete') answers.require(heard === name, `${name} was answered ${heard}`);
      answers.atMost('connections of a pool', connections.stats.size, size);
    }),
  );
  const { leased } = connections.stats;
  const report = await connections.close({ drainTimeout: 1_000 });
  answers.atMost('what a pool drained', report.finished + report.cut, leased);
  const { stats } = connections;
  for (const [what, left] of Object.entries(stats)) answers.atMost(`${what} of a closed pool`, Number(left), 0);
  const count = (type: PoolEvent['type']): number => events.filter((event) => event.type === type).length;
  answers.require(count('opened') === count('closed'), `${count('opened')} opened and ${count('closed')} closed`);
}

/** Takes a stream of numbers from a server, and resumes where it was cut. */
async function resumes(stage: Stage, host: string, total: number): Promise<void> {
  const random = stage.fork();
  const stream = stage.seen.stream(`the numbers to ${host}`);
  stream.sent.push(...Array.from({ length: total }, (_, index) => String(index)));
  const maxAttempts = random.integer(1, 6);
  const events: ReconnectEvent[] = [];
  const end = await stage.runs(
    `the numbers of ${host}`,
    connect({ ...stage.target(host), idleTimeout: 2_000 }).pipe(
      mergeMap((connection) => {
        stage.watch(connection, 'client');
        connection.write(`${stream.received.length}\n`);
        return connection.incoming.pipe(lines({ requireTerminator: true }));
      }),
      reconnecting({
        maxAttempts,
        stableAfter: random.integer(0, 500),
        backoff: { initial: 50, max: 1_000 },
        random: () => random.fraction(),
        onEvent: (event) => void events.push(event),
      }),
      tap((line) => {
        if (line !== 'end') stream.received.push(line);
      }),
      // The server says when there is no more.
      takeWhile((line) => line !== 'end'),
    ),
  );
  stream.sender = 'complete';
  stream.receiver = end;
  for (const event of events) stage.seen.atMost('attempts in a row', event.attempt, maxAttempts);
}

export const clientScenarios: readonly Scenario[] = [
  {
    name: 'pool: many callers, leases, checks, ages',
    hosts: CLIENTS,
    async run(stage) {
      await stage.meets(echoes, CLIENTS, (host) => usesPool(stage, host));
    },
  },
  {
    name: 'reconnecting: a stream that is resumed where it was cut',
    hosts: CLIENTS,
    async run(stage) {
      const total = stage.random.integer(1, 60);
      const pause = stage.random.integer(0, 40);
      const numbers = (listen: ListenPlace) =>
        serve(listen, (connection) =>
          connection.incoming.pipe(
            lines({ requireTerminator: true }),
            mergeMap((first) =>
              from(
                (async function* () {
                  for (let number = Number(first); number < total; number++) {
                    await stage.sleep(pause);
                    yield `${number}\n`;
                  }
                  yield 'end\n';
                })(),
              ),
            ),
          ),
        );
      await stage.meets(numbers, CLIENTS, (host) => resumes(stage, host, total));
    },
  },
];
