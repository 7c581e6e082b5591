// Asks the functional key-value server: `npm start -- functional-key-value-client set greeting hello --to 127.0.0.1:8124`.
import { pipe } from 'fp-ts/lib/function.js';
import { type Connection, ConnectionClosed } from 'rxjs-net';
import {
  allOf,
  apS,
  decodeInput,
  Do,
  EndpointFromString,
  exponentialBackoff,
  flatMap,
  fromEither,
  fromIO,
  fromOption,
  fullJitter,
  limitTo,
  matchTags,
  readFrame,
  retrying,
  timeout,
  toExit,
  withConnection,
  writeFrame,
} from 'rxjs-net/effects';

import { replies, Request, requests } from './functional-key-value/protocol.ts';
import { giveUp, readCount, readOptions, stopped } from './program.ts';

const USAGE = 'functional-key-value-client get|set|delete <key> [<value>] [--to tcp://127.0.0.1:8124] [--retries 3]';
const { options, rest } = readOptions(USAGE, { to: 'tcp://127.0.0.1:8124', retries: '3' });
const [op, key, value] = rest;

/** A question and its answer. */
const ask = (request: Request) => (connection: Connection) =>
  pipe(
    connection,
    writeFrame(requests, request),
    flatMap(() => pipe(connection, readFrame(replies))),
    flatMap(
      fromOption(() => new ConnectionClosed({ message: 'the server ended the connection instead of answering' })),
    ),
  );

/** Only what can be asked twice without harm is: setting a key is, and so is the rest. */
const policy = fullJitter(
  allOf(exponentialBackoff({ initial: 50, max: 2_000 }), limitTo(readCount('retries', options.retries) + 1)),
);

const failed = ({ message }: { readonly message: string }): void => void giveUp(1, message);
const refused = ({ message }: { readonly message: string }): void =>
  void giveUp(2, `${message}\nUsage: npm start -- ${USAGE}`);

const program = pipe(
  Do,
  apS('endpoint', fromEither(decodeInput(EndpointFromString)(options.to))),
  apS('request', fromEither(decodeInput(Request)({ op, key, value }))),
  flatMap(({ endpoint, request }) =>
    pipe(
      withConnection({ ...endpoint, connectTimeout: 2_000, closeTimeout: 1_000 })(ask(request)),
      timeout(5_000),
      retrying(policy, {
        onRetry: ({ delay }) => fromIO(() => console.error(`no answer, asking again in ${Math.round(delay)} ms`)),
      }),
    ),
  ),
  // Everything that can go wrong between here and the answer. Leave one out, and it does not compile.
  matchTags(
    {
      InvalidInput: refused,
      InvalidOptions: refused,
      AddressInUse: failed,
      AddressNotAvailable: failed,
      AlreadySubscribed: failed,
      BrokenPipe: failed,
      BufferOverflow: failed,
      ConnectTimeout: failed,
      ConnectionAborted: failed,
      ConnectionClosed: failed,
      ConnectionRefused: failed,
      ConnectionReset: failed,
      ConnectionTimedOut: failed,
      DecodeFailed: failed,
      FrameTooLarge: failed,
      FrameTruncated: failed,
      HostNotFound: failed,
      HostUnreachable: failed,
      NetworkUnreachable: failed,
      PathNotFound: failed,
      PermissionDenied: failed,
      SystemFailure: failed,
      TooManyFiles: failed,
      WriteTimeout: failed,
      DeadlineExceeded: ({ limit }) => void giveUp(1, `no answer within ${limit} ms`),
    },
    (reply) => {
      if ('error' in reply) giveUp(1, `the server refused: ${reply.error}`);
      else console.log(reply.value ?? '(nothing)');
    },
  ),
);

const exit = await toExit(program, { signal: stopped });
if (exit._tag === 'Interrupted') giveUp(1, 'given up');
if (exit._tag === 'Defect') throw exit;
