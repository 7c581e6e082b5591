// A key-value server as a value, for those who write fp-ts: `npm start -- functional-key-value`, then
// `npm start -- functional-key-value-client set greeting hello`. Every failure is in the type, until it is handled.
import { pipe } from 'fp-ts/lib/function.js';
import { type Connection, type DecodeFailed, formatAddress, type WriteFailure } from 'rxjs-net';
import {
  catchTag,
  catchTags,
  decodeInput,
  flatMap,
  forEachFrame,
  fromEither,
  fromIO,
  left,
  matchTags,
  type Net,
  of,
  ServeOptionsCodec,
  serveWith,
  toPromise,
  writeFrame,
} from 'rxjs-net/effects';

import { replies, type Reply, type Request, requests } from './functional-key-value/protocol.ts';
import { giveUp, readCount, readOptions, stopped } from './program.ts';

const say = (text: string): Net<never, void> => fromIO(() => console.log(text));

/** There is no room for another key. A failure of our own: it has a tag, so it is in the type. */
interface StoreFull {
  readonly _tag: 'StoreFull';
  readonly limit: number;
}

type Store = (request: Request) => Net<StoreFull, Reply>;

/** A map with a bound, and effects on it. */
const makeStore = (limit: number): Store => {
  const values = new Map<string, string>();
  return (request) =>
    pipe(
      fromIO(() => values.get(request.key) ?? null),
      flatMap((value): Net<StoreFull, Reply> => {
        if (request.op === 'set' && value === null && values.size >= limit) return left({ _tag: 'StoreFull', limit });
        return fromIO(() => {
          if (request.op === 'set') values.set(request.key, request.value);
          if (request.op === 'delete') values.delete(request.key);
          return { value };
        });
      }),
    );
};

const refusal = (error: string): Reply => ({ error });

const tell = (connection: Connection, reply: Reply): Net<WriteFailure | DecodeFailed, void> =>
  pipe(connection, writeFrame(replies, reply));

const serveClient = (store: Store) => (connection: Connection) =>
  pipe(
    connection,
    forEachFrame(requests, (request) =>
      pipe(
        store(request),
        catchTag('StoreFull', ({ limit }: StoreFull) => of(refusal(`there are ${limit} keys already`))),
        flatMap((reply) => tell(connection, reply)),
      ),
    ),
    // A last word for who doesn't speak the protocol. The connection is ended then.
    catchTags({
      DecodeFailed: ({ message }) => tell(connection, refusal(message)),
      FrameTooLarge: ({ limit }) => tell(connection, refusal(`at most ${limit} bytes a request`)),
      FrameTruncated: () => of(undefined),
    }),
  );

const { options } = readOptions('functional-key-value [--port 8124] [--host 127.0.0.1] [--max-keys 10000]', {
  port: '8124',
  host: '127.0.0.1',
  'max-keys': '10000',
});
const { 'max-keys': maxKeys, ...place } = options;

const failed = ({ message }: Error): void => void giveUp(1, message);
const refused = ({ message }: Error): void => void giveUp(2, message);

const program = pipe(
  fromEither(
    decodeInput(ServeOptionsCodec)({ ...place, maxConnections: 1_000, writeTimeout: 60_000, drainTimeout: 1_000 }),
  ),
  flatMap((checked) =>
    serveWith(
      { ...checked, shutdown: stopped },
      serveClient(makeStore(readCount('max-keys', maxKeys))),
      // What is left now is that the connection went: nobody is there to be told.
      ({ message }) => say(`a connection failed: ${message}`),
    )((server) =>
      pipe(
        say(`listening on ${formatAddress(server.address)}`),
        flatMap(() => server.stopped),
      ),
    ),
  ),
  // Leave one out, and it does not compile.
  matchTags(
    {
      AddressInUse: failed,
      AddressNotAvailable: failed,
      HostNotFound: failed,
      InvalidInput: refused,
      InvalidOptions: refused,
      PathNotFound: failed,
      PermissionDenied: failed,
      SystemFailure: failed,
      TooManyFiles: failed,
    },
    ({ finished, cut }) => console.log(`stopped: ${finished} finished, ${cut.length} cut`),
  ),
);

await toPromise(program);
