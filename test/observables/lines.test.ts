import * as fc from 'fast-check';
import {
  concatMap,
  from,
  map,
  merge,
  NEVER,
  Observable,
  of,
  Subject,
  type Subscriber,
  take,
  throwError,
} from '../../src/rx.ts';
import { describe, expect, test } from 'vitest';

import {
  BufferOverflow,
  ConnectionReset,
  currentUpstream,
  FrameTooLarge,
  FrameTruncated,
  lines,
  type LinesOptions,
  type Upstream,
} from '../../src/index.ts';
import { LinesRun } from '../../src/observables/framing/lines-run.ts';
import { ChunkSource, cutAt } from './support-failures/chunk-source.ts';
import { type Ending, record, Recording } from './support-failures/record.ts';
import { turns } from './support-failures/wait.ts';

/** What lines come to, written as plainly as it goes. */
interface Reading {
  readonly lines: readonly string[];
  readonly ending: 'complete' | 'FrameTooLarge' | 'FrameTruncated';
}

function simply(bytes: Buffer, { maxLength = 65_536, requireTerminator = false }: LinesOptions = {}): Reading {
  const found: string[] = [];
  const parts: Buffer[] = [];
  let start = 0;
  for (let lf = bytes.indexOf(10); lf >= 0; lf = bytes.indexOf(10, start)) {
    parts.push(bytes.subarray(start, lf));
    start = lf + 1;
  }
  const last = bytes.subarray(start);
  for (const part of last.length > 0 ? [...parts, last] : parts) {
    const line = part.at(-1) === 13 ? part.subarray(0, -1) : part;
    if (line.length > maxLength) return { lines: found, ending: 'FrameTooLarge' };
    if (part === last && requireTerminator) return { lines: found, ending: 'FrameTruncated' };
    found.push(new TextDecoder('utf-8', { ignoreBOM: true }).decode(line));
  }
  return { lines: found, ending: 'complete' };
}

function reading(recording: Recording<string>): Reading {
  const { values, ending } = recording;
  if (ending === undefined) throw new Error('it did not end');
  return { lines: values, ending: nameOf(ending) as Reading['ending'] };
}

function nameOf(ending: Ending): string {
  if (ending.kind === 'complete') return 'complete';
  const { error } = ending;
  return error instanceof Error ? error.name : String(error);
}

const readAll = (chunks: readonly Uint8Array[], options?: LinesOptions): Reading =>
  reading(new Recording(new ChunkSource(chunks).bytes.pipe(lines(options))));

/** The pieces that a run keeps, and the bytes of the memory behind them (of Node.js's pool only what is theirs). */
function kept(run: LinesRun): { pieces: number; bytes: number } {
  const { carry, waiting } = run as unknown as { carry: Buffer[]; waiting: Buffer[] };
  const pieces = [...carry, ...waiting];
  const bytes = pieces.map((piece) =>
    piece.buffer.byteLength > 1.1 * Buffer.poolSize ? piece.buffer.byteLength : piece.length,
  );
  return { pieces: pieces.length, bytes: bytes.reduce((sum, each) => sum + each, 0) };
}

const text = (...parts: string[]): Buffer[] => parts.map((part) => Buffer.from(part));

/** Bytes as they come: mostly short lines, many terminators of either kind, and anything at all in between. */
const bytes = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom('\n', '\r\n', '\r', '\n\n', '\r\r\n') },
      { weight: 3, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 6 }) },
    ),
    { maxLength: 24 },
  )
  .map((parts) => Buffer.concat(parts.map((part) => Buffer.from(part as string))));

const cuts = fc.array(fc.nat({ max: 300 }), { maxLength: 30 });

