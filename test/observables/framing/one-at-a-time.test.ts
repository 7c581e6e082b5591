// A program that reads message by message, with a subscription for each: the work for one does not depend on what else has come.
import type { Flow } from '../../../src/observables/flow.ts';
import { Observable } from '../../../src/rx.ts';
import { firstValueFrom } from 'rxjs';
import { afterEach, describe, expect, test, vi } from 'vitest';

import { deliver, type Upstream } from '../../../src/core/demand.ts';
import {
  choose,
  cobs,
  delimited,
  fixedLength,
  type Framing,
  jsonLines,
  lengthPrefixed,
  lines,
  mapFraming,
  netstring,
} from '../../../src/index.ts';

afterEach(() => void vi.restoreAllMocks());

/** Emits what it has, and takes back what was not used. */
class Returning implements Upstream {
  emitting: unknown = undefined;
  private bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  readonly incoming: Flow<Buffer> = new Observable((subscriber) => {
    const { bytes } = this;
    this.bytes = Buffer.alloc(0);
    this.emitting = bytes;
    deliver(this, subscriber, bytes);
  });

  hold(): () => void {
    return () => {};
  }

  unread(bytes: Uint8Array): void {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
}

/** Counts bytes that are decoded or copied. */
function counted(): { bytes: number } {
  const sum = { bytes: 0 };
  const { toString, copy } = Buffer.prototype;
  const concat = Buffer.concat.bind(Buffer);
  vi.spyOn(Buffer.prototype, 'toString').mockImplementation(function count(this: Buffer, ...args: unknown[]) {
    const [encoding, start = 0, end = this.length] = args as [BufferEncoding?, number?, number?];
    sum.bytes += end - start;
    return toString.call(this, encoding, start, end);
  });
  vi.spyOn(Buffer.prototype, 'copy').mockImplementation(function count(this: Buffer, target, at, start, end) {
    const copied = copy.call(this, target, at, start, end);
    sum.bytes += copied;
    return copied;
  });
  vi.spyOn(Buffer, 'concat').mockImplementation((list, length) => {
    const joined = concat(list, length);
    sum.bytes += joined.length;
    return joined;
  });
  return sum;
}

/** A framing, by its name, and the bytes of a message of it. */
const framings: readonly [string, Framing<unknown, never, unknown>, string][] = [
  ['lines', lines(), 'é\n'],
  ['lines with a small maxLength', lines({ maxLength: 100 }), 'é\r\n'],
  ['jsonLines', jsonLines(), '["é"]\n'],
  ['delimited', delimited('\0'), 'é\0'],
  ['netstring', netstring(), '2:é,'],
  ['cobs', cobs(), '\x03ab\0'],
  ['fixedLength', fixedLength(3), 'abc'],
  ['lengthPrefixed', lengthPrefixed({ bytes: 1 }), '\x02é'],
  ['choose', choose({ text: { tag: 1, framing: jsonLines() } }), '\x01["é"]\n'],
  ['mapFraming', mapFraming(lines(), (line) => line.length, String), 'é\n'],
];

describe.each(framings)('%s', (_name, framing, message) => {
  test.each([
    ['messages', ''],
    ['a long beginning of one', 'x'.repeat(50)],
  ])('costs as much in front of many %s as in front of few', async (_rest, beginning) => {
    const costs: number[] = [];
    for (const count of [2_000, 8_000]) {
      const source = new Returning(Buffer.from(message.repeat(count) + beginning.repeat(count / 100)));
      const sum = counted();
      for (let read = 0; read < 1_000; read++) await firstValueFrom(source.incoming.pipe(framing));
      vi.restoreAllMocks();
      costs.push(sum.bytes / 1_000);
    }
    expect(costs[0]).toBeLessThan(2_000);
    expect(costs[1]).toBeLessThan(1.2 * (costs[0] ?? 0) + 1);
  });
});
