// A source may deliver although it is held: it was in the middle of something. What it delivered waits, and is given back with the
// rest when the reader gives up.
import type { Flow } from '../../../src/observables/flow.ts';
import { Observable, type Subscriber } from '../../../src/rx.ts';
import { describe, expect, test } from 'vitest';

import { delimited, type Framing, jsonLines, lengthPrefixed, lines, netstring } from '../../../src/index.ts';
import { currentUpstream, deliver, type Upstream } from '../../../src/core/demand.ts';

/** Delivers what it is told to, held or not, and takes bytes back. */
class Stubborn implements Upstream {
  emitting: unknown = undefined;
  givenBack: Buffer | undefined = undefined;
  held = 0;
  private subscriber: Subscriber<Uint8Array> | undefined = undefined;

  readonly bytes: Flow<Uint8Array> = new Observable((subscriber) => {
    this.subscriber = subscriber;
  });

  hold(): () => void {
    this.held++;
    return () => void this.held--;
  }

  unread(bytes: Buffer): void {
    this.givenBack = bytes;
  }

  push(chunk: Buffer): void {
    if (this.subscriber === undefined) throw new Error('nobody has subscribed');
    this.emitting = chunk;
    deliver(this, this.subscriber, chunk);
    this.emitting = undefined;
  }
}

const subjects: readonly [string, Framing<unknown, never, unknown>, unknown][] = [
  ['lines', lines(), 'x'],
  ['jsonLines', jsonLines(), { id: 1 }],
  ['delimited', delimited(';'), Buffer.from('x')],
  ['lengthPrefixed', lengthPrefixed({ bytes: 2 }), Buffer.from('x')],
  ['netstring', netstring(), Buffer.from('x')],
];

const bytesOf = (frame: unknown): Buffer =>
  Buffer.concat([frame].flat().map((chunk) => Buffer.from(chunk as Uint8Array)));

describe.each(subjects)('%s', (_name, framing, message) => {
  const frame = bytesOf(framing.encode(message as never));
  const stream = Buffer.concat([frame, frame, frame, frame]);

  // Every place at which the second chunk may begin, from the end of the first message on.
  test.each(Array.from({ length: stream.length - frame.length + 1 }, (_, index) => frame.length + index))(
    'held after the first message, with a second chunk from byte %i on',
    (cut) => {
      const source = new Stubborn();
      const messages: unknown[] = [];
      let release = (): void => {};
      const subscription = source.bytes.pipe(framing).subscribe((each) => {
        messages.push(each);
        release = currentUpstream()?.hold() ?? release;
      });
      source.push(stream.subarray(0, cut));
      if (cut < stream.length) source.push(stream.subarray(cut));
      expect(messages).toHaveLength(1);
      expect(source.held).toBe(1);
      subscription.unsubscribe();
      expect(source.givenBack?.equals(stream.subarray(frame.length))).toBe(true);
      expect(source.held).toBe(0);
      release();
    },
  );

  test('released, everything comes in order', () => {
    const source = new Stubborn();
    const messages: unknown[] = [];
    const releases: (() => void)[] = [];
    source.bytes.pipe(framing).subscribe((each) => {
      messages.push(each);
      releases.push(currentUpstream()?.hold() ?? (() => {}));
    });
    for (const byte of stream) source.push(Buffer.of(byte));
    for (let count = 1; count <= 4; count++) {
      expect(messages).toHaveLength(count);
      releases[count - 1]?.();
    }
    expect(source.held).toBe(0);
  });
});
