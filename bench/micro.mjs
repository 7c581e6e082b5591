/**
 * What operators cost inside one process, in nanoseconds per item, next to the plain code or the RxJS operator that does
 * the same. Every pass has a checksum, so that nothing is optimised away and nothing is forgotten.
 */
import { StringDecoder } from 'node:string_decoder';

import { mergeMap as rxMergeMap } from 'rxjs';
import { lines, mapAsync } from 'rxjs-net';
import { from, map, mergeMap, Observable, of, range } from 'rxjs-net/rx';

import { compare, total } from './harness/compare.mjs';

/** @typedef {import('./harness/compare.mjs').Subject} Subject */

/** About what a socket delivers for a batch of 100 lines; lines are cut by it in the middle. */
const CHUNK = 4900;

/** @param {number} count @param {string} filler */
function textOf(count, filler) {
  return Array.from({ length: count }, (_, number) => `${`${number} `.padEnd(49, filler)}\n`).join('');
}

/** @param {string} text */
function chunksOf(text) {
  const bytes = Buffer.from(text);
  return Array.from({ length: Math.ceil(bytes.length / CHUNK) }, (_, index) =>
    bytes.subarray(index * CHUNK, (index + 1) * CHUNK),
  );
}

/** @param {readonly Buffer[]} chunks @returns {import('rxjs-net').Flow<Buffer>} */
const emitting = (chunks) =>
  new Observable((subscriber) => {
    for (const chunk of chunks) subscriber.next(chunk);
    subscriber.complete();
  });

/** @param {readonly Buffer[]} chunks @param {(line: string) => void} emit */
function plainSplit(chunks, emit) {
  const decoder = new StringDecoder('utf8');
  let carry = '';
  for (const chunk of chunks) {
    const parts = (carry + decoder.write(chunk)).split('\n');
    carry = parts.pop() ?? '';
    for (const part of parts) emit(part);
  }
}

const weighLine = (/** @type {string} */ line) => line.length + line.charCodeAt(1);
const weighNumber = (/** @type {number} */ item) => item & 0xff;

/** @param {string} name @param {string} text @returns {Subject[]} */
function lineSubjects(name, text) {
  const chunks = chunksOf(text);
  const all = text.split('\n').slice(0, -1);
  const expected = all.reduce((sum, line) => sum + weighLine(line), 0);
  const items = all.length;
  return [
    {
      title: `lines(), ${name}`,
      items,
      checksum: expected,
      run: () => total(emitting(chunks).pipe(lines()), weighLine),
    },
    {
      title: `  StringDecoder and split, ${name}`,
      items,
      checksum: expected,
      async run() {
        let sum = 0;
        plainSplit(chunks, (line) => (sum += weighLine(line)));
        return sum;
      },
    },
  ];
}

/** @returns {Subject[]} */
function flatteningSubjects() {
  const items = 20_000;
  const checksum = Array.from({ length: items }, (_, item) => weighNumber(item)).reduce((sum, item) => sum + item, 0);
  // `mapAsync` holds its source, and `range` can't be held: `lines` can, so the numbers come from one chunk of lines.
  const numbers = Buffer.from(Array.from({ length: items }, (_, item) => `${item}\n`).join(''));
  const source = () => of(numbers).pipe(lines(), map(Number));
  return [
    {
      title: 'mergeMap, synchronous inners',
      items,
      checksum,
      run: () => total(range(0, items).pipe(mergeMap((item) => of(item))), weighNumber),
    },
    {
      title: '  mergeMap of RxJS',
      items,
      checksum,
      run: () => total(range(0, items).pipe(rxMergeMap((item) => of(item))), weighNumber),
    },
    {
      title: 'mapAsync, promises, 8 at a time',
      items,
      checksum,
      run: () => total(source().pipe(mapAsync((item) => Promise.resolve(item), { concurrency: 8 })), weighNumber),
    },
    {
      title: '  mergeMap of RxJS, promises, 8 at a time (queues the rest)',
      items,
      checksum,
      run: () => total(source().pipe(rxMergeMap((item) => from(Promise.resolve(item)), 8)), weighNumber),
    },
  ];
}

/** Compares operators. */
export async function runMicro() {
  await compare([
    ...lineSubjects('50 B, ASCII', textOf(20_000, 'the quick brown fox ')),
    ...lineSubjects('50 characters, multi-byte', textOf(20_000, 'zwölf Boxkämpfer ')),
    ...flatteningSubjects(),
  ]);
}
