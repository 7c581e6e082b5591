import { setTimeout } from 'node:timers/promises';

import {
  catchFailure,
  type Chunk,
  connect,
  type Connection,
  endpointOf,
  type Flow,
  lines,
  mapAsync,
  type NetFailure,
  sendTo,
} from 'rxjs-net';
import { concatMap, from, map, merge, mergeMap, of, tap, timer } from 'rxjs-net/rx';

import type { Part } from './part.ts';
import { say } from './say.ts';
import { whileServing } from './while-serving.ts';

/** Stands for a database that takes its time; when the connection ends first, `signal` calls it off. */
const lookUp = async (word: string, signal: AbortSignal): Promise<string> => {
  await setTimeout(10, undefined, { signal });
  return `${word} has ${word.length} letters`;
};

const countLetters = (connection: Connection): Flow<Chunk, NetFailure> =>
  connection.incoming.pipe(
    tap((chunk) => say('server', `${chunk.length} bytes came: ${hex(chunk)}${chunk.length > 8 ? ' …' : ''}`)),
    lines({ maxLength: 32 }),
    mapAsync(lookUp, { concurrency: 3 }),
    map((answer) => `${answer}\n`),
    catchFailure('FrameTooLarge', ({ limit }) => of(`sorry: a line may have ${limit} bytes\n`)),
  );

/** Cut without any regard for characters and lines, as a network does. */
const pieces = ((): Buffer[] => {
  const bytes = Buffer.from(`grüße\nwater\n${'x'.repeat(40)}\n`);
  return [bytes.subarray(0, 3), bytes.subarray(3, 10), bytes.subarray(10, 14), bytes.subarray(14)];
})();

const hex = (bytes: Buffer): string =>
  Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join(' ');

export const lineProtocol: Part = {
  title: 'A line protocol',
  about:
    'The client’s bytes come cut anywhere, in a character too; lines() makes lines of them. One of them is too long.',
  run: whileServing({ host: '127.0.0.1', port: 0 }, countLetters, (address) =>
    connect({ ...endpointOf(address), noDelay: true }).pipe(
      mergeMap((connection) =>
        merge(
          connection.incoming.pipe(
            lines(),
            tap((line) => say('client', `received "${line}"`)),
          ),
          from(pieces).pipe(
            concatMap((piece) => timer(40).pipe(map(() => piece))),
            sendTo(connection),
          ),
        ),
      ),
    ),
  ),
};
