// Receives files into a folder: `npm start -- receive-files ./inbox`. What came of a file whose sender was cut off stays as
// `name.part`, and the sender goes on from there.
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { type Connection, type Flow, framed, mapAsync, type NetFailure, serve } from 'rxjs-net';
import { concat, concatMap, defer, EMPTY, finalize, from, map, mergeMap, take, takeWhile } from 'rxjs-net/rx';

import { digestOf, type Offer, offers, offsets, type Verdict, verdicts } from './file-transfer/protocol.ts';
import { giveUp, readOptions, runServer, stopped } from './program.ts';

const isFileName = (name: string): boolean =>
  name !== '' && name === basename(name) && !name.startsWith('.') && !/[\0\\]/.test(name);

const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );

/** Appends the bytes that come to a file, until it has `size`; emits nothing. Each chunk is written before the next is read. */
const append = (connection: Connection, path: string, offset: number, size: number): Flow<never, NetFailure> =>
  from(open(path, offset === 0 ? 'w' : 'a')).pipe(
    mergeMap((file) => {
      let written = offset;
      if (written === size) return from(file.close()).pipe(mergeMap(() => EMPTY));
      return connection.incoming.pipe(
        mapAsync(async (chunk) => {
          // More than was offered is not ours to keep; the digest would refuse it, too.
          const bytes = chunk.subarray(0, size - written);
          await file.writeFile(bytes);
          written += bytes.length;
          return written;
        }),
        takeWhile((total) => total < size),
        mergeMap(() => EMPTY),
        finalize(() => void file.close()),
      );
    }),
  );

const store = async (part: string, target: string, offer: Offer): Promise<Verdict> => {
  if ((await sizeOf(part)) !== offer.size) return { stored: false, why: 'it is not whole' };
  if ((await digestOf(part)) === offer.sha256) {
    await rename(part, target);
    return { stored: true, why: 'it is whole' };
  }
  await rm(part);
  return { stored: false, why: 'its bytes are not those that were offered' };
};

const receive =
  (folder: string) =>
  (connection: Connection): Flow<never, NetFailure> => {
    const answer = (verdict: Promise<Verdict> | readonly Verdict[]): Flow<never, NetFailure> =>
      framed(connection, verdicts).send(verdict);
    return framed(connection, offers).incoming.pipe(
      take(1),
      concatMap((offer): Flow<never, NetFailure> => {
        if (!isFileName(offer.name)) return answer([{ stored: false, why: `"${offer.name}" is no file name` }]);
        const target = join(folder, offer.name);
        // One for each content: another file of this name doesn't go on from this one's bytes.
        const part = `${target}.${offer.sha256.replaceAll(/\W/g, '').slice(0, 16)}.part`;
        return from(sizeOf(part)).pipe(
          map((size) => (size > offer.size ? 0 : size)),
          concatMap((offset) =>
            concat(
              framed(connection, offsets).send([{ offset }]),
              append(connection, part, offset, offer.size),
              defer(() => answer(store(part, target, offer))),
            ),
          ),
        );
      }),
    );
  };

const USAGE = 'receive-files <folder> [--port 8124] [--host 127.0.0.1]';
const { options, rest } = readOptions(USAGE, { port: '8124', host: '127.0.0.1' });
const [folder] = rest;

if (folder === undefined) {
  giveUp(2, `Usage: npm start -- ${USAGE}`);
} else {
  await mkdir(folder, { recursive: true });
  const limits = { maxConnections: 100, firstByteTimeout: 10_000, idleTimeout: 60_000, drainTimeout: 1_000 };
  await runServer(
    serve({ port: Number(options.port), host: options.host, ...limits, shutdown: stopped }, receive(folder)),
  );
}
