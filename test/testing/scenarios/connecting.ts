import { lastValueFrom } from 'rxjs';
import {
  connect,
  type Connection,
  type ConnectionEvent,
  fixedLength,
  lines,
  mapAsync,
  sendTo,
  serve,
} from '../../../src/index.ts';
import type { Flow } from '../../../src/observables/flow.ts';
import {
  concat,
  defer,
  from,
  ignoreElements,
  map,
  merge,
  mergeMap,
  repeat,
  retry,
  take,
  tap,
} from '../../../src/rx.ts';
import type { Random } from '../../../src/testing/random.ts';
import type { Scenario } from './support/run.ts';
import type { ListenPlace, Stage } from './support/stage.ts';
import { converses, dials, echo, echoes, endsBehind, hearing, linesOf, saying, slowly } from './support/traffic.ts';

const CLIENTS = ['client-0', 'client-1'] as const;

/** The ways to end a connection. */
const endings = ['end', 'destroy', 'reset', 'dispose', 'leave'] as const;

const soon = (random: Random): number => random.integer(0, random.integer(1, 600));

export const connecting: readonly Scenario[] = [
  {
    name: 'connect: given up, or aborted, at any moment',
    hosts: CLIENTS,
    async run(stage) {
      await stage.meets(echoes, CLIENTS, async (host) => {
        const random = stage.fork();
        const abort = new AbortController();
        const moment = stage.sleep(soon(random));
        const aborts = random.integer(0, 1) === 0;
        if (aborts) void moment.then(() => abort.abort());
        const stream = stage.seen.stream(`${host} and back`);
        await dials(
          stage,
          `the talk of ${host}`,
          { ...stage.target(host), signal: abort.signal },
          (connection) => {
            const said = slowly(stage, linesOf(random, host), random.integer(0, 20));
            return merge(hearing(connection, stream), saying(connection, said, stream));
          },
          { over: [stream], giveUp: aborts ? undefined : moment },
        );
      });
    },
  },
  {
    name: 'connect: ended in any way at any moment, by either side',
    hosts: CLIENTS,
    async run(stage) {
      const random = stage.fork();
      const ended = (listen: ListenPlace) =>
        serve(listen, (connection) => {
          const ending = random.integer(0, 7);
          void stage.sleep(soon(random)).then(() => {
            if (ending === 0) connection.destroy();
            else if (ending === 1) connection.reset();
            else if (ending === 2) connection.end();
            else if (ending === 3) void connection[Symbol.asyncDispose]();
          });
          return connection.incoming;
        });
      await stage.meets(ended, CLIENTS, (host) => endsSomehow(stage, host));
    },
  },
  {
    name: 'connect: several senders at once',
    hosts: CLIENTS,
    async run(stage) {
      await stage.meets(
        (listen) => serve({ ...listen, highWaterMark: 200 }, echo),
        CLIENTS,
        async (host) => {
          const random = stage.fork();
          const streams = Array.from({ length: random.integer(2, 5) }, (_, index) =>
            stage.seen.stream(`${host} ${index}`),
          );
          const left = stage.sleep(100_000);
          await dials(
            stage,
            `the talk of ${host}`,
            { ...stage.target(host), highWaterMark: 100 },
            (connection) => {
              const senders = streams.map((stream, index) => {
                const said = slowly(stage, linesOf(random, String(index)), random.integer(0, 10));
                return saying(connection, said, stream, { ends: false });
              });
              return merge(
                connection.incoming.pipe(
                  lines({ requireTerminator: true }),
                  tap({
                    next: (line) => void streams[Number(line.split(' ')[0])]?.received.push(line),
                    complete: () => {
                      for (const stream of streams) stream.receiver = 'complete';
                    },
                  }),
                ),
                endsBehind(merge(...senders), connection),
              );
            },
            { over: streams, giveUp: left },
          );
        },
      );
    },
  },
  {
    name: 'connect: a reader hands over to the next one',
    hosts: CLIENTS,
    async run(stage) {
      await stage.meets(echoes, CLIENTS, async (host) => {
        const random = stage.fork();
        const stream = stage.seen.stream(`${host} and back`);
        const parts = Array.from({ length: random.integer(1, 6) }, (_, index) => ({
          header: `header ${index}`,
          body: 'b'.repeat(random.integer(1, 300)),
        }));
        const bytes = parts.map(({ header, body }) => `${header}\n${body}`).join('');
        stream.sent.push(...parts.flatMap(({ header, body }) => [header, body]));
        const pause = random.integer(0, 50);
        const end = await dials(
          stage,
          `the talk of ${host}`,
          stage.target(host),
          (connection) => {
            const { incoming } = connection;
            const readings = parts.map(({ body }) =>
              concat(
                incoming.pipe(lines({ requireTerminator: true }), take(1)),
                from(stage.sleep(pause)).pipe(ignoreElements()),
                incoming.pipe(fixedLength(body.length), take(1), map(String)),
              ),
            );
            return merge(
              concat(...readings, incoming.pipe(map((rest) => `too much: ${String(rest)}`))).pipe(
                tap((part) => void stream.received.push(part)),
              ),
              endsBehind(from([bytes]).pipe(sendTo(connection)), connection),
            );
          },
          { over: [stream] },
        );
        stream.endedAs(end);
      });
    },
  },
  {
    name: 'connect: plain writes, with and without regard for drain',
    hosts: CLIENTS,
    async run(stage) {
      const slow = stage.random.integer(0, 200);
      const answering = (listen: ListenPlace) =>
        serve(listen, (connection) =>
          connection.incoming.pipe(
            lines({ requireTerminator: true }),
            mapAsync(async (line) => (await stage.sleep(slow), `${line}\n`)),
          ),
        );
      await stage.meets(answering, CLIENTS, (host) => writesPlainly(stage, host));
    },
  },
  {
    name: 'connect: chunks of all sizes, bytes and text',
    hosts: ['client-0'],
    isSteady: true,
    async run(stage) {
      const server = await stage.serves('server', (listen) => serve({ ...listen, highWaterMark: 5_000 }, echo));
      const random = stage.fork();
      const stream = stage.seen.stream('client-0 and back');
      stream.isBytes = true;
      const chunks = Array.from({ length: random.integer(1, 30) }, (_, index) => {
        // What is small is joined to what is before it; the rest leaves as it is.
        const size = random.integer(0, 4) === 0 ? random.integer(1_000, 3_000) : random.integer(1, 100);
        const text = String.fromCodePoint(97 + (index % 26)).repeat(size);
        return random.integer(0, 1) === 0 ? text : Buffer.from(text);
      });
      stream.sent.push(...chunks.map(String));
      const end = await dials(
        stage,
        'the talk of client-0',
        stage.target('client-0'),
        (connection) => {
          // All in one turn: what is not taken at once waits behind it.
          for (const chunk of chunks) {
            connection.write(chunk);
            connection.write('');
          }
          connection.end();
          return connection.incoming.pipe(tap((chunk) => void stream.received.push(String(chunk))));
        },
        { over: [stream] },
      );
      stream.endedAs(end);
      await server.shutDown();
    },
  },
  {
    name: 'connect: events come in their order',
    hosts: CLIENTS,
    async run(stage) {
      await stage.meets(echoes, CLIENTS, async (host) => {
        const random = stage.fork();
        const events: ConnectionEvent[] = [];
        await dials(stage, `the events of ${host}`, stage.target(host), (connection) => {
          connection.setTimeout(random.integer(100, 3_000));
          const said = slowly(stage, linesOf(random, host), random.integer(0, 200));
          return merge(
            connection.events.pipe(tap((event) => void events.push(event))),
            connection.incoming.pipe(lines()),
            endsBehind(said.pipe(sendTo(connection)), connection),
          );
        });
        const types = events.map(({ type }) => type);
        if (types.length === 0) return;
        const at = (type: string): number => types.indexOf(type as never);
        stage.seen.require(at('lookup') < at('attempt') && at('attempt') < at('connect'), `events: ${types.join()}`);
        const beforeClose = types.slice(0, -1);
        if (types.includes('close'))
          stage.seen.require(!beforeClose.includes('close'), `events go on behind close: ${types.join()}`);
        stage.seen.atMost('ends of the peer', types.filter((type) => type === 'end').length, 1);
      });
    },
  },
  {
    name: 'connect: places that can not be reached, and lookups of every kind',
    hosts: CLIENTS,
    async run(stage) {
      await stage.meets(echoes, CLIENTS, async (host) => {
        const random = stage.fork();
        const target = stage.target(host);
        const wait = random.integer(0, 6_000);
        const places = [
          { ...target, port: 81 },
          { ...target, host: 'nowhere' },
          { ...target, host: '10.9.9.9' },
          { ...target, localPort: random.integer(1, 3) },
          { ...target, family: 6 as const },
          { ...target, autoSelectFamily: false },
          {
            ...target,
            autoSelectFamilyAttemptTimeout: random.integer(10, 300),
          },
          {
            ...target,
            lookup: (_name: string, _options: object, callback: (error: Error | null, address: string) => void) => {
              stage.clock.after(wait, () => callback(null, '10.9.9.9'));
            },
          },
          {
            ...target,
            lookup: (_name: string, _options: object, callback: (error: Error | null, address: string) => void) => {
              callback(
                Object.assign(new Error('no'), {
                  code: 'ENOTFOUND',
                  syscall: 'getaddrinfo',
                }),
                '',
              );
            },
          },
        ];
        for (let turn = 0; turn < 3; turn++) {
          const place = places[random.integer(0, places.length - 1)] ?? target;
          const giveUp = random.integer(0, 3) === 0 ? stage.sleep(random.integer(0, 300)) : undefined;
          await dials(
            stage,
            stage.name(`a dial of ${host}`),
            place,
            (connection) => {
              connection.end('hello\n');
              return connection.incoming;
            },
            { giveUp },
          );
        }
      });
    },
  },
  {
    name: 'connect: retry and repeat',
    hosts: CLIENTS,
    async run(stage) {
      await stage.meets(
        (listen) => serve(listen, () => ['hello\n']),
        CLIENTS,
        async (host) => {
          let count = 0;
          const once = defer(() => {
            count++;
            return connect({ ...stage.target(host), connectTimeout: 500 });
          }).pipe(
            mergeMap((connection) => {
              stage.watch(connection, 'client');
              return connection.incoming.pipe(lines());
            }),
          );
          await stage.runs(
            `the dials of ${host}`,
            once.pipe(retry({ count: 3, delay: () => stage.sleep(200) }), repeat({ count: 3 })),
          );
          stage.seen.atMost('dials', count, 3 * 4);
        },
      );
    },
  },
  {
    name: 'connect: the server is gone, and comes back',
    hosts: CLIENTS,
    async run(stage) {
      const first = await stage.serves('server', echoes);
      const talks = CLIENTS.map((host) => converses(stage, host));
      await stage.sleep(stage.random.integer(0, 400));
      await first.leave();
      const second = await stage.serves('server', echoes);
      await Promise.all([...talks, ...CLIENTS.map((host) => converses(stage, host))]);
      await second.shutDown();
    },
  },
];

