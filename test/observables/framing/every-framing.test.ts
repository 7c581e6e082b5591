import * as fc from 'fast-check';
import { type Observable, take } from '../../../src/rx.ts';
import { describe, expect, test, vi } from 'vitest';

import { currentUpstream, type Framing } from '../../../src/index.ts';
import { joinFrame } from '../../../src/observables/framing/frame-parts.ts';
import { ChunkSource, cutAt } from '../support-failures/chunk-source.ts';
import { type Ending, Recording } from '../support-failures/record.ts';
import { type Subject, subjects } from './subjects.ts';

type AnyFraming = Framing<unknown, unknown, unknown>;

const isLong = process.env['RXJS_NET_LONG'] === '1';
const numRuns = isLong ? 10_000 : 100;
const runs = { numRuns };
if (isLong) vi.setConfig({ testTimeout: 600_000 });

const cuts = fc.array(fc.nat({ max: 400 }), { maxLength: 20 });

/** Long enough for the least message of each subject. */
const limits = fc.integer({ min: 20, max: 300 });

const TYPED = ['DecodeFailed', 'FrameTooLarge', 'FrameTruncated'];

interface Reading {
  readonly messages: readonly unknown[];
  readonly ending: string;
}

function endingOf(ending: Ending | undefined): string {
  if (ending === undefined) return 'none';
  if (ending.kind === 'complete') return 'complete';
  return ending.error instanceof Error ? ending.error.name : String(ending.error);
}

function read(subject: Subject, framing: AnyFraming, chunks: readonly Uint8Array[]): Reading {
  const recording = new Recording(new ChunkSource(chunks).bytes.pipe(framing));
  return { messages: recording.values.map(subject.seen), ending: endingOf(recording.ending) };
}

/** Takes messages, holds after each for which `holds` says so, and lets go as long as there is anything held. */
function readHolding(flow: Observable<unknown>, holds: (index: number) => boolean): Reading {
  const messages: unknown[] = [];
  const releases: (() => void)[] = [];
  let ending: Ending | undefined;
  flow.subscribe({
    next: (message) => {
      if (releases.length > 0) throw new Error('it went on although it is held');
      messages.push(message);
      if (holds(messages.length - 1)) releases.push(currentUpstream()?.hold() ?? fail());
    },
    error: (error: unknown) => {
      ending = { kind: 'error', error };
    },
    complete: () => {
      ending = { kind: 'complete' };
    },
  });
  for (let release = releases.shift(); release !== undefined; release = releases.shift()) release();
  return { messages, ending: endingOf(ending) };
}

function fail(): never {
  throw new Error('nothing to hold');
}

/** Anything at all, with what brings the framing into trouble, and whole messages in between. */
const garbage = (subject: Subject, framing: AnyFraming, maxLength: number): fc.Arbitrary<Buffer> =>
  fc
    .array(
      fc.oneof(
        { weight: 2, arbitrary: fc.uint8Array({ maxLength: 30 }) },
        { weight: 3, arbitrary: fc.constantFrom<string | Uint8Array>('', ...subject.troublesome) },
        { weight: 2, arbitrary: subject.messages(maxLength).map((message) => joinFrame(framing.encode(message))) },
        { weight: 1, arbitrary: fc.integer({ min: 1, max: 400 }).map((length) => 'z'.repeat(length)) },
      ),
      { maxLength: 16 },
    )
    .map((parts) => Buffer.concat(parts.map((part) => Buffer.from(part as string))));

