import { Observable } from '../../../src/rx.ts';
import { expect, test } from 'vitest';

import type { Framing } from '../../../src/index.ts';
import { joinFrame } from '../../../src/observables/framing/frame-parts.ts';
import { heapInUse } from '../support/resources.ts';
import { subjects } from './subjects.ts';

const MiB = 1_048_576;
const CHUNK = 65_536;
const TOTAL = (process.env['RXJS_NET_LONG'] === '1' ? 64 : 16) * MiB;

type AnyFraming = Framing<unknown, unknown, unknown>;

/** What is in use after a collection, with the memory of buffers. */
function inUse(): number {
  return heapInUse() + process.memoryUsage().arrayBuffers;
}

/** Bytes as garbage has them: the same for every run of the test. */
function noise(): Buffer {
  const bytes = Buffer.alloc(CHUNK);
  let state = 12_345;
  for (let index = 0; index < CHUNK; index++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[index] = state >>> 16;
  }
  return bytes;
}

/** Gives so many bytes to a framing, chunk by chunk; whenever it has failed, a new stream begins. Looks now and then, in the middle of a stream. */
function feed(framing: AnyFraming, chunkAt: (index: number) => Buffer, look: () => void): void {
  let index = 0;
  const isOver = (): boolean => index === TOTAL / CHUNK;
  const stream = new Observable<Uint8Array>((subscriber) => {
    while (!subscriber.closed && !isOver()) {
      subscriber.next(chunkAt(index));
      index++;
      if (index % (TOTAL / CHUNK / 2) === 0) look();
    }
  });
  while (!isOver()) {
    const subscription = stream.pipe(framing).subscribe({ error: () => {} });
    subscription.unsubscribe();
  }
}

const source = noise();

/** One thing over and over: what would be kept if nothing were ever whole, or nothing ever wrong. */
const monotonies = [0x00, 0x01, 0x0a, 0x20, 0x30, 0x39, 0x5b, 0x61, 0x7f, 0x80, 0xff];

test.each(subjects.map((subject) => [subject.name, subject] as const))(
  `${TOTAL / MiB} MiB of garbage leave nothing behind: %s`,
  (_name, subject) => {
    const framing = subject.make(1_000);
    const message = joinFrame(framing.encode(subject.sized(subject.bounded ? 20 : 5)));
    const messages = Buffer.concat(Array.from({ length: Math.floor(CHUNK / message.length) }, () => message));
    const before = inUse();
    let during = 0;
    let looks = 0;
    const chunkAt = (index: number): Buffer => {
      // A copy each time, as from a socket: what is kept of it is seen.
      const kind = index % (monotonies.length + 3);
      if (kind === 0) return Buffer.from(source.subarray(0, CHUNK));
      if (kind === 1) return Buffer.concat([messages, Buffer.alloc(CHUNK - messages.length, messages)]);
      return Buffer.alloc(CHUNK, monotonies[kind - 2] ?? 0x41);
    };
    feed(framing, chunkAt, () => {
      looks++;
      during = Math.max(during, inUse() - before);
    });
    expect(looks).toBe(2);
    expect(during).toBeLessThan(2 * MiB);
  },
  60_000,
);
