// A key-value server that speaks the protocol of Redis: `npm start -- key-value`, then `redis-cli -p 8124`.
import { map, of, takeWhile } from 'rxjs';
import { catchFailure, catchFailures, serveFramed } from 'rxjs-net';

import { type Command, resp, type Reply } from './key-value/resp.ts';
import { makeStore } from './key-value/store.ts';
import { readOptions, runServer, stopped } from './program.ts';

const isQuit = ([name]: Command): boolean => name?.toString().toUpperCase() === 'QUIT';

const { options } = readOptions('key-value [--port 8124] [--host 127.0.0.1] [--max-memory <bytes>]', {
  port: '8124',
  host: '127.0.0.1',
  'max-memory': '67108864',
});
const run = makeStore(Number(options['max-memory']));
const limits = { maxConnections: 10_000, writeTimeout: 60_000, drainTimeout: 1_000 };

await runServer(
  serveFramed({ port: Number(options.port), host: options.host, ...limits, shutdown: stopped }, resp, (channel) =>
    channel.incoming.pipe(
      takeWhile((command) => !isQuit(command), true),
      map(run),
      // A last word for who doesn't speak the protocol.
      catchFailures({
        DecodeFailed: ({ message }) => of<Reply>({ error: `ERR Protocol error: ${message}` }),
        FrameTooLarge: ({ limit }) => of<Reply>({ error: `ERR Protocol error: more than ${limit} bytes` }),
      }),
      catchFailure('FrameTruncated', () => []),
    ),
  ),
);
