import {
  type Chunk,
  connect,
  type Connection,
  type ConnectOptions,
  endpointOf,
  type Flow,
  lines,
  type NetFailure,
  serve,
} from 'rxjs-net';
import { concatMap, EMPTY, from, map, merge, mergeMap, NEVER, Subject, takeUntil, tap, timer } from 'rxjs-net/rx';

import { describeEvent } from '../describe-event.ts';
import type { Part } from './part.ts';
import { say } from './say.ts';

function* withoutEnd(): Generator<Chunk> {
  const chunk = new Uint8Array(64 * 1024);
  for (;;) yield chunk;
}

/** Answers a line after 300 ms, and "everything" with a stream that has no end. */
const work = (connection: Connection): Flow<Chunk, NetFailure> =>
  connection.incoming.pipe(
    lines(),
    concatMap((line): Flow<Chunk> =>
      line === 'everything' ? from(withoutEnd()) : timer(300).pipe(map(() => `${line}: done\n`)),
    ),
  );

const stopped = new Subject<void>();

const clients = (options: ConnectOptions): Flow<unknown, NetFailure> => {
  const client = (name: string, text: string): Flow<unknown, NetFailure> =>
    connect(options).pipe(
      tap((connection) => connection.write(text)),
      mergeMap((connection) => (name === 'greedy' ? NEVER : connection.incoming.pipe(lines()))),
      tap({
        next: (line) => say(name, `received "${line}"`),
        complete: () => say(name, 'the server ended the connection'),
      }),
    );
  return merge(
    client('idle', ''),
    client('busy', 'my work\n'),
    client('greedy', 'everything\n').pipe(takeUntil(stopped)),
  );
};

export const gracefulShutdown: Part = {
  title: 'A graceful shutdown, with its report',
  about:
    'Three clients: one idle, one waiting for an answer, one asked for everything and reads nothing. Then: shutdown.',
  run: serve({ host: '127.0.0.1', port: 0, shutdown: timer(150), drainTimeout: 500 }, work).pipe(
    tap((event) => {
      if (event.type !== 'opened') say('server', describeEvent(event));
      if (event.type === 'stopped') stopped.next();
    }),
    mergeMap((event) => (event.type === 'listening' ? clients(endpointOf(event.address)) : EMPTY)),
  ),
};
