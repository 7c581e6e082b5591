import { type Observable, tap } from 'rxjs';

import {
  answerWith,
  connect,
  type Connection,
  framed,
  jsonLines,
  lengthPrefixed,
  mapAsync,
  mapFraming,
  rpc,
  serveFramed,
  typed,
} from '../../../src/index.ts';
import { from, mergeMap } from '../../../src/operators.ts';
import type { Random } from '../../../src/testing/random.ts';
import { endOf, type StreamRecord } from './support/observations.ts';
import type { Scenario } from './support/run.ts';
import type { Stage } from './support/stage.ts';

const CLIENTS = ['client-0', 'client-1'] as const;

interface Message {
  readonly id: number;
  readonly text: string;
  readonly kind?: 'end' | 'cancel' | 'notice';
}

const isMessage = (value: unknown): value is Message =>
  typeof value === 'object' && value !== null && typeof Reflect.get(value, 'id') === 'number';

/** Validated, as by a schema of any library. */
const wire = typed(jsonLines(), {
  '~standard': {
    version: 1,
    vendor: 'scenarios',
    validate: (value: unknown) => (isMessage(value) ? { value } : { issues: [{ message: 'no message' }] }),
    types: undefined as { input: Message; output: Message } | undefined,
  },
});

const textWire = mapFraming(
  lengthPrefixed({ bytes: 'varint' }),
  (bytes) => bytes.toString(),
  (text: string) => text,
);

/** Takes down how a request settles, and what it is answered; it settles once. */
function ask(
  stage: Stage,
  name: string,
  expected: readonly string[],
  request: Observable<string>,
  patience?: Promise<unknown>,
): Promise<void> {
  const stream: StreamRecord = stage.seen.stream(`the answers to ${name}`);
  stream.sent.push(...expected);
  stage.seen.asked(name);
  return new Promise((resolve) => {
    const settle = (how: string): void => {
      stage.seen.settled(name);
      stream.sender = 'complete';
      stream.receiver = how;
      resolve();
    };
    const subscription = request.subscribe({
      next: (answer) => void stream.received.push(answer),
      error: (error: unknown) => settle(endOf(error)),
      complete: () => settle('complete'),
    });
    void patience?.then(() => {
      if (subscription.closed) return;
      subscription.unsubscribe();
      settle('given up');
    });
  });
}

const patienceOf = (stage: Stage, random: Random): Promise<unknown> | undefined =>
  random.integer(0, 4) === 0 ? stage.sleep(random.integer(0, 600)) : undefined;

const textsOf = (random: Random, host: string): readonly string[] =>
  Array.from({ length: random.integer(1, 12) }, (_, index) => `${host} ${index} ${'x'.repeat(random.integer(0, 40))}`);

/** Runs the requests of a client on one connection, and ends that when all have settled. */
const asks = (
  stage: Stage,
  host: string,
  requests: (connection: Connection) => readonly Promise<void>[],
): Promise<string> =>
  stage.runs(
    `the talk of ${host}`,
    connect({ ...stage.target(host), highWaterMark: 200 }).pipe(
      mergeMap((connection) => {
        stage.watch(connection, 'client');
        return from(Promise.all(requests(connection)).then(() => connection.end()));
      }),
    ),
  );

