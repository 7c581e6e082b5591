import { firstValueFrom, take, toArray } from 'rxjs';
import { describe, expect, test } from 'vitest';

import { type Framing, lengthPrefixed, lines } from '../../../src/index.ts';
import { joinFrame } from '../../../src/observables/framing/frame-parts.ts';
import { fakeConnection } from '../support/fake-link.ts';
import { pair } from '../support/sockets.ts';
import { tick, watch, within } from '../support/wait.ts';
import { subjects } from './subjects.ts';

type AnyFraming = Framing<unknown, unknown, unknown>;

const all = subjects.map((subject) => {
  const framing: AnyFraming = subject.make(200);
  const message = subject.sized(subject.bounded ? 20 : 5);
  return {
    name: subject.name,
    framing,
    frame: joinFrame(framing.encode(message)),
    seen: subject.seen(message),
    subject,
  };
});

describe('a connection whose reader gives up after a message', () => {
  test.each(all)(
    'has the rest for the next one: $name, then every other framing',
    async ({ framing, frame, seen, subject }) => {
      for (const next of all) {
        const { connection, link } = await fakeConnection();
        const first = watch(connection.incoming.pipe(framing, take(1)));
        // The message, and what the next reader is to see, in chunks that have nothing to do with either.
        const bytes = Buffer.concat([frame, next.frame, next.frame]);
        const cut = frame.length + Math.floor(next.frame.length / 2);
        link.deliver(bytes.subarray(0, cut));
        expect(first.values.map(subject.seen)).toEqual([seen]);
        const second = watch(connection.incoming.pipe(next.framing, take(2)));
        // What was given back comes first, on the next tick.
        await tick();
        link.deliver(bytes.subarray(cut));
        expect(second.values.map(next.subject.seen)).toEqual([next.seen, next.seen]);
        connection.destroy();
      }
    },
  );

  test('over a real socket: one message with each framing, in turn, from one stream', async () => {
    const { connection, peer } = await pair();
    for (const { frame } of all) peer.socket.write(frame);
    peer.socket.end('and the rest');
    for (const { framing, seen, subject } of all) {
      const message = await within(firstValueFrom(connection.incoming.pipe(framing)), `a message with ${subject.name}`);
      expect(subject.seen(message)).toEqual(seen);
    }
    const rest = await within(firstValueFrom(connection.incoming.pipe(toArray())), 'the rest');
    expect(Buffer.concat(rest).toString()).toBe('and the rest');
  });

  test('a stream that the peer ends in a message fails with FrameTruncated', async () => {
    const { connection, peer } = await pair();
    const seen = watch(connection.incoming.pipe(lengthPrefixed({ bytes: 2 })));
    peer.socket.end('\0\x03abc\0\x05de');
    await within(seen.ended, 'the failure');
    expect(seen.values.map(String)).toEqual(['abc']);
    expect(seen.errors).toMatchObject([{ _tag: 'FrameTruncated', pending: 4 }]);
  });

  test('a message above the limit ends one reading, and hurts no other connection', async () => {
    const [bad, good] = [await pair(), await pair()];
    const failing = watch(bad.connection.incoming.pipe(lines({ maxLength: 10 })));
    const fine = watch(good.connection.incoming.pipe(lines({ maxLength: 10 })));
    bad.peer.socket.write('x'.repeat(20));
    await within(failing.ended, 'the failure');
    expect(failing.errors).toMatchObject([{ _tag: 'FrameTooLarge' }]);
    good.peer.socket.end('fine\n');
    await within(fine.ended, 'the end of the other');
    expect(fine).toMatchObject({ values: ['fine'], errors: [] });
  });
});
