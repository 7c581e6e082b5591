import * as fc from 'fast-check';
import type { Carrier } from '../../../src/observables/flow.ts';
import { Observable, of, type Subscriber } from '../../../src/rx.ts';
import { describe, expect, test } from 'vitest';

import { type Chunk, framed, lengthPrefixed, mapFraming, type Upstream } from '../../../src/index.ts';
import { deliverLeaf } from '../../../src/core/demand.ts';
import { pattern } from '../support/data.ts';
import { bytesOf, fakeConnection } from '../support/fake-link.ts';
import { failureOf, tick, watch } from '../support/wait.ts';

// Small messages of some framings are written straight into the memory that is sent. What leaves has to be what `encode` says.

const NUM_RUNS = process.env['RXJS_NET_LONG'] === '1' ? 10_000 : 100;

/** A source whose values come in one delivery each. */
class Leaf<T> implements Upstream {
  readonly emitting = undefined;
  private subscriber: Subscriber<T> | undefined = undefined;
  readonly flow = new Observable<T>((subscriber) => {
    this.subscriber = subscriber;
  });

  emit(value: T): void {
    if (this.subscriber !== undefined) deliverLeaf(this, this.subscriber, value);
  }

  hold(): () => void {
    return () => {};
  }
}

const framings = [
  lengthPrefixed({ bytes: 2 }),
  lengthPrefixed({ bytes: 4, endianness: 'little', lengthIncludesItself: true }),
  lengthPrefixed({ bytes: 'varint' }),
] as const;

const message: fc.Arbitrary<Chunk> = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.string({ unit: 'grapheme', maxLength: 100 }),
  fc
    .constantFrom(0, 1, 127, 128, 1_018, 1_019, 1_020, 1_021, 1_022, 1_023, 1_024, 5_000)
    .map((size) => pattern(size, 7)),
);

describe('messages written in place', () => {
  test('are what encode says, in order, whatever is written between them and however the link takes them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...framings),
        fc.array(fc.tuple(message, fc.constantFrom('send', 'write', 'bytes', 'text')), { maxLength: 150 }),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
        async (framing, items, taken) => {
          const { connection, link } = await fakeConnection({ highWaterMark: 4_096, maxQueued: 64 * 1_048_576 });
          const channel = framed(connection, framing);
          let turn = 0;
          link.takes = () => taken[turn++ % taken.length] ?? true;
          const source = new Leaf<Chunk>();
          const sending = watch(channel.send(source.flow));
          const expected: Buffer[] = [];
          for (const [item, how] of items) {
            expected.push(how === 'bytes' || how === 'text' ? bytesOf('raw') : bytesOf(framing.encode(item)));
            if (how === 'send') source.emit(item);
            else if (how === 'write') channel.write(item);
            else connection.write(how === 'text' ? 'raw' : Buffer.from('raw'));
          }
          while (link.isOutstanding || connection.bytesQueued > 0) {
            await tick();
            if (link.isOutstanding) link.completeWrite();
          }
          expect(link.received.equals(Buffer.concat(expected))).toBe(true);
          expect(sending.errors).toEqual([]);
          sending.unsubscribe();
        },
      ),
      { numRuns: NUM_RUNS },
    );
  });

  test('are counted as they wait, to the byte', async () => {
    const { connection, link } = await fakeConnection();
    link.stall();
    const channel = framed(connection, lengthPrefixed({ bytes: 4 }));
    const sending = watch(channel.send(['one', Buffer.from('two'), 'thr\u00e9e']));
    expect(connection.bytesQueued).toBe(4 + 3 + 4 + 3 + 4 + 6);
    link.open();
    await tick();
    link.open();
    expect(link.received).toHaveLength(24);
    expect(sending.completed).toBe(true);
  });

  test('one that is too long fails the send, with nothing of it written', async () => {
    const { connection, link } = await fakeConnection();
    const channel = framed(connection, lengthPrefixed({ bytes: 1, maxLength: 3 }));
    const sending = watch(channel.send(['a', 'b', 'four', 'c']));
    expect(failureOf(sending)._tag).toBe('InvalidOptions');
    await tick();
    expect(link.received.toString('latin1')).toBe('\u0001a\u0001b');
  });

  test('a message may be changed once it was sent', async () => {
    const { connection, link } = await fakeConnection();
    const channel = framed(connection, lengthPrefixed({ bytes: 1 }));
    const bytes = Buffer.from('x');
    const source = new Leaf<Buffer>();
    const sending = watch(channel.send(source.flow));
    link.stall();
    connection.write('>');
    source.emit(bytes);
    bytes.fill('y');
    link.open();
    await tick();
    expect(link.received.toString('latin1')).toBe('>\u0001x');
    sending.unsubscribe();
  });

  test('a framing that was made of one has its own encode', async () => {
    const { connection, link } = await fakeConnection();
    const plain = lengthPrefixed({ bytes: 1 });
    const louder = Object.assign((source: Observable<Uint8Array> & Carrier) => plain(source), {
      decode: plain.decode,
      decoder: plain.decoder,
      maxLength: plain.maxLength,
      encode: (text: Chunk) => plain.encode(`${bytesOf(text).toString()}!`),
    });
    const mapped = mapFraming(
      plain,
      (bytes) => bytes.toString(),
      (text: string) => `${text}?`,
    );
    watch(framed(connection, louder).send(of('a', 'b')));
    watch(framed(connection, mapped).send(of('c', 'd')));
    await tick();
    expect(link.received.toString('latin1')).toBe('\u0002a!\u0002b!\u0002c?\u0002d?');
  });
});
