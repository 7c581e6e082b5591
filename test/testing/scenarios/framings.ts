import { EMPTY, type MonoTypeOperatorFunction, take, takeWhile, tap } from 'rxjs';

import {
  choose,
  cobs,
  DecodeFailed,
  defineFraming,
  delimited,
  fixedLength,
  framed,
  type Framing,
  incomplete,
  jsonLines,
  lengthPrefixed,
  lines,
  mapAsync,
  mapFraming,
  netstring,
  serve,
  serveFramed,
} from '../../../src/index.ts';
import { concat, defer, from, merge, mergeMap } from '../../../src/rx.ts';
import type { Random } from '../../../src/testing/random.ts';
import type { Scenario } from './support/run.ts';
import type { ListenPlace, Stage } from './support/stage.ts';
import { dials, endsBehind } from './support/traffic.ts';

const CLIENTS = ['client-0', 'client-1'] as const;

type Text = Framing<string, string, unknown>;

const text = (framing: Framing<Buffer, string | Uint8Array, unknown>): Text =>
  mapFraming(
    framing,
    (bytes) => bytes.toString(),
    (message: string) => message,
  );

/** All messages have this length, for framings that want it. */
const LENGTH = 40;

/** A byte for the length, text, and a mark: nothing that the library has. */
const ownFraming = (): Text =>
  defineFraming<string, string>({
    maxLength: 257,
    decoder: () => ({
      decode: (window) => {
        const length = window.at(0) ?? 0;
        if (window.length < length + 2) return incomplete;
        window.skip(1);
        const message = window.take(length).toString();
        window.skip(1);
        return message;
      },
    }),
    encode: (message) => Buffer.concat([Buffer.of(message.length), Buffer.from(message), Buffer.from('!')]),
  });

const framings: Readonly<Record<string, () => Text>> = {
  lines: () => lines({ requireTerminator: true }),
  'lines with CR LF': () => lines({ requireTerminator: true, terminator: '\r\n' }),
  'delimited by several bytes': () => text(delimited('aba;')),
  'one byte': () => text(lengthPrefixed({ bytes: 1 })),
  'two bytes, the lowest first': () => text(lengthPrefixed({ bytes: 2, endianness: 'little' })),
  'four bytes that count themselves': () => text(lengthPrefixed({ bytes: 4, lengthIncludesItself: true })),
  varint: () => text(lengthPrefixed({ bytes: 'varint' })),
  'a type in front': () =>
    mapFraming(
      lengthPrefixed({ bytes: 4, offset: 1 }),
      ({ body }) => body.toString(),
      (body: string) => ({ head: 'Q', body }),
    ),
  'fixed length': () => text(fixedLength(LENGTH)),
  netstring: () => text(netstring()),
  cobs: () => text(cobs()),
  'JSON lines': () =>
    mapFraming(
      jsonLines(),
      (value) => String(value),
      (message: string) => message,
    ),
  choose: () =>
    mapFraming(
      choose({
        a: { tag: 1, framing: text(netstring()) },
        b: { tag: 2, framing: text(lengthPrefixed({ bytes: 'varint' })) },
      }),
      ({ message }) => message,
      (message: string) => ({ type: message.length % 2 === 0 ? ('a' as const) : ('b' as const), message }),
    ),
  'one of our own': ownFraming,
};

const messagesOf = (random: Random): readonly string[] =>
  Array.from({ length: random.integer(1, 10) }, (_, index) => `message ${index} `.padEnd(LENGTH, 'ab;'));

interface Talk {
  readonly host: string;
  readonly framing: Framing<string>;
  readonly pause?: number;
  /** What the framing is called; said in a line of its own, before anything else. */
  readonly announced?: string;
}

/** Says messages in a framing to a server that says them back. */
async function talks(stage: Stage, { host, framing, pause = 0, announced }: Talk): Promise<void> {
  const random = stage.fork();
  const who = announced === undefined ? host : `${host} in ${announced}`;
  const stream = stage.seen.stream(`${who} and back`);
  const messages = messagesOf(random);
  const end = await dials(
    stage,
    `the talk of ${who}`,
    { ...stage.target(host), highWaterMark: 200 },
    (connection) => {
      const channel = framed(connection, framing);
      return merge(
        channel.incoming.pipe(
          tap((message) => void stream.received.push(message)),
          mapAsync(() => stage.sleep(pause)),
        ),
        endsBehind(
          concat(
            connection.send(announced === undefined ? [] : [`${announced}\n`]),
            channel.send(
              from(messages).pipe(
                mapAsync(async (message) => {
                  if (pause > 0) await stage.sleep(pause);
                  stream.sent.push(message);
                  return message;
                }),
              ),
            ),
          ),
          channel,
        ),
      );
    },
    { over: [stream] },
  );
  stream.endedAs(end);
}