/** Reads and writes until it ends the connection in one of the ways. */
async function endsSomehow(stage: Stage, host: string): Promise<void> {
  const random = stage.fork();
  const ending = endings[random.integer(0, endings.length - 1)];
  const moment = stage.sleep(soon(random));
  const stream = stage.seen.stream(`${host} and back`);
  const said = linesOf(random, host, 30);
  // A reset of the peer may cut it anywhere.
  const readsToTheEnd = random.integer(0, 1) === 0;
  await dials(
    stage,
    `the talk of ${host}`,
    stage.target(host),
    (connection) => {
      void moment.then(() => {
        if (ending === 'end') connection.end();
        else if (ending === 'destroy') connection.destroy();
        else if (ending === 'reset') connection.reset();
        else if (ending === 'dispose') void disposes(stage, host, connection);
      });
      const heard = connection.incoming.pipe(
        lines({ requireTerminator: true }),
        tap((line) => void stream.received.push(line)),
      );
      return merge(
        readsToTheEnd ? heard : heard.pipe(take(3)),
        saying(connection, slowly(stage, said, random.integer(0, 5)), stream, { ends: false }),
      );
    },
    { over: [stream], giveUp: ending === 'leave' ? moment : undefined },
  );
  await moment;
}

async function disposes(stage: Stage, host: string, connection: Connection): Promise<void> {
  const ended = stage.seen.begins(`the disposal of ${host}`);
  await connection[Symbol.asyncDispose]();
  ended('complete');
}