export const channelScenarios: readonly Scenario[] = [
  {
    name: 'rpc: answers in the order of the requests',
    hosts: CLIENTS,
    isSteady: true,
    async run(stage) {
      const wait = stage.random.integer(0, 20);
      const server = await stage.serves('server', (listen) =>
        serveFramed(listen, textWire, (channel) =>
          channel.incoming.pipe(
            answerWith(async (text) => (await stage.sleep((text.length % 5) * wait), `re ${text}`), { concurrency: 3 }),
          ),
        ),
      );
      await Promise.all(
        CLIENTS.map((host) => {
          const random = stage.fork();
          return asks(stage, host, (connection) => {
            const service = rpc(framed(connection, textWire), { maxInFlight: random.integer(1, 4), maxWaiting: 100 });
            return textsOf(random, host).map((text) => ask(stage, text, [`re ${text}`], service.request(text)));
          });
        }),
      );
      await server.shutDown();
    },
  },
  {
    name: 'rpc: given up, late, too many, answers in any order',
    hosts: CLIENTS,
    async run(stage) {
      const wait = stage.random.integer(0, 100);
      const server = await stage.serves('server', (listen) =>
        serveFramed(listen, wire, (channel) =>
          channel.incoming.pipe(
            answerWith(
              async ({ text }: Message) => (await stage.sleep((text.length % 7) * wait), { id: 0, text: `re ${text}` }),
              {
                idOf: ({ id }) => id,
                assign: (answer: Message, id) => ({ ...answer, id }),
                cancelOf: ({ kind, id }) => (kind === 'cancel' ? id : undefined),
                concurrency: 4,
              },
            ),
          ),
        ),
      );
      await Promise.all(
        CLIENTS.map((host) => {
          const random = stage.fork();
          return asks(stage, host, (connection) => {
            const maxInFlight = random.integer(1, 5);
            const maxWaiting = random.integer(0, 6);
            const service = rpc(framed(connection, wire), {
              assign: (text: string, id): Message => ({ id, text }),
              idOf: ({ id }) => id,
              cancel: (id): Message => ({ id, text: '', kind: 'cancel' }),
              maxInFlight,
              maxWaiting,
              largestId: 50,
              unmatched: () => {},
            });
            return textsOf(random, host).map((text) => {
              const limits = random.integer(0, 2) === 0 ? { deadline: random.integer(1, 2_000) } : {};
              const answers = service.request(text, limits).pipe(
                tap(({ text: answer }) => {
                  stage.seen.require(answer === `re ${text}`, `${text} was answered ${answer}`);
                }),
                mergeMap(({ text: answer }) => [answer]),
              );
              const settled = ask(stage, text, [`re ${text}`], answers, patienceOf(stage, random));
              stage.seen.atMost('requests under way', service.inFlight, maxInFlight);
              stage.seen.atMost('requests that wait', service.waiting, maxWaiting);
              return settled;
            });
          });
        }),
      );
      await server.shutDown();
    },
  },
  {
    name: 'rpc: streams of answers, with consumers that are slow',
    hosts: CLIENTS,
    async run(stage) {
      const wait = stage.random.integer(0, 30);
      const count = stage.random.integer(1, 12);
      const answersTo = (text: string): string[] => Array.from({ length: count }, (_, index) => `${text} ${index}`);
      const server = await stage.serves('server', (listen) =>
        serveFramed({ ...listen, highWaterMark: 300 }, wire, (channel) =>
          channel.incoming.pipe(
            answerWith(
              async function* ({ text }: Message) {
                for (const answer of answersTo(text)) {
                  await stage.sleep(wait);
                  yield { id: 0, text: answer };
                }
              },
              {
                idOf: ({ id }) => id,
                assign: (answer: Message, id): Message => ({ ...answer, id }),
                end: (id): Message => ({ id, text: '', kind: 'end' }),
                cancelOf: ({ kind, id }) => (kind === 'cancel' ? id : undefined),
                concurrency: 4,
              },
            ),
          ),
        ),
      );
      await Promise.all(
        CLIENTS.map((host) => {
          const random = stage.fork();
          return asks(stage, host, (connection) => {
            const service = rpc(framed(connection, wire), {
              assign: (text: string, id): Message => ({ id, text }),
              idOf: ({ id }) => id,
              part: ({ kind }) => (kind === 'end' ? 'end' : 'more'),
              cancel: (id): Message => ({ id, text: '', kind: 'cancel' }),
              maxInFlight: random.integer(1, 4),
              maxKept: random.integer(1, 6),
              whenBehind: random.integer(0, 1) === 0 ? 'hold' : 'fail',
              unmatched: () => {},
            });
            return textsOf(random, host)
              .slice(0, 5)
              .map((text) => {
                const slow = random.integer(0, 60);
                const answers = service
                  .request(text)
                  .pipe(mapAsync(async (message) => (await stage.sleep(slow), message.text)));
                return ask(stage, text, answersTo(text), answers, patienceOf(stage, random));
              });
          });
        }),
      );
      await server.shutDown();
    },
  },
  {
    name: 'rpc: released, and the connection used on',
    hosts: CLIENTS,
    async run(stage) {
      const server = await stage.serves('server', (listen) =>
        serveFramed(listen, textWire, (channel) => channel.incoming),
      );
      await Promise.all(
        CLIENTS.map((host) => {
          const random = stage.fork();
          return asks(stage, host, (connection) => {
            const channel = framed(connection, textWire);
            const texts = textsOf(random, host);
            const first = rpc(channel, { maxInFlight: 2 });
            const asked = texts.map((text) => ask(stage, `1 ${text}`, [text], first.request(text)));
            const later = async (): Promise<void> => {
              await stage.sleep(random.integer(0, 400));
              // Answers to what was under way still come: in this protocol nobody could tell whose they are.
              const wasIdle = first.inFlight === 0 && first.waiting === 0;
              first.release();
              if (!wasIdle) return;
              const second = rpc(channel);
              await Promise.all(texts.map((text) => ask(stage, `2 ${text}`, [text], second.request(text))));
            };
            return [...asked, later()];
          });
        }),
      );
      await server.shutDown();
    },
  },
];
