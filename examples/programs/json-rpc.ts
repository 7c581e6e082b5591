// A JSON-RPC service: `npm start -- json-rpc`, then
// `echo '{"jsonrpc":"2.0","id":1,"method":"divide","params":{"dividend":1,"divisor":8}}' | nc localhost 8124`.
import { of } from 'rxjs-net/rx';
import { answerWith, catchFailures, jsonLines, serveFramed, typed } from 'rxjs-net';
import * as t from 'io-ts';

import { INVALID_REQUEST, PARSE_ERROR, type Response } from './json-rpc/protocol.ts';
import { answer, idOf, Unreadable } from './json-rpc/service.ts';
import { readOptions, runServer, stopped } from './program.ts';

const { options } = readOptions('json-rpc [--port 8124] [--host 127.0.0.1]', { port: '8124', host: '127.0.0.1' });
const limits = { maxConnections: 1_000, firstByteTimeout: 60_000, writeTimeout: 60_000, drainTimeout: 2_000 };
const messages = typed(jsonLines({ maxLength: 65_536 }), t.unknown);

await runServer(
  serveFramed({ port: Number(options.port), host: options.host, ...limits, shutdown: stopped }, messages, (channel) =>
    channel.incoming.pipe(
      // Before the requests are worked on: what is in work when the stream breaks is answered first.
      catchFailures({
        DecodeFailed: ({ message }) => of(new Unreadable(PARSE_ERROR, message)),
        FrameTooLarge: ({ limit }) => of(new Unreadable(INVALID_REQUEST, `at most ${limit} bytes a message`)),
        FrameTruncated: ({ message }) => of(new Unreadable(PARSE_ERROR, message)),
      }),
      // Answers leave as they come; while 16 requests are in work, no more are read.
      answerWith(answer, { idOf, assign: (response: Response) => response, concurrency: 16 }),
    ),
  ),
);