describe('what is a line', () => {
  test.each<[string, readonly Buffer[], readonly string[]]>([
    ['LF', text('a\nb\n'), ['a', 'b']],
    ['CR LF', text('a\r\nb\r\n'), ['a', 'b']],
    ['both', text('a\r\nb\nc\r\n'), ['a', 'b', 'c']],
    ['CR LF cut in between', text('a\r', '\nb\r', '\n'), ['a', 'b']],
    ['CR LF cut everywhere', text('a', '\r', '\n', 'b', '\r', '\n'), ['a', 'b']],
    ['empty lines', text('\n\n\r\n\na\n\n'), ['', '', '', '', 'a', '']],
    ['a last line without terminator', text('a\nb'), ['a', 'b']],
    ['a last line without terminator, in pieces', text('a\nb', 'c', 'd'), ['a', 'bcd']],
    ['a CR within a line', text('a\rb\nc\r\r\n'), ['a\rb', 'c\r']],
    ['a CR that the end leaves alone', text('a\r'), ['a']],
    ['nothing', [], []],
    ['empty chunks', text('', 'a', '', '\n', ''), ['a']],
    ['a terminator in each chunk', text('a\nb', 'c\nd', 'e\n'), ['a', 'bc', 'de']],
    ['a byte order mark, which is the caller’s to judge', text('\uFEFFa\n'), ['\uFEFFa']],
    ['other separators of Unicode, which end no line', text('a\u2028b\u0085c\vd\fe\n'), ['a\u2028b\u0085c\vd\fe']],
  ])('%s', (_name, chunks, expected) => {
    expect(readAll(chunks)).toEqual({ lines: expected, ending: 'complete' });
  });

  test('a character that is split over chunks arrives whole, at every cut', () => {
    const whole = Buffer.from('é€😀\n€\r\n😀é');
    for (let cut = 1; cut < whole.length; cut++) {
      expect(readAll(cutAt(whole, [cut])).lines).toEqual(['é€😀', '€', '😀é']);
    }
    expect(readAll([...whole].map((byte) => Buffer.of(byte))).lines).toEqual(['é€😀', '€', '😀é']);
  });

  test('bytes that are no UTF-8 become U+FFFD, and end no line and begin none', () => {
    const broken = Buffer.from([0xe2, 0x82, 0x0a, 0xff, 0x61, 0x0a, 0xf0, 0x9f, 0x98, 0x0d, 0x0a, 0xc0, 0x80]);
    const expected = ['\uFFFD', '\uFFFDa', '\uFFFD', '\uFFFD\uFFFD'];
    for (let cut = 0; cut < broken.length; cut++) expect(readAll(cutAt(broken, [cut])).lines).toEqual(expected);
  });

  test('a view of a larger buffer is read, and nothing beside it', () => {
    const large = new Uint8Array(Buffer.from('xxa\nb\nyy'));
    expect(readAll([large.subarray(2, 6)]).lines).toEqual(['a', 'b']);
  });

  test('the stream cut anywhere gives the lines of the simple reading', () => {
    fc.assert(
      fc.property(bytes, cuts, (all, places) => {
        expect(readAll(cutAt(all, places))).toEqual(simply(all));
      }),
    );
  });
});

describe('a last line that must have its terminator', () => {
  test('ends in FrameTruncated, which says how much of it came', async () => {
    const recording = record(new ChunkSource(text('a\nb', 'cé')).bytes.pipe(lines({ requireTerminator: true })));
    const failure = await recording.failure();
    expect(failure).toBeInstanceOf(FrameTruncated);
    expect(failure).toMatchObject({ _tag: 'FrameTruncated', pending: 4 });
    expect(recording.values).toEqual(['a']);
  });

  test('and with it completes', () => {
    expect(readAll(text('a\nb\r\n'), { requireTerminator: true })).toEqual({ lines: ['a', 'b'], ending: 'complete' });
  });
});

