import { EMPTY, map, NEVER, ReplaySubject, Subject, take, tap } from 'rxjs';

import { type Connection, lines, mapAsync, sendTo, serve, throttleConnections } from '../../../src/index.ts';
import { concat, concatMap, from, merge, mergeMap, throwError } from '../../../src/rx.ts';
import { Planted } from './support/observations.ts';
import type { Scenario } from './support/run.ts';
import type { Handler, ListenPlace } from './support/stage.ts';
import {
  converses,
  dials,
  echoLines,
  echoes,
  echoesLines,
  endsBehind,
  hearing,
  linesOf,
  piecesOf,
} from './support/traffic.ts';

const CLIENTS = ['client-0', 'client-1', 'client-2'] as const;

export const serving: readonly Scenario[] = [
  {
    name: 'serve: an echo of lines',
    hosts: CLIENTS,
    isSteady: true,
    async run(stage) {
      await stage.meets(echoesLines, CLIENTS, (host) => converses(stage, host));
    },
  },
  {
    name: 'serve: an echo of bytes',
    hosts: CLIENTS,
    isSteady: true,
    async run(stage) {
      await stage.meets(echoes, CLIENTS, async (host) => {
        const stream = stage.seen.stream(`${host} and back`);
        const pieces = piecesOf(stage.fork());
        const sent = pieces.join('');
        const chunks: Buffer[] = [];
        const end = await dials(
          stage,
          `the bytes of ${host}`,
          { ...stage.target(host), highWaterMark: 50 },
          (connection) =>
            merge(
              connection.incoming.pipe(tap((chunk) => void chunks.push(chunk))),
              endsBehind(
                from(pieces).pipe(
                  // Text counts its length against the mark of 50: up to three bytes for each.
                  tap(() => stage.seen.atMost('bytes queued for a source that can wait', connection.bytesQueued, 150)),
                  sendTo(connection),
                ),
                connection,
              ),
            ),
          { over: [stream] },
        );
        // Compared by bytes: a cut may be in the middle of a character.
        stream.isBytes = true;
        stream.sent.push(Buffer.from(sent).toString('latin1'));
        stream.received.push(Buffer.concat(chunks).toString('latin1'));
        stream.endedAs(end);
      });
    },
  },
  {
    name: 'serve: output of every kind',
    hosts: CLIENTS,
    isSteady: true,
    async run(stage) {
      const said = ['one', 'two', 'three'].map((word) => word.repeat(stage.random.integer(1, 100)));
      const pause = stage.random.integer(0, 30);
      const ended = said.map((line) => `${line}\n`);
      const kinds: readonly Handler[] = [
        () => ended,
        async () => {
          await stage.sleep(pause);
          return ended.join('');
        },
        async function* () {
          for (const line of ended) {
            await stage.sleep(pause);
            yield line;
          }
        },
        () => from(ended).pipe(mapAsync(async (line) => (await stage.sleep(pause), Buffer.from(line)))),
        () =>
          new ReadableStream<string>({
            start(controller) {
              for (const line of ended) controller.enqueue(line);
              controller.close();
            },
          }),
        () => {
          const late = new ReplaySubject<string>();
          void stage.sleep(pause).then(() => {
            for (const line of ended) late.next(line);
            late.complete();
          });
          return late;
        },
      ];
      const handler = kinds[stage.random.integer(0, kinds.length - 1)] ?? (() => EMPTY);
      await stage.meets(
        (listen) => serve(listen, handler),
        CLIENTS,
        async (host) => {
          const stream = stage.seen.stream(`server to ${host}`);
          stream.sent.push(...said);
          stream.sender = 'complete';
          await dials(
            stage,
            `the reading of ${host}`,
            stage.target(host),
            (connection) => hearing(connection, stream),
            { over: [stream] },
          );
        },
      );
    },
  },
  {
    name: 'serve: handlers that fail',
    hosts: CLIENTS,
    async run(stage) {
      const failures = [
        () => {
          throw new Error('planted');
        },
        () => throwError(() => new Planted('on purpose')),
        () => Promise.reject(new Error('planted')),
        (connection: Connection) =>
          concat(
            connection.incoming.pipe(
              lines(),
              take(2),
              map((line) => `${line}\n`),
            ),
            throwError(() => new Planted('on purpose')),
          ),
        (connection: Connection) =>
          connection.incoming.pipe(
            lines(),
            map((line) => {
              if (line.includes(' 3 ')) throw new Error('planted');
              return `${line}\n`;
            }),
          ),
        echoLines,
        echoLines,
      ] satisfies readonly Handler[];
      let count = 0;
      const random = stage.fork();
      const server = await stage.serves('server', (listen) =>
        serve(listen, (connection) => {
          count++;
          return failures[random.integer(0, failures.length - 1)]?.(connection) ?? EMPTY;
        }),
      );
      server.expectsDefects = true;
      await Promise.all(
        CLIENTS.map((host) => {
          const said = linesOf(stage.random, host);
          return converses(stage, host, { said, answers: [...said] });
        }),
      );
      await server.shutDown();
      const failed = server.events.filter(({ type }) => type === 'failed').length;
      stage.seen.atMost('failures of connections', failed, count);
    },
  },
  {
    name: 'serve: maxConnections',
    hosts: CLIENTS,
    async run(stage) {
      const maxConnections = stage.random.integer(1, 2);
      const whenFull = stage.random.integer(0, 1) === 0 ? 'drop' : 'wait';
      const server = await stage.meets(
        (listen) => serve({ ...listen, maxConnections, whenFull, unclaimedTimeout: 10_000 }, echoLines),
        [...CLIENTS, ...CLIENTS],
        (host) => converses(stage, host),
      );
      stage.seen.atMost('connections at once', server.mostOpen, maxConnections);
    },
  },
  {
    name: 'serve: a throttle',
    hosts: CLIENTS,
    async run(stage) {
      const perSecond = stage.random.integer(1, 20);
      const burst = stage.random.integer(1, 2);
      const whenExceeded = stage.random.integer(0, 1) === 0 ? 'drop' : 'wait';
      const begun: number[] = [];
      const throttled = (listen: ListenPlace) =>
        serve({ ...listen, throttle: throttleConnections({ perSecond, burst, whenExceeded }) }, (connection) => {
          begun.push(stage.clock.now());
          return echoLines(connection);
        });
      await stage.meets(throttled, [...CLIENTS, ...CLIENTS], (host) => converses(stage, host));
      for (const [index, first] of begun.entries()) {
        for (const [further, later] of begun.slice(index).entries()) {
          const most = burst + ((later - first) / 1_000) * perSecond;
          stage.seen.atMost(`connections in ${later - first} ms`, further + 1, most + 0.001);
        }
      }
    },
  },
  {
    name: 'serve: connections that nobody reads',
    hosts: CLIENTS,
    async run(stage) {
      const unclaimedTimeout = stage.random.integer(100, 5_000);
      const server = await stage.serves('server', (listen) =>
        serve(
          {
            ...listen,
            unclaimedTimeout,
            maxUnclaimed: stage.random.integer(1, 3),
          },
          () => NEVER,
        ),
      );
      const lived: number[] = [];
      await Promise.all(
        CLIENTS.map(async (host) => {
          await stage.sleep(stage.random.integer(0, 500));
          await dials(stage, `the stay of ${host}`, stage.target(host), (connection) => connection.incoming);
        }),
      );
      // A drain gives them its own time.
      await stage.sleep(unclaimedTimeout);
      await server.shutDown();
      for (const event of server.events) if (event.type === 'closed') lived.push(event.info.lifetime);
      stage.seen.atMost('how long nobody reads', Math.max(0, ...lived), unclaimedTimeout + 1);
    },
  },
  {
    name: 'serve: events that are taken slowly',
    hosts: CLIENTS,
    async run(stage) {
      const pause = stage.random.integer(1, 300);
      const slow = (listen: ListenPlace) =>
        serve(listen, echoLines).pipe(mapAsync(async (event) => (await stage.sleep(pause), event)));
      await stage.meets(slow, CLIENTS, (host) => converses(stage, host));
    },
  },
  {
    name: 'serve: it is left, or aborted, at any moment',
    hosts: CLIENTS,
    async run(stage) {
      const abort = new AbortController();
      const server = await stage.serves('server', (listen) => serve({ ...listen, signal: abort.signal }, echoLines));
      const talks = Promise.all(CLIENTS.map((host) => converses(stage, host)));
      await stage.sleep(stage.random.integer(0, 600));
      const way = stage.random.integer(0, 3);
      if (way === 0) await server.leave();
      else if (way === 1) abort.abort();
      else {
        server.stopper.abort();
        await stage.sleep(stage.random.integer(0, 1_000));
        if (way === 2) abort.abort();
        else await server.leave();
      }
      await server.ended;
      await talks;
    },
  },
  {
    name: 'serve: half-open, answered after the FIN',
    hosts: CLIENTS,
    isSteady: true,
    async run(stage) {
      const pause = stage.random.integer(0, 500);
      const late = (listen: ListenPlace) =>
        serve({ ...listen, allowHalfOpen: true }, (connection) => {
          const all: string[] = [];
          return concat(
            connection.incoming.pipe(
              lines(),
              mergeMap((line) => {
                all.push(line);
                return EMPTY;
              }),
            ),
            from([pause]).pipe(
              mapAsync((ms) => stage.sleep(ms)),
              concatMap(() => from(all.map((line) => `${line}\n`))),
            ),
          );
        });
      await stage.meets(late, CLIENTS, (host) => converses(stage, host));
    },
  },
  {
    name: 'serve: one handler tells all, as in a chat',
    hosts: CLIENTS,
    async run(stage) {
      const room = new Subject<string>();
      const chat = (listen: ListenPlace) =>
        serve({ ...listen, highWaterMark: 500, maxQueued: 2_000 }, (connection) =>
          merge(
            room,
            connection.incoming.pipe(
              // Who leaves in the middle of a line has not said it.
              lines({ requireTerminator: true }),
              mergeMap((line) => {
                room.next(`${line}\n`);
                return EMPTY;
              }),
            ),
          ),
        );
      await stage.meets(chat, CLIENTS, async (host) => {
        const heard: string[] = [];
        const random = stage.fork();
        const giveUp = stage.sleep(random.integer(100, 3_000));
        await dials(
          stage,
          `the chat of ${host}`,
          stage.target(host),
          (connection) =>
            merge(
              connection.incoming.pipe(
                lines({ requireTerminator: true }),
                tap((line) => void heard.push(line)),
                mapAsync(() => stage.sleep(random.integer(0, 30))),
              ),
              from(linesOf(random, host)).pipe(
                mapAsync(async (line) => (await stage.sleep(random.integer(0, 30)), `${line}\n`)),
                sendTo(connection),
              ),
            ),
          { giveUp },
        );
        // Of each of the others what was said first is heard first, and nothing twice.
        for (const other of CLIENTS) {
          const numbers = heard.filter((line) => line.startsWith(other)).map((line) => Number(line.split(' ')[1]));
          stage.seen.require(
            numbers.every((number, index) => index === 0 || number === (numbers[index - 1] ?? 0) + 1),
            `${host} heard ${numbers.join()} of ${other}`,
          );
        }
      });
    },
  },
];
