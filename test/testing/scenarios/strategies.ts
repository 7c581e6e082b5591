import { byteBudget, lines, mapAsync, paced, rateLimit, sendTo, serve } from '../../../src/index.ts';
import type { Flow } from '../../../src/observables/flow.ts';
import { concatMap, exhaustMap, from, map, merge, mergeMap, Observable, switchMap, tap } from '../../../src/rx.ts';
import { buffer, drop, latest, sample, type LossyStrategy } from '../../../src/strategies.ts';
import type { Scenario } from './support/run.ts';
import type { ListenPlace, Stage } from './support/stage.ts';
import { converses, dials, hearing, linesOf } from './support/traffic.ts';

const CLIENTS = ['client-0', 'client-1'] as const;

/** A feed that nobody can hold: a number now and then. */
const feed = (stage: Stage, count: number, pause: number): Flow<string> =>
  new Observable((subscriber) => {
    let cancel = (): void => {};
    const say = (index: number): void => {
      if (index === count) subscriber.complete();
      else {
        subscriber.next(`${index}\n`);
        cancel = stage.clock.after(pause, () => say(index + 1));
      }
    };
    say(0);
    return () => cancel();
  });

const isGrowing = (numbers: readonly number[]): boolean =>
  numbers.every((number, index) => index === 0 || number > (numbers[index - 1] ?? 0));
const isWhole = (numbers: readonly number[]): boolean => numbers.every((number, index) => number === index);

/** Hears a feed, slowly; the numbers only grow. */
async function listens(stage: Stage, host: string): Promise<readonly number[]> {
  const heard: number[] = [];
  const random = stage.fork();
  const pause = random.integer(0, 50);
  await dials(stage, `the listening of ${host}`, stage.target(host), (connection) =>
    connection.incoming.pipe(
      lines({ requireTerminator: true }),
      tap((line) => void heard.push(Number(line))),
      mapAsync(() => stage.sleep(pause)),
    ),
  );
  stage.seen.require(isGrowing(heard), `${host} heard ${heard.join()}`);
  return heard;
}

