// Asks a JSON-RPC service many things at once over a few connections, each of which is checked before it is used again:
// `npm start -- pool-client --to 127.0.0.1:8124 --requests 1000`. Restart the service meanwhile: what failed is asked again.
import {
  type Connection,
  ConnectionClosed,
  DecodeFailed,
  deadline,
  type Flow,
  framed,
  jsonLines,
  type NetFailure,
  pool,
  typed,
} from 'rxjs-net';
import {
  concatMap,
  from,
  merge,
  mergeMap,
  range,
  retry,
  take,
  tap,
  throwError,
  throwIfEmpty,
  timer,
} from 'rxjs-net/rx';

import { Message, type Method } from './json-rpc/protocol.ts';
import { giveUp, readOptions, run } from './program.ts';

const messages = typed(jsonLines(), Message);

/** One question and its answer; whoever is in the middle of it when the connection breaks has failed. */
const ask = (connection: Connection, method: Method, params: object): Flow<unknown, NetFailure> => {
  const channel = framed(connection, messages);
  return merge(
    channel.send([{ jsonrpc: '2.0', id: 1, method, params }]),
    // Within the use of the connection: only with the answer in hand it is free for the next one.
    channel.incoming.pipe(
      take(1),
      // A service that ends instead of answering has answered nothing: that is a failure, and worth another try.
      throwIfEmpty(() => new ConnectionClosed({ message: 'the service ended the connection instead of answering' })),
    ),
  ).pipe(
    concatMap((message) =>
      'result' in message
        ? from([message.result])
        : throwError(() => new DecodeFailed({ reason: 'the service did not answer as it should' })),
    ),
    deadline(5_000),
  );
};

const { options } = readOptions(
  'pool-client [--to 127.0.0.1:8124] [--requests 1000] [--size 4] [--concurrency 50] [--retries 20]',
  { to: '127.0.0.1:8124', requests: '1000', size: '4', concurrency: '50', retries: '20' },
);
const [, host = '', port = ''] = /^\[?(.+?)\]?:(\d+)$/.exec(options.to) ?? [];
const [requests = 0, size, concurrency = 1, retries = 0] = [
  options.requests,
  options.size,
  options.concurrency,
  options.retries,
].map(Number);

if (host === '' || !(requests > 0)) {
  giveUp(2, '--to must be host:port, and --requests a number');
} else {
  const connections = pool(
    { host, port: Number(port), connectTimeout: 2_000 },
    {
      ...(size !== undefined && { size }),
      maxWaiting: concurrency,
      idle: 10_000,
      maxLifetime: 60_000,
      check: (connection) => ask(connection, 'reverse', { text: 'ping' }),
    },
  );
  const events = connections.events.subscribe((event) => {
    if (event.type === 'opened') console.log('a connection was made');
    if (event.type === 'closed' && event.reason !== 'closed') console.log(`a connection left: ${event.reason}`);
    if (event.type === 'dialFailed') console.log(`no connection: ${String(event.failure)}`);
  });
  let done = 0;
  let again = 0;
  const started = performance.now();
  await run(
    from(range(requests)).pipe(
      mergeMap(
        (number) =>
          connections
            .use((connection) => ask(connection, 'divide', { dividend: number, divisor: 8 }))
            .pipe(
              retry({
                count: retries,
                delay: (_failure, attempt) => (again++, timer(Math.min(2_000, 20 * 2 ** attempt))),
              }),
              tap((answer) => {
                if (answer !== number / 8) throw new Error(`asked for ${number} / 8, got ${String(answer)}`);
                done++;
              }),
            ),
        { concurrency },
      ),
    ),
  );
  const { idle } = connections.stats;
  const report = await connections.close();
  events.unsubscribe();
  console.log(
    `${done} of ${requests} answered by ${idle} connections, ${again} asked again, in ${Math.round(performance.now() - started)} ms`,
  );
  console.log(`closed: ${report.finished} in use had finished, ${report.cut} were cut`);
}