const overEach: Scenario = {
  name: 'framing: each of them, on a connection of its own',
  hosts: ['client-0'],
  isSteady: true,
  async run(stage) {
    const echoing = (listen: ListenPlace) =>
      serve(listen, (connection) => {
        let framing: Framing<string> | undefined;
        return concat(
          connection.incoming.pipe(
            lines({ requireTerminator: true }),
            take(1),
            mergeMap((name) => {
              framing = framings[name]?.() as Framing<string>;
              return EMPTY;
            }),
          ),
          defer(() => {
            if (framing === undefined) return EMPTY;
            const channel = framed(connection, framing);
            return channel.send(channel.incoming);
          }),
        );
      });
    await stage.meets(echoing, Object.keys(framings), (announced) => {
      const pause = stage.random.integer(0, 1) * stage.random.integer(0, 20);
      return talks(stage, { host: 'client-0', framing: framings[announced]?.() as Framing<string>, pause, announced });
    });
  },
};

const sumOf = (message: string): string => {
  let sum = 7;
  for (const byte of Buffer.from(message)) sum = (sum * 31 + byte) % 65_521;
  return String(sum);
};

/** Messages with a sum of them: what was changed on the way is a failure, and never a message. */
const summed = (framing: Framing<Buffer, string | Uint8Array, unknown>): Framing<string> =>
  mapFraming(
    framing,
    (bytes) => {
      const [sum, ...rest] = bytes.toString().split(' ');
      const message = rest.join(' ');
      return sum === sumOf(message) ? message : new DecodeFailed({ reason: 'its sum is wrong' });
    },
    (message: string) => `${sumOf(message)} ${message}`,
  ) as Framing<string>;

export const framingScenarios: readonly Scenario[] = [
  overEach,
  {
    name: 'framing: bytes that are changed on the way, with a checksum',
    hosts: CLIENTS,
    isChecksummed: true,
    async run(stage) {
      const wires = [cobs(), netstring(), lengthPrefixed({ bytes: 'varint' }), lengthPrefixed({ bytes: 2 })] as const;
      const framing = summed(wires[stage.random.integer(0, wires.length - 1)] ?? cobs());
      await stage.meets(
        (listen) => serveFramed(listen, framing, (channel) => channel.incoming),
        CLIENTS,
        (host) => talks(stage, { host, framing }),
      );
    },
  },
  {
    name: 'framing: another one in the middle of a connection',
    hosts: CLIENTS,
    isSteady: true,
    async run(stage) {
      const names = Object.keys(framings).filter((name) => name !== 'fixed length');
      const random = stage.fork();
      const pick = (): Framing<string> =>
        framings[names[random.integer(0, names.length - 1)] ?? '']?.() as Framing<string>;
      const first = pick();
      const second = pick();
      const upgrading = (listen: ListenPlace) =>
        serveFramed(listen, first, (channel) =>
          concat(
            channel.incoming.pipe(takeUntilMessage('upgrade')),
            // What follows is in the other framing, both ways.
            defer(() => {
              const upgraded = framed(channel.connection, second);
              return upgraded.send(upgraded.incoming);
            }),
          ),
        );
      await stage.meets(upgrading, CLIENTS, async (host) => {
        const stream = stage.seen.stream(`${host} and back`);
        const before = [...messagesOf(stage.fork()), 'upgrade'];
        const after = messagesOf(stage.fork());
        stream.sent.push(...before, ...after);
        const end = await dials(
          stage,
          `the talk of ${host}`,
          stage.target(host),
          (connection) => {
            const one = framed(connection, first);
            const other = framed(connection, second);
            return merge(
              concat(one.incoming.pipe(takeUntilMessage('upgrade')), other.incoming).pipe(
                tap((message) => void stream.received.push(message)),
              ),
              // All at once: nobody waits for the answer to an upgrade.
              endsBehind(concat(one.send(before), other.send(after)), connection),
            );
          },
          { over: [stream] },
        );
        stream.endedAs(end);
      });
    },
  },
];

/** All up to a message, and that. */
const takeUntilMessage = (last: string): MonoTypeOperatorFunction<string> =>
  takeWhile((message: string) => message !== last, true);
