// Sends a file to `receive-files`, with a progress bar: `npm start -- send-file ./a.iso --to 127.0.0.1:8124`. When the connection
// breaks it dials again, and goes on where the receiver has got to.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import process from 'node:process';

import { connect, type Connection, type Flow, framed, type NetFailure, reconnecting } from 'rxjs-net';
import { concat, concatMap, defer, EMPTY, from, mergeMap, take, tap } from 'rxjs-net/rx';

import { digestOf, type Offer, offers, offsets, verdicts } from './file-transfer/protocol.ts';
import { giveUp, readOptions, run } from './program.ts';

/** A bar on a terminal, and a line for each tenth anywhere else. */
const makeProgress = (size: number): ((sent: number) => void) => {
  const width = 40;
  let told = -1;
  return (sent) => {
    const part = size === 0 ? 1 : sent / size;
    const step = Math.floor(part * (process.stdout.isTTY ? 1_000 : 10));
    if (step === told) return;
    told = step;
    const percent = `${Math.floor(part * 100)} %`;
    if (!process.stdout.isTTY) console.log(percent);
    else {
      const full = Math.round(part * width);
      process.stdout.write(`\r[${'#'.repeat(full)}${'.'.repeat(width - full)}] ${percent.padStart(5)}`);
      if (sent === size) process.stdout.write('\n');
    }
  };
};

/** The bytes of a file from `offset` on. A stream that nobody wants any more is closed by the iteration. */
const bytesOf = (path: string, offset: number, sent: (total: number) => void): Flow<Buffer, NetFailure> => {
  let total = offset;
  return from(createReadStream(path, { start: offset }) as AsyncIterable<Buffer>).pipe(
    tap((chunk) => {
      total += chunk.length;
      sent(total);
    }),
  );
};

const send = (connection: Connection, path: string, offer: Offer, sent: (total: number) => void) =>
  concat(
    framed(connection, offers).send([offer]),
    framed(connection, offsets).incoming.pipe(
      take(1),
      concatMap(({ offset }) => {
        if (offset > 0) console.log(`the receiver has ${offset} bytes already`);
        sent(offset);
        return offset === offer.size ? EMPTY : connection.send(bytesOf(path, offset, sent));
      }),
    ),
    defer(() => framed(connection, verdicts).incoming.pipe(take(1))),
  );

const USAGE = 'send-file <file> [--to 127.0.0.1:8124] [--attempts 10]';
const { options, rest } = readOptions(USAGE, { to: '127.0.0.1:8124', attempts: '10' });
const [path] = rest;
const [, host = '', port = ''] = /^\[?(.+?)\]?:(\d+)$/.exec(options.to) ?? [];
const size =
  path === undefined
    ? undefined
    : await stat(path).then(
        (found) => found.size,
        () => undefined,
      );

if (path === undefined || host === '') giveUp(2, `Usage: npm start -- ${USAGE}`);
else if (size === undefined) giveUp(1, `there is no file ${path}`);
else {
  const offer = { name: basename(path), size, sha256: await digestOf(path) };
  const progress = makeProgress(size);
  await run(
    connect({ host, port: Number(port), connectTimeout: 5_000, idleTimeout: 30_000 }).pipe(
      mergeMap((connection) => send(connection, path, offer, progress)),
      reconnecting({
        maxAttempts: Number(options.attempts),
        backoff: { initial: 200, max: 5_000 },
        stableAfter: 5_000,
        onEvent: (event) => {
          if (event.type === 'lost') console.log(`cut off: ${event.failure?.message ?? 'the receiver has closed'}`);
        },
      }),
      take(1),
      tap(({ stored, why }) =>
        stored ? console.log(`${offer.name} was stored: ${why}`) : giveUp(1, `refused: ${why}`),
      ),
    ),
  );
}
