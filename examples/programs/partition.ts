// A network that isn't there: a client counts visits at the key-value server, the network between them breaks, and heals.
// `npm start -- partition` prints what the client saw, the trace, and the trace as a diagram; `--svg run.svg` draws it.
import { writeFileSync } from 'node:fs';
import process from 'node:process';

import {
  catchFailure,
  connect,
  defineFraming,
  type Flow,
  framed,
  lines,
  type NetFailure,
  orDie,
  rpc,
  runFlow,
} from 'rxjs-net';
import { concatMap, mergeMap, of, take, tap, timer } from 'rxjs-net/rx';
import { simulateNetwork } from 'rxjs-net/testing';

import { serveStore } from './key-value/serve-store.ts';
import { makeStore } from './key-value/store.ts';
import { giveUp, readOptions } from './program.ts';

const { options } = readOptions('partition [--seed 7] [--width 80] [--svg <file>]', {
  seed: '7',
  width: '80',
  svg: '',
});

const VISITS = 3;

/** The client's side of the protocol, as far as it is needed here: commands go out, replies of one line come in. */
const { maxLength, decoder } = lines({ terminator: '\r\n' });
const commands = defineFraming({
  maxLength,
  decoder,
  encode: (words: readonly string[]) =>
    `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`,
});

const story = async (): Promise<void> => {
  const network = simulateNetwork({ seed: Number(options.seed), latency: 20, jitter: 10 });
  const shop = network.host('shop').transport;
  const store = network.host('store').transport;

  const server = serveStore(makeStore(1_000_000), { port: 6379, transport: store }).subscribe();

  // One visit a second, and half a second of patience for each answer.
  const visits: Flow<string, NetFailure> = connect({ host: 'store', port: 6379, family: 4, transport: shop }).pipe(
    mergeMap((connection) => {
      const redis = rpc(framed(connection, commands), { deadline: 500 });
      return timer(1_000, 1_000, network.scheduler).pipe(
        concatMap((visit) =>
          redis.request(['INCR', 'visits']).pipe(
            catchFailure('DeadlineExceeded', () => of('no answer in time')),
            tap((answer) => {
              const now = String(Math.round(network.clock.now())).padStart(5);
              console.log(`${now} ms: visit ${visit + 1}: ${answer}`);
            }),
          ),
        ),
      );
    }),
    take(VISITS),
  );

  network.at(1_500, () => network.partition('shop', 'store')).at(2_800, () => network.heal());
  await network.run(() => runFlow(visits.pipe(orDie())));
  server.unsubscribe();
  await network.settle();

  console.log('\nThe second visit was counted, though nobody heard of it in time: TCP has sent it again.');
  console.log(`\n${network.trace()}\n\n${network.diagram({ width: Number(options.width) })}`);
  if (options.svg !== '') writeFileSync(options.svg, network.diagram({ format: 'svg' }));
};

await story().catch((error: unknown) => {
  giveUp(2, error instanceof Error ? error.message : String(error));
  process.exit();
});
