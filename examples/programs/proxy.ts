// A TCP proxy that can be slow and can break, for trying out what your client does then:
// `npm start -- proxy --to 127.0.0.1:6379 --rate 10000 --reset-after 50000`.
import {
  type Chunk,
  connect,
  type Connection,
  type Flow,
  type NetFailure,
  rateLimit,
  type ReadFailure,
  sendTo,
  serve,
} from 'rxjs-net';
import { concat, concatMap, defer, EMPTY, from, merge, mergeMap, tap } from 'rxjs-net/rx';

import { giveUp, readOptions, runServer, stopped } from './program.ts';

const USAGE = `proxy --to <host:port> [--port 8124] [--host 127.0.0.1]
  --rate <bytes>          so many bytes a second each way (default: no limit)
  --slice <bytes>         pass on pieces of that size (default: as they come)
  --stall-after <bytes>   then nothing passes any more, and nobody is told
  --reset-after <bytes>   then the connection is reset at both ends`;

/** What is done to the bytes of one connection, each way. */
interface Faults {
  readonly rate: number | undefined;
  readonly slice: number | undefined;
  readonly stallAfter: number;
  readonly resetAfter: number;
}

/** Bytes in pieces of a size, as they are pulled: a stalled reader is not sent more of them. */
function* pieces(chunk: Buffer, size: number): Iterable<Buffer> {
  for (let at = 0; at < chunk.length; at += size) yield chunk.subarray(at, at + size);
}

/** One way through the proxy. */
const through = (source: Connection, faults: Faults, reset: () => void): Flow<Chunk, NetFailure> => {
  let passed = 0;
  const incoming: Flow<Buffer, ReadFailure> = source.incoming;
  const sliced: Flow<Buffer, NetFailure> =
    faults.slice === undefined ? incoming : incoming.pipe(concatMap((chunk) => from(pieces(chunk, faults.slice ?? 1))));
  const limited: Flow<Buffer, NetFailure> =
    faults.rate === undefined ? sliced : sliced.pipe(rateLimit({ bytesPerSecond: faults.rate }));
  return limited.pipe(
    tap((chunk) => {
      passed += chunk.length;
      if (passed > faults.resetAfter) reset();
    }),
    // What never completes is never followed by the next chunk, and holds the source: that is a stall.
    concatMap((chunk) => (passed > faults.stallAfter ? new Promise<Buffer>(() => {}) : [chunk])),
  );
};

const proxy =
  (target: { host: string; port: number }, faults: Faults) =>
  (client: Connection): Flow<Chunk, NetFailure> =>
    connect({ ...target, connectTimeout: 10_000 }).pipe(
      mergeMap((upstream) => {
        const reset = (): void => {
          client.reset();
          upstream.reset();
        };
        const up = concat(
          through(client, faults, reset).pipe(sendTo(upstream)),
          // The client's FIN is passed on; the answer may still be coming.
          defer(() => {
            upstream.end();
            return EMPTY;
          }),
        );
        const down = concat(
          through(upstream, faults, reset),
          // So is the server's: the client may still be sending.
          defer(() => {
            client.end();
            return EMPTY;
          }),
        );
        return merge(up, down);
      }),
    );

const { options } = readOptions(USAGE, {
  port: '8124',
  host: '127.0.0.1',
  to: '',
  rate: '',
  slice: '',
  'stall-after': '',
  'reset-after': '',
});

/** A number of bytes, or what stands for none given. */
const bytes = <T>(text: string, none: T): number | T => (text === '' ? none : Number(text));
const [, host, port] = /^\[?(.+?)\]?:(\d+)$/.exec(options.to) ?? [];
const given = [options.rate, options.slice, options['stall-after'], options['reset-after']];

if (host === undefined || given.some((text) => text !== '' && !/^[1-9]\d*$/.test(text))) {
  giveUp(2, `--to must be host:port, and the others numbers of bytes\nUsage: npm start -- ${USAGE}`);
} else {
  const faults: Faults = {
    rate: bytes(options.rate, undefined),
    slice: bytes(options.slice, undefined),
    stallAfter: bytes(options['stall-after'], Infinity),
    resetAfter: bytes(options['reset-after'], Infinity),
  };
  await runServer(
    serve(
      { port: Number(options.port), host: options.host, shutdown: stopped, drainTimeout: 1_000 },
      proxy({ host, port: Number(port) }, faults),
    ),
  );
}