describe('a source that our own side ended early', () => {
  test.each([true, false])(
    'gives the unfinished line back and completes; requireTerminator: %s',
    (requireTerminator) => {
      const source = new ChunkSource(text('a\nb', 'c'), 'early');
      const recording = record(source.bytes.pipe(lines({ requireTerminator } as { requireTerminator: true })));
      expect(recording.values).toEqual(['a']);
      expect(recording.ending).toEqual({ kind: 'complete' });
      expect(source.rest.toString()).toBe('bc');
    },
  );

  test('a line that is over comes all the same, and nothing is given back', () => {
    const source = new ChunkSource(text('a\nb\n'), 'early');
    const recording = record(source.bytes.pipe(lines()));
    expect(recording.values).toEqual(['a', 'b']);
    expect(recording.ending).toEqual({ kind: 'complete' });
    expect(source.givenBack).toEqual([]);
  });

  test('held meanwhile: the whole lines come after the release, and the rest goes back', () => {
    const source = new ChunkSource(text('a\nb\nc'), 'early');
    const releases: (() => void)[] = [];
    const values: string[] = [];
    let completed = false;
    source.bytes.pipe(lines()).subscribe({
      next: (line) => {
        values.push(line);
        const release = currentUpstream()?.hold();
        if (release !== undefined) releases.push(release);
      },
      complete: () => {
        completed = true;
      },
    });
    for (let release = releases.shift(); release !== undefined; release = releases.shift()) release();
    expect(values).toEqual(['a', 'b']);
    expect(completed).toBe(true);
    expect(source.rest.toString()).toBe('c');
  });

  test('bytes that something in between has changed are not given back, and not emitted either', () => {
    const source = new ChunkSource(text('a\nb'), 'early');
    const changed = source.bytes.pipe(map((chunk) => Buffer.from(chunk)));
    const recording = record(changed.pipe(lines()));
    expect(recording.values).toEqual(['a']);
    expect(recording.ending).toEqual({ kind: 'complete' });
    expect(source.givenBack).toEqual([]);
  });
});

