/**
 * What framings cost inside one process, in nanoseconds per message, next to the packages that people take for it, and to what a schema costs by itself.
 * All of them in one run and over the same chunks; every pass has a checksum.
 */
import { Readable } from 'node:stream';

import * as t from 'io-ts';
import { decode as itLengthPrefixed } from 'it-length-prefixed';
import { jsonLines, lengthPrefixed, lines, mapFraming, typed } from 'rxjs-net';
import { Observable } from 'rxjs-net/rx';
import split2 from 'split2';

import { compare, total } from './harness/compare.mjs';

/** @typedef {import('./harness/compare.mjs').Subject} Subject */

const MESSAGES = 20_000;
/** What a socket delivers at most in one read. */
const CHUNK = 65_536;

/** @param {Buffer} bytes */
function chunksOf(bytes) {
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

const text = (/** @type {number} */ number) => `${number} `.padEnd(49, 'the quick brown fox ');

const weighText = (/** @type {string} */ line) => line.length + line.charCodeAt(1);
const weighBytes = (/** @type {Uint8Array} */ bytes) => bytes.length + (bytes[1] ?? 0);

const texts = Array.from({ length: MESSAGES }, (_, number) => text(number));

/** @param {readonly Buffer[]} chunks @param {(line: string) => number} weigh @returns {Promise<number>} */
function throughSplit2(chunks, weigh) {
  return new Promise((resolve, reject) => {
    let sum = 0;
    const stream = Readable.from(chunks).pipe(split2());
    stream.on('data', (line) => (sum += weigh(line)));
    stream.on('end', () => resolve(sum));
    stream.on('error', reject);
  });
}

/** @returns {Subject[]} */
function lineSubjects() {
  const chunks = chunksOf(Buffer.from(texts.map((line) => `${line}\n`).join('')));
  const checksum = texts.reduce((sum, line) => sum + weighText(line), 0);
  return [
    {
      title: 'lines()',
      items: MESSAGES,
      checksum,
      run: () => total(emitting(chunks).pipe(lines()), weighText),
    },
    {
      title: '  lines() within mapFraming()',
      items: MESSAGES,
      checksum,
      run: () =>
        total(
          emitting(chunks).pipe(
            mapFraming(
              lines(),
              (line) => line,
              (line) => line,
            ),
          ),
          weighText,
        ),
    },
    { title: '  split2', items: MESSAGES, checksum, run: () => throughSplit2(chunks, weighText) },
  ];
}

/** @param {string} message */
function prefixed(message) {
  const header = Buffer.alloc(4);
  header.writeUInt32BE(message.length);
  return Buffer.concat([header, Buffer.from(message)]);
}

/** @returns {Subject[]} */
function lengthSubjects() {
  const framing = lengthPrefixed({ bytes: 4 });
  const chunks = chunksOf(Buffer.concat(texts.map(prefixed)));
  const checksum = texts.reduce((sum, each) => sum + each.length + each.charCodeAt(1), 0);
  const lengthDecoder = Object.assign((/** @type {{ getUint32(at: number): number }} */ list) => list.getUint32(0), {
    bytes: 4,
  });
  return [
    {
      title: 'lengthPrefixed({ bytes: 4 })',
      items: MESSAGES,
      checksum,
      run: () => total(emitting(chunks).pipe(framing), weighBytes),
    },
    {
      title: '  it-length-prefixed',
      items: MESSAGES,
      checksum,
      async run() {
        let sum = 0;
        for (const message of itLengthPrefixed(chunks, { lengthDecoder })) sum += weighBytes(message.subarray());
        return sum;
      },
    },
  ];
}

/** @returns {Subject[]} */
function schemaSubjects() {
  const Message = t.type({ id: t.number, name: t.string, tags: t.array(t.string) });
  const messages = Array.from({ length: MESSAGES }, (_, id) => ({ id, name: `number ${id}`, tags: ['a', 'b'] }));
  const chunks = chunksOf(Buffer.from(messages.map((message) => `${JSON.stringify(message)}\n`).join('')));
  const checksum = messages.reduce((sum, { id, name }) => sum + id + name.length, 0);
  const weigh = (/** @type {t.TypeOf<typeof Message>} */ { id, name }) => id + name.length;
  return [
    {
      title: 'typed(jsonLines(), io-ts type)',
      items: MESSAGES,
      checksum,
      run: () => total(emitting(chunks).pipe(typed(jsonLines(), Message)), weigh),
    },
    {
      title: '  jsonLines() alone',
      items: MESSAGES,
      checksum,
      run: () => total(emitting(chunks).pipe(jsonLines()), /** @type {(message: unknown) => number} */ (weigh)),
    },
    {
      title: '  decode of io-ts alone',
      items: MESSAGES,
      checksum,
      async run() {
        let sum = 0;
        for (const message of messages) {
          const decoded = Message.decode(message);
          if (decoded._tag === 'Right') sum += weigh(decoded.right);
        }
        return sum;
      },
    },
  ];
}

/** Compares the framings. */
export async function runFraming() {
  await compare([...lineSubjects(), ...lengthSubjects(), ...schemaSubjects()]);
}
