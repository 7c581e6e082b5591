import { lines, listen, mapAsync, serve, type Server } from '../../../src/index.ts';
import { from, map, merge, mergeMap, NEVER, tap } from '../../../src/rx.ts';
import type { Scenario } from './support/run.ts';
import type { Handler, Stage } from './support/stage.ts';
import { converses, dials, echo, linesOf, slowly } from './support/traffic.ts';

const CLIENTS = ['client-0', 'client-1', 'client-2'] as const;

/** Clients that are in the middle of something, each in its own way. */
function isBusy(stage: Stage, host: string): Promise<unknown> {
  const random = stage.fork();
  const kind = random.integer(0, 4);
  if (kind === 0) return converses(stage, host);
  return dials(stage, `the stay of ${host}`, stage.target(host), (connection) => {
    if (kind === 1) return connection.incoming;
    // Reads nothing.
    if (kind === 2) return connection.closed;
    if (kind === 3) return connection.send(slowly(stage, linesOf(random, host, 100), random.integer(0, 30)));
    return merge(
      connection.incoming.pipe(mapAsync(() => stage.sleep(random.integer(0, 400)))),
      connection.send(slowly(stage, linesOf(random, host, 30), random.integer(0, 10))),
    );
  });
}

export const draining: readonly Scenario[] = [
  {
    name: 'drain: of a server whose clients are idle, busy, stuck',
    hosts: CLIENTS,
    async run(stage) {
      const wait = stage.random.integer(0, 500);
      const handlers: readonly Handler[] = [
        echo,
        () => NEVER,
        (connection) =>
          connection.incoming.pipe(
            lines(),
            mapAsync(async (line) => (await stage.sleep(wait), `${line}\n`), { concurrency: 3 }),
          ),
        (connection) =>
          merge(
            connection.incoming,
            connection.events.pipe(
              mergeMap((event) => {
                if (event.type === 'draining') connection.end();
                return [];
              }),
            ),
          ),
      ];
      const handler = handlers[stage.random.integer(0, handlers.length - 1)] ?? (() => NEVER);
      const drainTimeout = stage.random.integer(1, 4_000);
      const server = await stage.serves('server', (at) => serve({ ...at, drainTimeout, highWaterMark: 300 }, handler));
      const clients = Promise.all(CLIENTS.map((host) => isBusy(stage, host)));
      await stage.sleep(stage.random.integer(0, 800));
      await server.shutDown();
      await clients;
    },
  },
  {
    name: 'drain: an answer that is under way arrives',
    hosts: CLIENTS,
    isSteady: true,
    async run(stage) {
      const wait = stage.random.integer(100, 900);
      let questions = 0;
      let allAsked = (): void => {};
      const areAsked = new Promise<void>((resolve) => (allAsked = resolve));
      const server = await stage.serves('server', (at) =>
        serve({ ...at, drainTimeout: 10_000 }, (connection) =>
          connection.incoming.pipe(
            lines(),
            tap(() => {
              if (++questions === 2 * CLIENTS.length) allAsked();
            }),
            mapAsync(async (line) => (await stage.sleep(wait), `${line}\n`)),
          ),
        ),
      );
      const clients = Promise.all(
        CLIENTS.map(async (host) => {
          const answers = stage.seen.stream(`the answers to ${host}`);
          answers.sent.push('one', 'two');
          const end = await dials(
            stage,
            `the wait of ${host}`,
            stage.target(host),
            (connection) => {
              connection.write('one\ntwo\n');
              return connection.incoming.pipe(
                lines({ requireTerminator: true }),
                tap((line) => void answers.received.push(line)),
              );
            },
            { over: [answers] },
          );
          answers.receiver = end;
          // What the server has read is answered, whenever its drain begins.
          if (questions === 2 * CLIENTS.length) answers.sender = end;
        }),
      );
      await Promise.race([areAsked, clients]);
      await server.shutDown();
      await clients;
    },
  },
  {
    name: 'listen: connections that are taken slowly, and a close',
    hosts: CLIENTS,
    async run(stage) {
      const pause = stage.random.integer(0, 400);
      const takes = stage.random.integer(0, 3);
      let server: Server | undefined;
      const place = stage.listenAt('server');
      const served = stage.runs(
        'the listener',
        listen({ ...place, maxUnclaimed: 2, unclaimedTimeout: 3_000, idleTimeout: 20_000, deadline: 60_000 }).pipe(
          mergeMap((bound) => {
            server = bound;
            const taken = bound.connections.pipe(
              mergeMap((connection) => {
                stage.watch(connection, 'server');
                return from(
                  stage.sleep(pause).then(() => {
                    connection.incoming.subscribe({ next: (chunk) => void connection.write(chunk), error: () => {} });
                  }),
                );
              }, 1),
            );
            if (takes === 0) return NEVER;
            return merge(taken, bound.dropped.pipe(map(({ reason }) => reason)));
          }),
        ),
        // `NEVER` goes on when the server has closed.
        takes === 0 ? stage.sleep(20_000) : undefined,
      );
      let hasEnded = false;
      void served.then(() => (hasEnded = true));
      await stage.sleep(1);
      const clients = Promise.all(CLIENTS.map((host) => converses(stage, host)));
      await stage.sleep(stage.random.integer(0, 1_500));
      // One that has crashed has nothing to drain.
      if (server !== undefined && !hasEnded) {
        const open = server.connectionCount;
        const drainTimeout = stage.random.integer(1, 3_000);
        const report = await server.close({ drainTimeout });
        const again = await server.close();
        stage.seen.require(again === report, 'closing again gives another report');
        stage.seen.drains.push({ open, deadline: drainTimeout, report });
        stage.seen.atMost('connections of a closed server', server.connectionCount, 0);
      }
      await clients;
      await served;
    },
  },
];