describe('the longest line', () => {
  const limit = { maxLength: 5 };

  test.each<[string, readonly Buffer[], readonly string[]]>([
    ['as long as is allowed', text('12345\n12345\r\n'), ['12345', '12345']],
    ['as long as is allowed, in pieces', text('12', '345', '\n123', '45\r', '\n'), ['12345', '12345']],
    ['as long as is allowed, unterminated', text('1\n12345'), ['1', '12345']],
    ['as long as is allowed, with a CR that may be half of a terminator', text('12345\r'), ['12345']],
    ['in bytes, not in characters', text('éé1\n'), ['éé1']],
    ['however many there are', text('12345\n'.repeat(1_000)), Array.from({ length: 1_000 }, () => '12345')],
  ])('%s', (_name, chunks, expected) => {
    expect(readAll(chunks, limit)).toEqual({ lines: expected, ending: 'complete' });
  });

  test.each<[string, readonly Buffer[], readonly string[], number]>([
    ['one byte more', text('123456\n'), [], 6],
    ['one byte more, and a CR', text('123456\r\n'), [], 6],
    ['one byte more before the terminator is seen', text('12345', '6'), [], 6],
    ['a CR that turns out to be part of the line', text('12345\r', 'x\n'), [], 7],
    ['one byte more and what may be half of a terminator', text('123456\r'), [], 7],
    ['two CRs, of which one is part of the line', text('12345\r\r\n'), [], 6],
    ['after lines in the same chunk', text('a\nb\r\n123456\nc\n'), ['a', 'b'], 6],
    ['after lines in the same chunk, unterminated', text('a\nb\n123456'), ['a', 'b'], 6],
    ['after a line that began in an earlier chunk', text('a', 'b\n123456\nc\n'), ['ab'], 6],
    ['over many chunks', text('1', '2', '3', '4', '5', '6'), [], 6],
    ['in a line that began in an earlier chunk', text('1234', '56\nb\n'), [], 6],
    ['in bytes, not in characters', text('a\nééé\n'), ['a'], 6],
  ])('%s fails after what came before it', async (_name, chunks, expected, size) => {
    const source = new ChunkSource(chunks, 'stay');
    const recording = record(source.bytes.pipe(lines(limit)));
    const failure = await recording.failure();
    expect(failure).toBeInstanceOf(FrameTooLarge);
    expect(failure).toMatchObject({ _tag: 'FrameTooLarge', limit: 5, size });
    expect(recording.values).toEqual(expected);
    // Terminal: nothing more is read, and what is broken is not given back.
    expect(source.isSubscribed).toBe(false);
    expect(source.givenBack).toEqual([]);
  });

  test('is 65,536 bytes when nothing else is said', () => {
    const longest = 'x'.repeat(65_536);
    expect(readAll(text(`${longest}\n`))).toEqual({ lines: [longest], ending: 'complete' });
    expect(readAll(text(`${longest}y`, '\n')).ending).toBe('FrameTooLarge');
  });

  test('what is kept of a line never exceeds it, however small the pieces', async () => {
    let delivered = 0;
    const endless = new Observable<Uint8Array>((subscriber) => {
      while (!subscriber.closed) {
        delivered++;
        subscriber.next(Buffer.of(0x61));
      }
    });
    await expect(record(endless.pipe(lines({ maxLength: 1_000 }))).failure()).resolves.toBeInstanceOf(FrameTooLarge);
    expect(delivered).toBe(1_001);
  });

  test('what is kept of it costs little more than its bytes, though they come one at a time', () => {
    const all = Buffer.from(Array.from({ length: 60_000 }, (_, index) => String(index % 10)).join(''));
    const subscribers: Subscriber<string>[] = [];
    const values: string[] = [];
    new Observable<string>((subscriber) => {
      subscribers.push(subscriber);
    }).subscribe((line) => values.push(line));
    const run = new LinesRun(subscribers[0] as Subscriber<string>, 65_536, false);
    for (const byte of all) run.sourceNext(Buffer.of(byte));
    expect(kept(run).pieces).toBeLessThan(16);
    expect(kept(run).bytes).toBeLessThan(2 * all.length);
    run.sourceNext(Buffer.from('\n'));
    expect(values).toEqual([all.toString()]);
    expect(kept(run)).toEqual({ pieces: 0, bytes: 0 });

    // And what waits because it can't be held.
    const release = run.hold();
    for (const byte of all) run.sourceNext(Buffer.of(byte));
    run.sourceNext(Buffer.from('\nlast'));
    expect(kept(run).pieces).toBeLessThan(16);
    expect(kept(run).bytes).toBeLessThan(2 * all.length);
    release();
    run.sourceComplete();
    expect(values).toEqual([all.toString(), all.toString(), 'last']);
  });

  test('small pieces and large ones, which are kept as they are, make the same line', () => {
    const sizes = [1, 3, 2_000, 1_023, 1_024, 5, 5, 1_025, 900, 900, 900, 1];
    const pieces = sizes.map((size, index) => Buffer.alloc(size, 97 + index));
    expect(readAll([...pieces, Buffer.from('\n')]).lines).toEqual([Buffer.concat(pieces).toString()]);
  });

  test('what it keeps of a chunk does not change with the chunk, where it was copied, and never changes it', () => {
    const source = new Subject<Uint8Array>();
    const recording = record(source.pipe(lines()));
    const shared = Buffer.from('ab');
    source.next(shared.subarray(0, 1));
    source.next(Buffer.from('X'));
    expect(shared.toString()).toBe('ab');
    source.next(Buffer.from('\n'));
    expect(recording.values).toEqual(['aX']);
  });

  test('whatever it is, the stream cut anywhere gives the same lines and the same failure', () => {
    fc.assert(
      fc.property(
        bytes,
        cuts,
        fc.integer({ min: 1, max: 12 }),
        fc.boolean(),
        (all, places, maxLength, requireTerminator) => {
          const options = { maxLength, requireTerminator };
          expect(readAll(cutAt(all, places), options)).toEqual(simply(all, options));
        },
      ),
    );
  });
});

