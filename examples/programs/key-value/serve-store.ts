// The key-value server, for a program that says where it listens.
import { map, of, takeWhile } from 'rxjs-net/rx';
import {
  catchFailure,
  catchFailures,
  type Flow,
  type ListenFailure,
  serveFramed,
  type ServeEvent,
  type ServeOptions,
} from 'rxjs-net';

import { type Command, resp, type Reply } from './resp.ts';

const isQuit = ([name]: Command): boolean => name?.toString().toUpperCase() === 'QUIT';

/** Serves a store to any number of clients; a client that doesn't speak the protocol ends its own connection alone. */
export const serveStore = (run: (command: Command) => Reply, options: ServeOptions): Flow<ServeEvent, ListenFailure> =>
  serveFramed(options, resp, (channel) =>
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
  );
