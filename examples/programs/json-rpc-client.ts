// Asks a JSON-RPC service: `npm start -- json-rpc-client divide '{"dividend":1,"divisor":8}' --to 127.0.0.1:8124`.
import { isLeft } from 'fp-ts/lib/Either.js';
import { PathReporter } from 'io-ts/lib/PathReporter.js';
import {
  catchFailure,
  connect,
  type Connection,
  DecodeFailed,
  type Flow,
  framed,
  jsonLines,
  type NetFailure,
  rpc,
  type Rpc,
  typed,
} from 'rxjs-net';
import { finalize, mergeMap, of, tap, throwError } from 'rxjs-net/rx';

import { isMethod, Message, type Method, methods, type MethodType } from './json-rpc/protocol.ts';
import { giveUp, readOptions, run } from './program.ts';

interface Question {
  readonly method: Method;
  readonly params: unknown;
}

/** The service has answered, and said no. A failure of our own: it has a tag, so it is in the type. */
class Refused extends Error {
  readonly _tag = 'Refused' as const;
  constructor({ code, message }: { readonly code: number; readonly message: string }) {
    super(`the service refused: ${message} (${code})`);
  }
}

/** What a method answers, with the type that it has. An error of the service is a failure of the flow. */
const ask = <P, R>(
  service: Rpc<Question, Message, NetFailure>,
  method: Method,
  { result }: MethodType<P, R>,
  params: P,
): Flow<R, NetFailure | Refused> =>
  service.request({ method, params }, { deadline: 5_000 }).pipe(
    mergeMap((response): Flow<R, DecodeFailed | Refused> => {
      if ('error' in response) return throwError(() => new Refused(response.error));
      const decoded = result.decode('result' in response ? response.result : undefined);
      return isLeft(decoded)
        ? throwError(() => new DecodeFailed({ reason: PathReporter.report(decoded).join('; ') }))
        : of(decoded.right);
    }),
  );

const serviceOn = (connection: Connection): Rpc<Question, Message, NetFailure> =>
  rpc(framed(connection, typed(jsonLines(), Message)), {
    assign: ({ method, params }: Question, id): Message => ({ jsonrpc: '2.0', id, method, params }),
    idOf: (message) => ('method' in message ? undefined : (message.id ?? undefined)),
  });

const USAGE = `json-rpc-client <method> <params as JSON> [--to 127.0.0.1:8124]
  methods: ${Object.keys(methods).join(', ')}`;
const { options, rest } = readOptions(USAGE, { to: '127.0.0.1:8124' });
const [method = '', text = '{}'] = rest;
const [, host = '', port = ''] = /^\[?(.+?)\]?:(\d+)$/.exec(options.to) ?? [];

const parse = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
};

if (!isMethod(method) || host === '' || parse(text) === undefined) {
  giveUp(2, `Usage: npm start -- ${USAGE}`);
} else {
  const type: MethodType<unknown, unknown> = methods[method];
  const answers = connect({ host, port: Number(port), connectTimeout: 5_000 }).pipe(
    mergeMap((connection) =>
      ask(serviceOn(connection), method, type, parse(text)).pipe(finalize(() => connection.end())),
    ),
    tap((answer) => console.log(JSON.stringify(answer))),
    catchFailure('Refused', (refused) => giveUp(1, refused.message)),
  );
  await run(answers);
}