describe('held', () => {
  /** Takes lines, and holds where `holds` says so. */
  class Holder {
    readonly taken: string[] = [];
    readonly releases: (() => void)[] = [];
    ending: Ending | undefined = undefined;

    constructor(flow: Observable<string>, holds: (index: number) => 'not' | 'until later' | 'within next') {
      flow.subscribe({
        next: (line) => {
          const what = holds(this.taken.length);
          this.taken.push(line);
          if (what === 'not') return;
          const upstream = currentUpstream();
          if (upstream === null) throw new Error('nothing to hold');
          const release = upstream.hold();
          if (what === 'within next') release();
          else this.releases.push(release);
        },
        error: (error: unknown) => {
          this.ending = { kind: 'error', error };
        },
        complete: () => {
          this.ending = { kind: 'complete' };
        },
      });
    }

    /** Releases what is held, until nothing is. */
    goOn(): void {
      for (let release = this.releases.shift(); release !== undefined; release = this.releases.shift()) release();
    }
  }

  test('it stops after the line on which it was held, and holds its source', () => {
    const source = new ChunkSource(text('a\nb\nc\nd', 'e\nf'));
    const holder = new Holder(source.bytes.pipe(lines()), (index) => (index === 1 ? 'until later' : 'not'));
    expect(holder.taken).toEqual(['a', 'b']);
    expect(source.isHeld).toBe(true);
    holder.goOn();
    expect(holder.taken).toEqual(['a', 'b', 'c', 'de', 'f']);
    expect(holder.ending).toEqual({ kind: 'complete' });
    expect(source.isHeld).toBe(false);
  });

  test.each([1, 2, 3])('after each of 1,000 lines in %i chunks, one comes with each release', (chunks) => {
    const all = Buffer.from(Array.from({ length: 1_000 }, (_, index) => `line ${index}\n`).join(''));
    const places = Array.from({ length: chunks - 1 }, (_, index) => Math.floor((all.length * (index + 1)) / chunks));
    const source = new ChunkSource(cutAt(all, places));
    const holder = new Holder(source.bytes.pipe(lines()), () => 'until later');
    for (let line = 0; line < 1_000; line++) {
      expect(holder.taken).toHaveLength(line + 1);
      holder.releases.shift()?.();
    }
    expect(holder.taken).toHaveLength(1_000);
    expect(holder.ending).toEqual({ kind: 'complete' });
  });

  test.each<[string, readonly Buffer[]]>([
    ['a line of its own chunk', text('a\nb\n', 'c\n')],
    ['the last line of a chunk', text('a\n', 'b\n')],
    ['a line that began in an earlier chunk', text('a', 'b\nc', 'd\n')],
    ['the last line of all', text('a\nb')],
  ])('released within the same next, it goes on: %s', (_name, chunks) => {
    const source = new ChunkSource(chunks);
    const holder = new Holder(source.bytes.pipe(lines()), () => 'within next');
    expect(source.isHeld).toBe(false);
    expect(holder.taken).toEqual(simply(Buffer.concat(chunks)).lines);
    expect(holder.ending).toEqual({ kind: 'complete' });
  });

  test('by several, it goes on when all have released; a release counts once', () => {
    const source = new ChunkSource(text('a\nb\n'));
    const releases: (() => void)[] = [];
    const taken: string[] = [];
    source.bytes.pipe(lines()).subscribe((line) => {
      taken.push(line);
      const upstream = currentUpstream();
      if (upstream !== null && line === 'a') releases.push(upstream.hold(), upstream.hold());
    });
    releases[0]?.();
    releases[0]?.();
    expect(taken).toEqual(['a']);
    releases[1]?.();
    expect(taken).toEqual(['a', 'b']);
  });

  test('an error of the source comes after the lines that came before it', () => {
    const failure = new ConnectionReset();
    const source = new ChunkSource(text('a\nb\nc\nd'), failure);
    const holder = new Holder(source.bytes.pipe(lines()), (index) => (index === 0 ? 'until later' : 'not'));
    expect(holder.taken).toEqual(['a']);
    holder.goOn();
    // The beginning of a line that never ended is no line.
    expect(holder.taken).toEqual(['a', 'b', 'c']);
    expect(holder.ending).toEqual({ kind: 'error', error: failure });
  });

  test('a source that cannot be held is bounded, and fails above 1 MiB', () => {
    const source = new Subject<Uint8Array>();
    const holder = new Holder(source.pipe(lines()), (index) => (index === 0 ? 'until later' : 'not'));
    source.next(Buffer.from('a\n'));
    const chunk = Buffer.alloc(65_536, 'x\n');
    for (let each = 0; each < 16; each++) source.next(chunk);
    expect(holder.ending).toBeUndefined();
    expect(holder.taken).toEqual(['a']);
    source.next(chunk);
    expect(holder.ending).toMatchObject({ kind: 'error', error: { _tag: 'BufferOverflow', limit: 1_048_576 } });
    expect((holder.ending as { error: unknown }).error).toBeInstanceOf(BufferOverflow);
    expect(source.observed).toBe(false);
  });

  test('what a source that cannot be held sent meanwhile comes after the release, in order', () => {
    const source = new Subject<Uint8Array>();
    const holder = new Holder(source.pipe(lines()), (index) => (index < 2 ? 'until later' : 'not'));
    for (const chunk of text('a\nb', '\nc\n', 'd\ne')) source.next(chunk);
    source.complete();
    expect(holder.taken).toEqual(['a']);
    holder.goOn();
    expect(holder.taken).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(holder.ending).toEqual({ kind: 'complete' });
  });

  test('the last line, which the end of the source brings, can be held too', () => {
    const source = new ChunkSource(text('a'));
    const holder = new Holder(source.bytes.pipe(lines()), () => 'until later');
    expect(holder.taken).toEqual(['a']);
    holder.goOn();
    expect(holder.ending).toEqual({ kind: 'complete' });
  });

  test('whoever releases while another source delivers does not get that one held', () => {
    const source = new ChunkSource(text('a\nb'));
    const other = new ChunkSource(text('x'), 'stay');
    const holder = new Holder(source.bytes.pipe(lines()), () => 'until later');
    other.bytes.subscribe(() => holder.goOn());
    expect(holder.taken).toEqual(['a', 'b']);
    expect(other.isHeld).toBe(false);
  });

  test('any holds at any places give the same lines', () => {
    fc.assert(
      fc.property(
        bytes,
        cuts,
        fc.array(fc.constantFrom('not', 'until later', 'within next'), { minLength: 1, maxLength: 20 }),
        fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
        (all, places, pattern, maxLength) => {
          const source = new ChunkSource(cutAt(all, places));
          const holder = new Holder(
            source.bytes.pipe(lines({ maxLength })),
            (index) => pattern[index % pattern.length] ?? 'not',
          );
          holder.goOn();
          if (holder.ending === undefined) throw new Error('it did not end');
          expect({ lines: holder.taken, ending: nameOf(holder.ending) }).toEqual(simply(all, { maxLength }));
        },
      ),
    );
  });
});

