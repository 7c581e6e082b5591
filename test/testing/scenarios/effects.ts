import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as O from 'fp-ts/lib/Option.js';

import {
  allOf,
  end,
  exponentialBackoff,
  flatMap,
  forEachFrame,
  fromIO,
  limitTo,
  map,
  type NetEnv,
  of,
  race,
  readFrame,
  retrying,
  serveWith,
  sleep,
  timeout,
  toExit,
  traverseArray,
  withConnection,
  withServer,
  write,
  writeFrame,
} from '../../../src/effects/index.ts';
import { type Connection, lines } from '../../../src/index.ts';
import type { Random } from '../../../src/testing/random.ts';
import { type End, endOf } from './support/observations.ts';
import type { Scenario } from './support/run.ts';
import { SERVER_LIMITS, type Stage } from './support/stage.ts';
import { linesOf } from './support/traffic.ts';

const CLIENTS = ['client-0', 'client-1'] as const;
const framing = lines({ requireTerminator: true });

/** Runs an effect on a host, and takes down how it ends. */
async function runs<Failure>(
  stage: Stage,
  name: string,
  host: string,
  effect: (env: NetEnv) => () => Promise<E.Either<Failure, unknown>>,
  signal?: AbortSignal,
): Promise<End> {
  const ended = stage.seen.begins(name);
  const transport = stage.world.transportOf(host);
  const random = stage.fork();
  const exit = await toExit(effect, {
    transport,
    clock: transport.clock,
    random: () => random.fraction(),
    ...(signal !== undefined && { signal }),
  });
  if (exit._tag === 'Success') return ended('complete');
  if (exit._tag === 'Interrupted') return ended('given up');
  return ended(exit._tag === 'Failure' ? endOf(exit.failure) : `defect: ${String(exit.cause)}`);
}

/** Runs a server for as long as its clients take. */
async function withEcho(stage: Stage, client: (host: string) => Promise<unknown>, signal?: AbortSignal): Promise<void> {
  const { transport: _transport, ...place } = stage.listenAt('server');
  let stop = (): void => {};
  const stopped = new Promise<E.Either<never, void>>((resolve) => (stop = () => resolve(E.right(undefined))));
  let listens = (): void => {};
  const listening = new Promise<void>((resolve) => (listens = resolve));
  const echo = (connection: Connection) => {
    stage.watch(connection, 'server');
    return pipe(
      connection,
      forEachFrame(framing, (line) => pipe(connection, writeFrame(framing, line))),
    );
  };
  const failures: string[] = [];
  const served = runs(
    stage,
    'the server',
    'server',
    serveWith({ ...place, ...SERVER_LIMITS }, echo, (failure) => fromIO(() => void failures.push(endOf(failure))))(
      (server) =>
        pipe(
          fromIO(() => {
            stage.listensAt('server', server.address);
            listens();
          }),
          flatMap(() => () => () => stopped),
          flatMap(() => server.shutdown),
        ),
    ),
    signal,
  );
  await Promise.race([listening, served]);
  await Promise.all(CLIENTS.map(client));
  stop();
  await served;
  for (const failure of failures) stage.seen.require(!failure.startsWith('defect'), `a handler failed: ${failure}`);
}

const targetOf = (stage: Stage, host: string) => {
  const { transport: _transport, ...target } = stage.target(host);
  return target;
};

/** Says lines and reads the answer to each, one by one. */
function asks(stage: Stage, host: string, random: Random, name: string) {
  const said = linesOf(random, name);
  const stream = stage.seen.stream(`the answers to ${name}`);
  stream.sent.push(...said);
  return {
    stream,
    effect: withConnection({ ...targetOf(stage, host), closeTimeout: 1_000 })((connection) => {
      stream.over.push(stage.watch(connection, 'client'));
      return pipe(
        said,
        traverseArray(
          (line) =>
            pipe(
              connection,
              writeFrame(framing, line),
              flatMap(() => readFrame(framing)(connection)),
              map((answer) => {
                if (O.isSome(answer)) stream.received.push(answer.value);
              }),
            ),
          { concurrency: 1 },
        ),
      );
    }),
  };
}