describe.each(subjects.map((subject) => [subject.name, subject] as const))('%s', (_name, subject) => {
  const some = fc.tuple(
    limits.chain((maxLength) =>
      fc.tuple(fc.constant(maxLength), fc.array(subject.messages(maxLength), { maxLength: 12 })),
    ),
    cuts,
  );

  test('any messages, encoded and cut at any bytes, decode to the same', () => {
    fc.assert(
      fc.property(some, ([[maxLength, messages], places]) => {
        const framing = subject.make(maxLength);
        const bytes = Buffer.concat(messages.map((message) => joinFrame(framing.encode(message))));
        expect(read(subject, framing, cutAt(bytes, places))).toEqual({
          messages: messages.map(subject.seen),
          ending: 'complete',
        });
      }),
      runs,
    );
  });

  test('one byte at a time', () => {
    fc.assert(
      fc.property(some, ([[maxLength, messages]]) => {
        const framing = subject.make(maxLength);
        const bytes = Buffer.concat(messages.map((message) => joinFrame(framing.encode(message))));
        expect(
          read(
            subject,
            framing,
            [...bytes].map((byte) => Buffer.of(byte)),
          ).messages,
        ).toEqual(messages.map(subject.seen));
      }),
      { numRuns: Math.ceil(numRuns / 10) },
    );
  });

  test('garbage ends in a typed failure or in messages, and the same however it is cut', () => {
    fc.assert(
      fc.property(
        limits.chain((maxLength) =>
          fc.tuple(fc.constant(maxLength), garbage(subject, subject.make(maxLength), maxLength)),
        ),
        cuts,
        ([maxLength, bytes], places) => {
          const framing = subject.make(maxLength);
          const whole = read(subject, framing, [bytes]);
          expect(['complete', ...TYPED]).toContain(whole.ending);
          expect(read(subject, framing, cutAt(bytes, places))).toEqual(whole);
        },
      ),
      runs,
    );
  });

  test('a stream that is cut anywhere', () => {
    fc.assert(
      fc.property(some, fc.nat(), ([[maxLength, messages], places], place) => {
        const framing = subject.make(maxLength);
        const frames = messages.map((message) => joinFrame(framing.encode(message)));
        const bytes = Buffer.concat(frames);
        const cut = place % (bytes.length + 1);
        let whole = 0;
        let end = 0;
        while (whole < frames.length && end + (frames[whole]?.length ?? 0) <= cut) end += frames[whole++]?.length ?? 0;
        const { messages: seen, ending } = read(subject, framing, cutAt(bytes.subarray(0, cut), places));
        expect(seen.slice(0, whole)).toEqual(messages.slice(0, whole).map(subject.seen));
        if (subject.cut === 'emits it') {
          expect(ending).toBe('complete');
          expect(seen).toHaveLength(cut > end ? whole + 1 : whole);
        } else {
          expect(ending).toBe(cut > end ? 'FrameTruncated' : 'complete');
          expect(seen).toHaveLength(whole);
        }
      }),
      runs,
    );
  });

  test('held after any of its messages, it stops exactly there, and goes on', () => {
    fc.assert(
      fc.property(
        some,
        fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }),
        ([[maxLength, messages], places], pattern) => {
          const framing = subject.make(maxLength);
          const bytes = Buffer.concat(messages.map((message) => joinFrame(framing.encode(message))));
          const source = new ChunkSource(cutAt(bytes, places));
          const holds = (index: number): boolean => pattern[index % pattern.length] === true;
          const reading = readHolding(source.bytes.pipe(framing), holds);
          expect(reading.messages.map(subject.seen)).toEqual(messages.map(subject.seen));
          expect(reading.ending).toBe('complete');
        },
      ),
      runs,
    );
  });

  test('given up after any of its messages, held or not, it loses no byte', () => {
    fc.assert(
      fc.property(some, fc.nat(), fc.boolean(), ([[maxLength, messages], places], number, held) => {
        fc.pre(messages.length > 0);
        const framing = subject.make(maxLength);
        const frames = messages.map((message) => joinFrame(framing.encode(message)));
        const count = 1 + (number % messages.length);
        const source = new ChunkSource(cutAt(Buffer.concat(frames), places), 'stay');
        const releases: (() => void)[] = [];
        source.bytes.pipe(framing, take(count)).subscribe(() => {
          if (held) releases.push(currentUpstream()?.hold() ?? fail());
        });
        for (let release = releases.shift(); release !== undefined; release = releases.shift()) release();
        expect(source.isSubscribed).toBe(false);
        expect(source.rest.toString('latin1')).toBe(Buffer.concat(frames.slice(count)).toString('latin1'));
        // And another reader of the same kind goes on there.
        const next = new Recording(source.bytes.pipe(framing));
        expect(next.values.map(subject.seen)).toEqual(messages.slice(count).map(subject.seen));
        next.unsubscribe();
        expect(source.rest).toHaveLength(0);
      }),
      runs,
    );
  });

  test('given up in the middle of a message, it gives back its beginning', () => {
    fc.assert(
      fc.property(some, fc.nat(), ([[maxLength, messages], places], place) => {
        fc.pre(messages.length > 0);
        const framing = subject.make(maxLength);
        const frames = messages.map((message) => joinFrame(framing.encode(message)));
        const bytes = Buffer.concat(frames);
        const cut = 1 + (place % bytes.length);
        const source = new ChunkSource(cutAt(bytes.subarray(0, cut), places), 'stay');
        const recording = new Recording(source.bytes.pipe(framing));
        recording.unsubscribe();
        const used = frames.slice(0, recording.values.length).reduce((sum, frame) => sum + frame.length, 0);
        expect(source.rest.equals(bytes.subarray(used, cut))).toBe(true);
      }),
      runs,
    );
  });

  test('after each of 1,000 messages of one chunk it stops, and one comes with each release', () => {
    const framing = subject.make(1_000);
    const message = subject.bounded ? subject.sized(framing.maxLength < 50 ? 5 : 20) : subject.sized(5);
    const source = new ChunkSource([
      Buffer.concat(Array.from({ length: 1_000 }, () => joinFrame(framing.encode(message)))),
    ]);
    const releases: (() => void)[] = [];
    let count = 0;
    let completed = false;
    source.bytes.pipe(framing).subscribe({
      next: () => {
        count++;
        releases.push(currentUpstream()?.hold() ?? fail());
      },
      complete: () => {
        completed = true;
      },
    });
    for (let expected = 1; expected <= 1_000; expected++) {
      expect(count).toBe(expected);
      expect(source.isHeld).toBe(true);
      releases.shift()?.();
    }
    expect(count).toBe(1_000);
    expect(completed).toBe(true);
  });

  test('one that our own side ended early gives the unfinished message back, and completes', () => {
    const framing = subject.make(100);
    const bytes = joinFrame(framing.encode(subject.sized(subject.bounded ? 20 : 5)));
    const source = new ChunkSource([bytes, bytes.subarray(0, 3)], 'early');
    const recording = new Recording(source.bytes.pipe(framing));
    expect(recording.values).toHaveLength(1);
    expect(recording.ending).toEqual({ kind: 'complete' });
    expect(source.rest.equals(bytes.subarray(0, 3))).toBe(true);
  });

  test('a subscription is a reading of its own, however many there are', () => {
    const framing = subject.make(100);
    const bytes = joinFrame(framing.encode(subject.sized(subject.bounded ? 20 : 5)));
    const first = new ChunkSource([bytes.subarray(0, 2)], 'stay');
    const unfinished = new Recording(first.bytes.pipe(framing));
    expect(read(subject, framing, [bytes])).toMatchObject({ ending: 'complete' });
    expect(read(subject, framing, [bytes]).messages).toHaveLength(1);
    expect(unfinished.values).toEqual([]);
  });

  test.runIf(subject.bounded)('the limit is exact, in both directions', () => {
    for (const limit of [20, 21, 100, 253, 254, 255]) {
      const larger = subject.make(Math.min(limit + 1, subject.make(255).maxLength));
      const framing = subject.make(limit);
      expect(framing.maxLength).toBe(limit);
      const bytes = joinFrame(framing.encode(subject.sized(limit)));
      for (const places of [[], [1], [bytes.length - 1], [...bytes.keys()]]) {
        const reading = read(subject, framing, cutAt(bytes, places));
        expect(reading).toEqual({ messages: [subject.seen(subject.sized(limit))], ending: 'complete' });
      }
      expect(() => framing.encode(subject.sized(limit + 1))).toThrow(
        expect.objectContaining({ _tag: 'InvalidOptions', option: 'message' }),
      );
      if (larger.maxLength <= limit) continue;
      const tooLong = joinFrame(larger.encode(subject.sized(limit + 1)));
      for (const places of [[], [1], [tooLong.length - 1], [...tooLong.keys()]]) {
        expect(read(subject, framing, cutAt(tooLong, places))).toEqual({ messages: [], ending: 'FrameTooLarge' });
      }
    }
  });
});
