import {
  connect,
  type Connection,
  type ConnectOptions,
  type Flow,
  lines,
  sendTo,
  serve,
} from '../../../../src/index.ts';
import { concat, defer, EMPTY, from, map, merge, mergeMap, type ObservableInput, tap } from '../../../../src/rx.ts';
import type { Random } from '../../../../src/testing/random.ts';
import type { End, StreamRecord } from './observations.ts';
import type { Handler, ListenPlace, Stage } from './stage.ts';

/** Says back what it hears: bytes as they come, or lines. */
export const echo: Handler = (connection) => connection.incoming;
export const echoLines = (connection: Connection): Flow<string, unknown> =>
  connection.incoming.pipe(
    lines(),
    map((line) => `${line}\n`),
  );

/** Servers of them. */
export const echoes = (listen: ListenPlace) => serve(listen, echo);
export const echoesLines = (listen: ListenPlace) => serve(listen, echoLines);

/**
 * Connects to a server, and runs what `use` does with the connection to its end, or until it is given up. `over` is what goes over
 * the connection.
 */
export function dials(
  stage: Stage,
  name: string,
  target: ConnectOptions,
  use: (connection: Connection) => ObservableInput<unknown>,
  {
    over = [],
    giveUp,
  }: { readonly over?: readonly StreamRecord[]; readonly giveUp?: PromiseLike<unknown> | undefined } = {},
): Promise<End> {
  return stage.runs(
    name,
    connect(target).pipe(
      mergeMap((connection) => {
        const key = stage.watch(connection, 'client');
        for (const stream of over) stream.over.push(key);
        return use(connection);
      }),
    ),
    giveUp,
  );
}

/** Ends the write side behind what is sent. */
export function endsBehind(sent: Flow<never, unknown>, writer: { end(): unknown }): Flow<never, unknown> {
  return concat(
    sent,
    defer(() => {
      writer.end();
      return EMPTY;
    }),
  );
}

/** Some lines, each of them another one. */
export function linesOf(random: Random, name: string, most = 10): readonly string[] {
  const padding = 'x'.repeat(random.integer(0, 40));
  return Array.from({ length: random.integer(1, most) }, (_, index) => `${name} ${index} ${padding}`);
}

/** Pieces of text that are no lines, some of them with characters of several bytes. */
export function piecesOf(random: Random, most = 8): readonly string[] {
  return Array.from({ length: random.integer(1, most) }, () =>
    'aé€😀'.slice(0, random.integer(1, 3)).repeat(random.integer(1, 50)),
  );
}

/** Sends lines on a connection as they are given, and notes each; ends the write side behind them. */
export function saying(
  connection: Connection,
  said: Flow<string, unknown>,
  stream: StreamRecord,
  { ends = true }: { readonly ends?: boolean } = {},
): Flow<never, unknown> {
  const sending = said.pipe(
    tap((line) => void stream.sent.push(line.replace('\n', ''))),
    sendTo(connection),
    tap({
      complete: () => (stream.sender = 'complete'),
      error: (error: { _tag: string }) => (stream.sender = error._tag),
    }),
  );
  return ends ? endsBehind(sending, connection) : sending;
}

/** Reads lines, and notes them; one that the connection's end has cut is none. */
export function hearing(connection: Connection, stream: StreamRecord): Flow<string, unknown> {
  return connection.incoming.pipe(
    lines({ requireTerminator: true }),
    tap({
      next: (line) => void stream.received.push(line),
      complete: () => (stream.receiver = 'complete'),
      error: (error: { _tag: string }) => (stream.receiver = error._tag),
    }),
  );
}

/** Lines with a pause before each. */
export function slowly(stage: Stage, all: readonly string[], pause: number): Flow<string, unknown> {
  return from(
    (async function* () {
      for (const line of all) {
        if (pause > 0) await stage.sleep(pause);
        yield `${line}\n`;
      }
    })(),
  );
}

/**
 * A client that says its lines, hears what is said to it, and ends its side when it has said all. `answers` is what a server
 * says to it if nothing goes wrong.
 */
export async function converses(
  stage: Stage,
  host: string,
  {
    random = stage.fork(),
    server = 'server',
    said = linesOf(random, host),
    answers = said,
    giveUp,
  }: {
    readonly random?: Random;
    readonly server?: string;
    readonly said?: readonly string[];
    readonly answers?: readonly string[];
    readonly giveUp?: PromiseLike<unknown>;
  } = {},
): Promise<string> {
  const out = stage.seen.stream(`${host} to ${server}`);
  const back = stage.seen.stream(`${server} to ${host}`);
  back.sent.push(...answers);
  const pause = random.integer(0, 3) * random.integer(0, 20);
  await stage.sleep(random.integer(0, 200));
  let stood = false;
  const end = await dials(
    stage,
    stage.name(`a talk of ${host}`),
    stage.target(host, server),
    (connection) => {
      stood = true;
      return merge(hearing(connection, back), saying(connection, slowly(stage, said, pause), out));
    },
    { over: [back], giveUp },
  );
  stage.seen.require(!(stood && end === 'ConnectTimeout'), `${host} was connected, and told that it was not`);
  // What the server took of it is in its answers.
  out.received.push(...back.received.map((_, index) => said[index] ?? ''));
  if (back.received.length < answers.length && out.sender === 'complete') back.sender = undefined;
  else back.sender = out.sender;
  return end;
}
