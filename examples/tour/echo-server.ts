import { endpointOf, serve } from 'rxjs-net';
import { EMPTY, mergeMap, takeWhile, tap } from 'rxjs-net/rx';

import { describeEvent } from '../describe-event.ts';
import { echo } from '../echo.ts';
import type { Part } from './part.ts';
import { say } from './say.ts';
import { talk } from './talk.ts';

export const echoServer: Part = {
  title: 'The echo server of Node’s documentation, as a pipeline',
  about:
    'serve() calls a handler for each connection and sends what the handler’s flow emits: here "hello", then what comes.',
  run: serve({ host: '127.0.0.1', port: 0 }, echo).pipe(
    tap((event) => say('server', describeEvent(event))),
    // One client is enough here. Unsubscribing stops the server.
    takeWhile((event) => event.type !== 'closed', true),
    mergeMap((event) =>
      event.type === 'listening' ? talk(endpointOf(event.address), 'how are you?\r\n', 'good bye\r\n') : EMPTY,
    ),
    tap((line) => say('client', `received "${line}"`)),
  ),
};
