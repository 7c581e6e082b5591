import { map, NEVER, tap } from 'rxjs';

import {
  deadline,
  firstByteTimeout,
  idleTimeout,
  lines,
  messageTimeout,
  readTimeout,
  serve,
  type TimeLimitOptions,
  timeouts,
  writeTimeout,
} from '../../../src/index.ts';
import { from, merge } from '../../../src/rx.ts';
import type { Scenario } from './support/run.ts';
import type { Handler, ListenPlace, Stage } from './support/stage.ts';
import { converses, dials, echoLines } from './support/traffic.ts';

const CLIENTS = ['client-0', 'client-1'] as const;

/** How long a connection that was told to end may take to do so: what it wrote before still leaves. */
const LINGER = 30_000;

const names = ['idleTimeout', 'readTimeout', 'writeTimeout', 'firstByteTimeout', 'deadline'] as const;

/** Peers of all kinds: who says nothing, who dribbles, who doesn't read, who talks. */
function stays(stage: Stage, host: string): Promise<unknown> {
  const random = stage.fork();
  const kind = random.integer(0, 3);
  if (kind === 0) return converses(stage, host);
  const wait = random.integer(1, 400);
  const left = stage.sleep(random.integer(1_000, 20_000));
  return dials(
    stage,
    `the stay of ${host}`,
    stage.target(host),
    (connection) => {
      // Reads nothing, and asks for much.
      if (kind === 1) return connection.send(from(Array.from({ length: 200 }, (_, index) => `line ${index}\n`)));
      if (kind === 2) return connection.incoming;
      return merge(connection.incoming, connection.send(dribble(stage, wait, left)));
    },
    { giveUp: left },
  );
}

async function* dribble(stage: Stage, wait: number, left: Promise<unknown>): AsyncGenerator<string> {
  const going = { on: true };
  void left.then(() => (going.on = false));
  while (going.on) {
    await stage.sleep(wait);
    yield 'x';
  }
}

export const limiting: readonly Scenario[] = [
  {
    name: 'limits: as options of a server',
    hosts: CLIENTS,
    async run(stage) {
      const limits: Record<string, number> = {};
      for (const name of names) if (stage.random.integer(0, 2) === 0) limits[name] = stage.random.integer(50, 5_000);
      const server = await stage.meets(
        (listen) => serve({ ...listen, ...(limits as TimeLimitOptions), highWaterMark: 200 }, echoLines),
        CLIENTS,
        (host) => stays(stage, host),
      );
      for (const event of server.events) {
        if (event.type !== 'closed') continue;
        const { lifetime, failure } = event.info;
        const most = limits['deadline'] ?? Number.POSITIVE_INFINITY;
        stage.seen.atMost('how long a connection lived, with a deadline', lifetime, most + LINGER + 1);
        if (failure !== undefined && 'limit' in failure && failure._tag.endsWith('Timeout'))
          stage.seen.require(
            Object.values(limits).includes(Number(failure.limit)) || failure.limit === 25_000,
            `${failure._tag} with a limit of ${failure.limit}`,
          );
      }
    },
  },
  {
    name: 'limits: as operators of a handler',
    hosts: CLIENTS,
    async run(stage) {
      const limit = stage.random.integer(50, 5_000);
      const handlers: readonly Handler[] = [
        (connection) => connection.incoming.pipe(idleTimeout(limit)),
        (connection) =>
          connection.incoming.pipe(
            readTimeout(limit),
            lines(),
            map((line) => `${line}\n`),
          ),
        (connection) =>
          connection.incoming.pipe(
            lines(),
            messageTimeout(limit),
            map((line) => `${line}\n`),
          ),
        (connection) => connection.incoming.pipe(firstByteTimeout(limit)),
        (connection) => echoLines(connection).pipe(deadline(limit)),
        (connection) => merge(connection.send(echoLines(connection)).pipe(writeTimeout(limit)), NEVER),
        (connection) =>
          echoLines(connection).pipe(
            timeouts({ idle: limit, read: limit, write: limit, firstByte: limit, deadline: 2 * limit }),
          ),
      ];
      const which = stage.random.integer(0, handlers.length - 1);
      const server = await stage.meets(
        (listen) => serve({ ...listen, highWaterMark: 200 }, handlers[which] ?? echoLines),
        CLIENTS,
        (host) => stays(stage, host),
      );
      if (which !== 4 && which !== 6) return;
      for (const event of server.events) {
        if (event.type === 'closed')
          stage.seen.atMost(
            'how long a connection lived, with a deadline',
            event.info.lifetime,
            2 * limit + LINGER + 1,
          );
      }
    },
  },
  {
    name: 'limits: as options and operators of a client',
    hosts: CLIENTS,
    async run(stage) {
      const wait = stage.random.integer(0, 3_000);
      const timed = (listen: ListenPlace) =>
        serve(listen, (connection) => connection.incoming.pipe(tap(() => void connection.setTimeout(wait + 1))));
      await stage.meets(timed, CLIENTS, async (host) => {
        const random = stage.fork();
        const limits: Record<string, number> = { deadline: random.integer(100, 8_000) };
        for (const name of names) if (random.integer(0, 2) === 0) limits[name] ??= random.integer(50, 5_000);
        let began = stage.clock.now();
        await dials(
          stage,
          `the stay of ${host}`,
          {
            ...stage.target(host),
            ...(limits as TimeLimitOptions),
            connectTimeout: random.integer(20, 3_000),
          },
          (connection) => {
            began = stage.clock.now();
            connection.write('hello\n');
            return connection.incoming.pipe(idleTimeout(random.integer(50, 5_000)));
          },
        );
        const took = stage.clock.now() - began;
        stage.seen.atMost(
          'how long a client stayed, with a deadline',
          took,
          Math.max(3_000, limits['deadline'] ?? 0) + 1,
        );
      });
    },
  },
];
