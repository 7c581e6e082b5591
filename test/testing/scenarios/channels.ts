import { type Observable, tap } from 'rxjs';

import {
  answerWith,
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
import { mergeMap } from '../../../src/rx.ts';
import type { Random } from '../../../src/testing/random.ts';
import { endOf, type StreamRecord } from './support/observations.ts';
import type { Scenario } from './support/run.ts';
import type { ListenPlace, Stage } from './support/stage.ts';
import { dials } from './support/traffic.ts';

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
  dials(stage, `the talk of ${host}`, { ...stage.target(host), highWaterMark: 200 }, (connection) =>
    Promise.all(requests(connection)).then(() => connection.end()),
  );

/** Requests and answers find each other by an id. */
const idOf = ({ id }: Message): number => id;
const requestsById = {
  idOf,
  assign: (text: string, id: number): Message => ({ id, text }),
  cancel: (id: number): Message => ({ id, text: '', kind: 'cancel' }),
  unmatched: () => {},
} as const;
const answersById = {
  idOf,
  assign: (answer: Message, id: number): Message => ({ ...answer, id }),
  cancelOf: ({ kind, id }: Message) => (kind === 'cancel' ? id : undefined),
  concurrency: 4,
} as const;

export const channelScenarios: readonly Scenario[] = [
  {
    name: 'rpc: answers in the order of the requests',
    hosts: CLIENTS,
    isSteady: true,
    async run(stage) {
      const wait = stage.random.integer(0, 20);
      const answering = (listen: ListenPlace) =>
        serveFramed(listen, textWire, (channel) =>
          channel.incoming.pipe(
            answerWith(async (text) => (await stage.sleep((text.length % 5) * wait), `re ${text}`), { concurrency: 3 }),
          ),
        );
      await stage.meets(answering, CLIENTS, (host) => {
        const random = stage.fork();
        return asks(stage, host, (connection) => {
          const service = rpc(framed(connection, textWire), { maxInFlight: random.integer(1, 4), maxWaiting: 100 });
          return textsOf(random, host).map((text) => ask(stage, text, [`re ${text}`], service.request(text)));
        });
      });
    },
  },
  {
    name: 'rpc: given up, late, too many, answers in any order',
    hosts: CLIENTS,
    async run(stage) {
      const wait = stage.random.integer(0, 100);
      const answering = (listen: ListenPlace) =>
        serveFramed(listen, wire, (channel) =>
          channel.incoming.pipe(
            answerWith(
              async ({ text }: Message) => (await stage.sleep((text.length % 7) * wait), { id: 0, text: `re ${text}` }),
              answersById,
            ),
          ),
        );
      await stage.meets(answering, CLIENTS, (host) => {
        const random = stage.fork();
        return asks(stage, host, (connection) => {
          const maxInFlight = random.integer(1, 5);
          const maxWaiting = random.integer(0, 6);
          const service = rpc(framed(connection, wire), {
            ...requestsById,
            maxInFlight,
            maxWaiting,
            largestId: 50,
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
      });
    },
  },
  {
    name: 'rpc: streams of answers, with consumers that are slow',
    hosts: CLIENTS,
    async run(stage) {
      const wait = stage.random.integer(0, 30);
      const count = stage.random.integer(1, 12);
      const answersTo = (text: string): string[] => Array.from({ length: count }, (_, index) => `${text} ${index}`);
      const answering = (listen: ListenPlace) =>
        serveFramed({ ...listen, highWaterMark: 300 }, wire, (channel) =>
          channel.incoming.pipe(
            answerWith(
              async function* ({ text }: Message) {
                for (const answer of answersTo(text)) {
                  await stage.sleep(wait);
                  yield { id: 0, text: answer };
                }
              },
              { ...answersById, end: (id: number): Message => ({ id, text: '', kind: 'end' }) },
            ),
          ),
        );
      await stage.meets(answering, CLIENTS, (host) => {
        const random = stage.fork();
        return asks(stage, host, (connection) => {
          const service = rpc(framed(connection, wire), {
            ...requestsById,
            part: ({ kind }) => (kind === 'end' ? 'end' : 'more'),
            maxInFlight: random.integer(1, 4),
            maxKept: random.integer(1, 6),
            whenBehind: random.integer(0, 1) === 0 ? 'hold' : 'fail',
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
      });
    },
  },
  {
    name: 'rpc: released, and the connection used on',
    hosts: CLIENTS,
    async run(stage) {
      await stage.meets(
        (listen) => serveFramed(listen, textWire, (channel) => channel.incoming),
        CLIENTS,
        (host) => {
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
        },
      );
    },
  },
];