describe('given up', () => {
  test.each<[string, readonly Buffer[], number, string]>([
    ['in the middle of a chunk', text('a\nb\nc\n'), 1, 'b\nc\n'],
    ['after the last line of a chunk', text('a\nb\n', 'c\n'), 2, 'c\n'],
    ['with the beginning of a line', text('a\nbc', 'd\n'), 1, 'bcd\n'],
    ['after a line that began in an earlier chunk', text('a\nb', 'c\nd\nef'), 2, 'd\nef'],
    ['after a line that ended with CR LF', text('a\r\n\r\nb'), 1, '\r\nb'],
    ['after a line that was cut in its terminator', text('a\r', '\n\nb'), 1, '\nb'],
    ['after characters of several bytes', text('é€\n😀\n€'), 1, '😀\n€'],
  ])('%s, it gives back the rest', (_name, chunks, count, rest) => {
    const source = new ChunkSource(chunks, 'stay');
    source.bytes.pipe(lines(), take(count)).subscribe();
    expect(source.rest.toString()).toBe(rest);
    expect(source.isHeld).toBe(false);
  });

  test('while it is held, it gives back the rest and lets its source go', () => {
    const source = new ChunkSource(text('a\nb\nc'), 'stay');
    const subscription = source.bytes.pipe(lines()).subscribe(() => currentUpstream()?.hold());
    subscription.unsubscribe();
    expect(source.rest.toString()).toBe('b\nc');
    expect(source.isHeld).toBe(false);
  });

  test('a release that comes afterwards does nothing', () => {
    const source = new ChunkSource(text('a\nb\nc'), 'stay');
    const releases: (() => void)[] = [];
    const taken: string[] = [];
    const subscription = source.bytes.pipe(lines()).subscribe((line) => {
      taken.push(line);
      const release = currentUpstream()?.hold();
      if (release !== undefined) releases.push(release);
    });
    subscription.unsubscribe();
    for (const release of releases) release();
    expect(taken).toEqual(['a']);
  });

  test('a hold that comes afterwards does not hold its source, which may have another reader', () => {
    const source = new ChunkSource(text('a\nb\nc'), 'stay');
    let upstream: Upstream | null = null;
    const subscription = source.bytes.pipe(lines()).subscribe(() => {
      upstream = currentUpstream();
    });
    subscription.unsubscribe();
    source.bytes.subscribe();
    const release = (upstream as Upstream | null)?.hold();
    expect(source.isHeld).toBe(false);
    release?.();
  });

  test('a line that came from two sources is given back to neither', () => {
    const first = new ChunkSource(text('a\nb'), 'stay');
    const second = new ChunkSource(text('c'), 'stay');
    const subscription = merge(first.bytes, second.bytes).pipe(lines()).subscribe();
    subscription.unsubscribe();
    expect([...first.givenBack, ...second.givenBack]).toEqual([]);
  });

  test('behind an operator that changes the bytes, nothing is given back: they are not those of the source', () => {
    const source = new ChunkSource(text('A\nB\nC'), 'stay');
    const lower = map((chunk: Uint8Array) => Buffer.from(Buffer.from(chunk).toString().toLowerCase()));
    source.bytes.pipe(lower, lines(), take(1)).subscribe();
    expect(source.givenBack).toEqual([]);
  });

  test('a header read by lines and the rest raw', () => {
    const source = new ChunkSource(text('HEAD 1\r\nx: y\r\n\r\nbody\nbo', 'dy'));
    const header = new Recording(source.bytes.pipe(lines(), take(3)));
    expect(header.values).toEqual(['HEAD 1', 'x: y', '']);
    const body = new Recording(source.bytes);
    expect(Buffer.concat(body.values).toString()).toBe('body\nbody');
  });

  test('take(n), then the raw rest, equals the original bytes', () => {
    fc.assert(
      fc.property(bytes, cuts, fc.integer({ min: 1, max: 8 }), fc.boolean(), (all, places, count, held) => {
        const whole = simply(all).lines;
        fc.pre(whole.length > count);
        const source = new ChunkSource(cutAt(all, places), 'stay');
        const taken: string[] = [];
        const releases: (() => void)[] = [];
        source.bytes.pipe(lines(), take(count)).subscribe((line) => {
          taken.push(line);
          const upstream = held ? currentUpstream() : null;
          if (upstream !== null) releases.push(upstream.hold());
        });
        for (let release = releases.shift(); release !== undefined; release = releases.shift()) release();
        expect(taken).toEqual(whole.slice(0, count));
        let used = 0;
        for (let line = 0; line < count; line++) used = all.indexOf(10, used) + 1;
        expect(source.rest.equals(all.subarray(used))).toBe(true);
      }),
    );
  });
});