async function writesPlainly(stage: Stage, host: string): Promise<void> {
  const random = stage.fork();
  const maxQueued = random.integer(500, 3_000);
  const waits = random.integer(0, 1) === 0;
  const stream = stage.seen.stream(`${host} and back`);
  const said = linesOf(random, host, 30);
  await dials(
    stage,
    `the talk of ${host}`,
    { ...stage.target(host), highWaterMark: 300, maxQueued },
    (connection) => {
      const write = async (): Promise<void> => {
        let open = true;
        connection.closed.subscribe(() => (open = false));
        for (const line of said) {
          if (!open) return;
          stream.sent.push(line);
          const room = connection.write(`${line}\n`);
          stage.seen.atMost('bytes queued', connection.bytesQueued, maxQueued + 100);
          if (!room && waits) await drained(connection.events);
          else if (random.integer(0, 3) === 0) await stage.sleep(random.integer(0, 10));
        }
        connection.end();
        stream.sender = 'complete';
      };
      void write();
      return hearing(connection, stream);
    },
    { over: [stream] },
  );
}

const drained = (events: Flow<ConnectionEvent>): Promise<unknown> =>
  lastValueFrom(
    events.pipe(
      mergeMap((event) => (event.type === 'drain' || event.type === 'close' ? [event] : [])),
      take(1),
    ),
    { defaultValue: undefined },
  );