export const effectScenarios: readonly Scenario[] = [
  {
    name: 'effects: requests and answers, with brackets at both ends',
    hosts: CLIENTS,
    isSteady: true,
    async run(stage) {
      await withEcho(stage, async (host) => {
        const { effect, stream } = asks(stage, host, stage.fork(), host);
        const how = await runs(stage, `the talk of ${host}`, host, effect);
        stream.endedAs(how);
      });
    },
  },
  {
    name: 'effects: interrupted at any moment, at either end',
    hosts: CLIENTS,
    async run(stage) {
      const serverAbort = new AbortController();
      const stops = stage.random.integer(0, 1) === 0;
      const moment = stage.sleep(stage.random.integer(0, 600));
      if (stops) void moment.then(() => serverAbort.abort());
      await withEcho(
        stage,
        async (host) => {
          const random = stage.fork();
          const abort = new AbortController();
          void stage.sleep(random.integer(0, 500)).then(() => abort.abort());
          const { effect } = asks(stage, host, random, host);
          await runs(stage, `the talk of ${host}`, host, effect, abort.signal);
        },
        serverAbort.signal,
      );
    },
  },
  {
    name: 'effects: races, time limits and several connections at once',
    hosts: CLIENTS,
    async run(stage) {
      await withEcho(stage, async (host) => {
        const random = stage.fork();
        const limit = random.integer(50, 3_000);
        const names = Array.from({ length: random.integer(1, 5) }, (_, index) => `${host} ${index}`);
        const effects = names.map((name) => asks(stage, host, random, name).effect);
        const concurrency = random.integer(1, 3);
        const began = stage.clock.now();
        const kind = random.integer(0, 1);
        const all = pipe(
          effects,
          traverseArray((effect) => effect, { concurrency }),
          map(() => 'all'),
        );
        const effect =
          kind === 0
            ? pipe(all, timeout(limit))
            : pipe(
                all,
                race(
                  pipe(
                    sleep(limit),
                    map(() => 'too late'),
                  ),
                ),
              );
        await runs(stage, `the talks of ${host}`, host, effect);
        // A loser is destroyed, and waited for.
        stage.seen.atMost('how long a limited effect took', stage.clock.now() - began, limit + 1);
      });
    },
  },
  {
    name: 'effects: tried again, each time with a connection of its own',
    hosts: CLIENTS,
    async run(stage) {
      await withEcho(stage, async (host) => {
        const random = stage.fork();
        const retries = random.integer(0, 4);
        let attempts = 0;
        const once = pipe(
          fromIO(() => void attempts++),
          flatMap(() =>
            withConnection({ ...targetOf(stage, host), connectTimeout: 500, closeTimeout: 500 })((connection) => {
              stage.watch(connection, 'client');
              return pipe(
                connection,
                write('hello\n'),
                flatMap(() => readFrame(framing)(connection)),
                flatMap(() => end(connection)),
              );
            }),
          ),
        );
        const policy = allOf(exponentialBackoff({ initial: 50, max: 1_000 }), limitTo(retries + 1));
        await runs(stage, `the attempts of ${host}`, host, pipe(once, retrying(policy, { retryOn: () => true })));
        stage.seen.atMost('attempts', attempts, retries + 1);
      });
    },
  },
  {
    name: 'effects: a server whose connections are the use’s to take',
    hosts: CLIENTS,
    async run(stage) {
      const { transport: _transport, ...place } = stage.listenAt('server');
      const wait = stage.random.integer(0, 2_000);
      const served = runs(
        stage,
        'the server',
        'server',
        withServer({ ...place, idleTimeout: 20_000, deadline: 60_000 })((server) => {
          server.connections.subscribe((connection) => {
            stage.watch(connection, 'server');
            connection.send(connection.incoming).subscribe({ error: () => {}, complete: () => connection.end() });
          });
          stage.listensAt('server', server.address);
          return pipe(
            sleep(wait),
            flatMap(() => of(server.connectionCount)),
          );
        }),
      );
      await stage.sleep(1);
      await Promise.all(
        CLIENTS.map((host) => {
          const { effect } = asks(stage, host, stage.fork(), host);
          return runs(stage, `the talk of ${host}`, host, effect);
        }),
      );
      await served;
    },
  },
];