describe('a source that misbehaves', () => {
  test('its error is passed on as it is', async () => {
    const error = new Error('boom');
    await expect(record(throwError(() => error).pipe(lines())).failure()).resolves.toBe(error);
  });

  test.each([
    ['a string', 'text'],
    ['null', null],
    ['a number', 5],
    ['an array', [1, 2]],
    ['a DataView', new DataView(new ArrayBuffer(2))],
  ])('what is no bytes is refused, and nothing is thrown: %s', async (_name, value) => {
    const recording = record(of(Buffer.from('a\nb'), value as unknown as Uint8Array).pipe(lines()));
    await expect(recording.failure()).resolves.toMatchObject({ _tag: 'InvalidOptions', option: 'chunk', value });
    expect(recording.values).toEqual(['a']);
  });

  test('one that delivers more while a line is being delivered is read in order', () => {
    const source = new Subject<Uint8Array>();
    const taken: string[] = [];
    source.pipe(lines()).subscribe((line) => {
      taken.push(line);
      if (line === 'a') source.next(Buffer.from('c\nd'));
      if (line === 'b') source.next(Buffer.from('e\n'));
    });
    source.next(Buffer.from('a\nb\n'));
    expect(taken).toEqual(['a', 'b', 'c', 'de']);
  });

  test('one that completes while a line is being delivered completes after the lines', () => {
    const source = new Subject<Uint8Array>();
    const recording = new Recording<string>(
      new Observable((subscriber) =>
        source.pipe(lines()).subscribe({
          next: (line) => {
            subscriber.next(line);
            if (line === 'a') source.complete();
          },
          complete: () => subscriber.complete(),
        }),
      ),
    );
    source.next(Buffer.from('a\nb\nc'));
    expect(recording.values).toEqual(['a', 'b', 'c']);
    expect(recording.ending).toEqual({ kind: 'complete' });
  });

  test('a consumer that throws ends its own subscription only', async () => {
    const error = new Error('mine');
    const failing = map((line: string): string => {
      if (line === 'b') throw error;
      return line;
    });
    const source = new ChunkSource(text('a\nb\nc\n'), 'stay');
    const recording = record(source.bytes.pipe(lines(), failing));
    await expect(recording.failure()).resolves.toBe(error);
    expect(recording.values).toEqual(['a']);
    expect(source.rest.toString()).toBe('c\n');
  });

  test('a subscription is a reading of its own', () => {
    const flow = from(text('a\nb', 'c\n')).pipe(lines());
    expect(new Recording(flow).values).toEqual(['a', 'bc']);
    expect(new Recording(flow).values).toEqual(['a', 'bc']);
  });

  test('garbage, in any cut and with any holds and any ending, never throws out of the operator', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.anything()), { maxLength: 12 }),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 60 }),
        fc.constantFrom<'complete' | 'stay' | Error>('complete', 'stay', new Error('over')),
        (chunks, pattern, maxLength, ending) => {
          const source = new ChunkSource(chunks as Uint8Array[], ending);
          const releases: (() => void)[] = [];
          let index = 0;
          const subscription = source.bytes.pipe(lines({ maxLength })).subscribe({
            next: (line) => {
              expect(line).not.toContain('\n');
              if (pattern[index++ % pattern.length] === true) releases.push(currentUpstream()?.hold() ?? (() => {}));
            },
            error: () => {},
          });
          for (let release = releases.shift(); release !== undefined; release = releases.shift()) release();
          subscription.unsubscribe();
          expect(source.isSubscribed).toBe(false);
        },
      ),
    );
  });
});

test('nothing comes after an unsubscription, also when a release follows in a later turn', async () => {
  const source = new ChunkSource(text('a\nb\n'), 'stay');
  const recording = record(
    source.bytes.pipe(
      lines(),
      concatMap((line) => {
        currentUpstream()?.hold();
        return line === 'a' ? of(line) : NEVER;
      }),
    ),
  );
  recording.unsubscribe();
  await turns();
  expect(recording.values).toEqual(['a']);
  expect(recording.ending).toBeUndefined();
});