export const strategyScenarios: readonly Scenario[] = [
  {
    name: 'paced: a feed that drops what a slow peer does not take',
    hosts: CLIENTS,
    async run(stage) {
      const strategies: readonly (() => LossyStrategy)[] = [
        () => latest(),
        () => drop(),
        () => buffer({ limit: 5, overflow: 'drop-oldest' }),
        () => buffer({ limit: 5, overflow: 'drop-newest' }),
        () => sample(stage.random.integer(1, 100), stage.clock),
      ];
      const strategy = strategies[stage.random.integer(0, strategies.length - 1)]?.() ?? latest();
      const count = stage.random.integer(1, 100);
      const pause = stage.random.integer(1, 20);
      const feeding = (listen: ListenPlace) =>
        serve({ ...listen, highWaterMark: 20, maxQueued: 200 }, () => {
          let dropped = 0;
          let fed = 0;
          let passed = 0;
          return feed(stage, count, pause).pipe(
            tap(() => fed++),
            paced<string>(strategy, { onDropped: () => dropped++ }),
            tap({
              next: () => passed++,
              complete: () => {
                stage.seen.require(fed === passed + dropped, `of ${fed} ${passed} passed and ${dropped} were dropped`);
              },
            }),
          );
        });
      await stage.meets(feeding, CLIENTS, (host) => listens(stage, host));
    },
  },
  {
    name: 'paced: a feed that loses nothing, or fails',
    hosts: CLIENTS,
    async run(stage) {
      const count = stage.random.integer(1, 100);
      const pause = stage.random.integer(1, 20);
      const limit = stage.random.integer(1, 30);
      const feeding = (listen: ListenPlace) =>
        serve({ ...listen, highWaterMark: 20 }, () =>
          feed(stage, count, pause).pipe(paced(buffer({ limit, overflow: 'fail' }))),
        );
      await stage.meets(feeding, CLIENTS, async (host) => {
        const heard = await listens(stage, host);
        stage.seen.require(isWhole(heard), `${host} heard ${heard.join()}`);
      });
    },
  },
  {
    name: 'byteBudget: over all connections of a server',
    hosts: [...CLIENTS, 'client-2'],
    async run(stage) {
      const limit = stage.random.integer(200, 2_000);
      const budget = byteBudget(limit);
      const said = Array.from({ length: 40 }, (_, index) => `${index}`.padEnd(99, 'x'));
      const telling = (listen: ListenPlace) =>
        serve({ ...listen, budget }, (connection) =>
          from(said.map((line) => `${line}\n`)).pipe(
            // Each connection may have one chunk more than there is room for.
            tap(() => stage.seen.atMost('bytes that all wait', budget.queued, limit + 3 * 100)),
            sendTo(connection),
          ),
        );
      await stage.meets(telling, [...CLIENTS, 'client-2'], async (host) => {
        const stream = stage.seen.stream(`server to ${host}`);
        stream.sent.push(...said);
        stream.sender = 'complete';
        const slow = stage.random.integer(0, 20);
        await dials(
          stage,
          `the reading of ${host}`,
          stage.target(host),
          (connection) => hearing(connection, stream).pipe(mapAsync(() => stage.sleep(slow))),
          { over: [stream] },
        );
      });
      stage.seen.atMost('bytes that wait when all is over', budget.queued, 0);
      stage.seen.atMost('connections on which bytes wait when all is over', budget.connections, 0);
    },
  },
  {
    name: 'rateLimit: of bytes and of messages',
    hosts: CLIENTS,
    async run(stage) {
      const inBytes = stage.random.integer(0, 1) === 0;
      const perSecond = stage.random.integer(20, 2_000);
      const burst = stage.random.integer(1, 50);
      const limited = (listen: ListenPlace) =>
        serve(listen, (connection) => {
          let first: number | undefined;
          let sum = 0;
          const note = (size: number): void => {
            const now = stage.clock.now();
            first ??= now;
            sum += size;
            stage.seen.atMost('what passed in a time', sum, burst + ((now - first) / 1_000) * perSecond + 0.001);
          };
          return inBytes
            ? connection.incoming.pipe(
                rateLimit({ bytesPerSecond: perSecond, burst }),
                tap((chunk) => note(chunk.length)),
              )
            : connection.incoming.pipe(
                lines({ requireTerminator: true }),
                rateLimit({ messagesPerSecond: perSecond, burst }),
                tap(() => note(1)),
                map((line) => `${line}\n`),
              );
        });
      await stage.meets(limited, CLIENTS, (host) => converses(stage, host));
    },
  },
  {
    name: 'pacing: work in several ways, never more at a time than it may',
    hosts: CLIENTS,
    async run(stage) {
      const concurrency = stage.random.integer(1, 4);
      const wait = stage.random.integer(0, 60);
      const kind = stage.random.integer(0, 4);
      const working = (listen: ListenPlace) =>
        serve({ ...listen, highWaterMark: 100 }, (connection) => {
          let count = 0;
          const work = async (line: string): Promise<string> => {
            count++;
            stage.seen.atMost('works at a time', count, kind < 2 ? concurrency : kind === 2 ? 1 : 100);
            await stage.sleep(wait);
            count--;
            return `${line}\n`;
          };
          const questions = connection.incoming.pipe(lines({ requireTerminator: true }));
          if (kind === 0) return questions.pipe(mapAsync(work, { concurrency }));
          if (kind === 1) return questions.pipe(mergeMap((line) => from(work(line)), concurrency));
          if (kind === 2) return questions.pipe(concatMap((line) => from(work(line))));
          if (kind === 3) return questions.pipe(switchMap((line) => from(work(line))));
          return questions.pipe(exhaustMap((line) => from(work(line))));
        });
      await stage.meets(working, CLIENTS, async (host) => {
        const random = stage.fork();
        const said = linesOf(random, host);
        const heard: number[] = [];
        await dials(stage, `the talk of ${host}`, stage.target(host), (connection) =>
          merge(
            connection.incoming.pipe(
              lines({ requireTerminator: true }),
              tap((line) => void heard.push(Number(line.split(' ')[1]))),
            ),
            from(said).pipe(
              mapAsync(async (line) => (await stage.sleep(random.integer(0, 20)), `${line}\n`)),
              tap({ complete: () => process.nextTick(() => connection.end()) }),
              sendTo(connection),
            ),
          ),
        );
        // Of equal waits the first is over first.
        const isRight = kind === 0 || kind === 2 ? isWhole(heard) : isGrowing(heard);
        stage.seen.require(isRight, `${host} heard ${heard.join()}`);
      });
    },
  },
];
