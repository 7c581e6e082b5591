import { describe, expect, it } from 'vitest';

import { BufferOverflow } from '../../src/core/failures/index.ts';
import type { Carrier, Flow, Op } from '../../src/observables/flow.ts';
import { mapAsync } from '../../src/observables/map-async.ts';
import {
  concatMap,
  EMPTY,
  exhaustMap,
  map,
  mergeMap,
  NEVER,
  Observable,
  of,
  Subject,
  switchMap,
  take,
  throwError,
} from '../../src/rx.ts';
import { FakeUpstream, SlowConsumer } from './support/fake-upstream.ts';

const range = (length: number): number[] => Array.from({ length }, (_, index) => index);
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** Inners that are completed by hand, with a count of those that are active. */
class Inners {
  readonly subjects: Subject<string>[] = [];
  active = 0;
  most = 0;
  begun = 0;
  unsubscribed = 0;
  readonly make = (): Observable<string> =>
    new Observable((subscriber) => {
      const subject = new Subject<string>();
      this.subjects.push(subject);
      this.active++;
      this.begun++;
      this.most = Math.max(this.most, this.active);
      subscriber.add(() => {
        this.active--;
        this.unsubscribed++;
      });
      subject.subscribe(subscriber);
    });
  finish(index: number, ...values: string[]): void {
    for (const value of values) this.subjects[index]?.next(value);
    this.subjects[index]?.complete();
  }
}

describe('a loop, not recursion', () => {
  const COUNT = 100_000;

  it('concatMap takes 100,000 synchronous inners, in order', () => {
    const got: number[] = [];
    let completed = false;
    of(...range(COUNT))
      .pipe(concatMap((n) => of(n)))
      .subscribe({ next: (n) => got.push(n), complete: () => (completed = true) });
    expect(got).toEqual(range(COUNT));
    expect(completed).toBe(true);
  });

  it('concatMap takes 100,000 synchronous inners that wait for a first one', () => {
    const first = new Subject<number>();
    const got: number[] = [];
    let completed = false;
    const source = new Subject<number>();
    source
      .pipe(concatMap((n) => (n === 0 ? first : of(n)), { maxBuffered: COUNT }))
      .subscribe({ next: (n) => got.push(n), complete: () => (completed = true) });
    for (const n of range(COUNT)) source.next(n);
    source.complete();
    expect(got).toEqual([]);
    first.next(0);
    first.complete();
    expect(got).toEqual(range(COUNT));
    expect(completed).toBe(true);
  });

  it('mergeMap of 2 takes 100,000 inners that end at once', () => {
    let completed = false;
    const source = new FakeUpstream(COUNT);
    source.values.pipe(mergeMap(() => EMPTY, 2)).subscribe({ complete: () => (completed = true) });
    expect(source.emitted).toBe(COUNT);
    expect(completed).toBe(true);
  });

  it('holds and releases inside next, 100,000 times', async () => {
    const gate = new Subject<number>();
    const source = new Subject<number>();
    const got: number[] = [];
    const consumer = new SlowConsumer<number>();
    source.pipe(concatMap((n) => (n === 0 ? gate : of(n)), { maxBuffered: COUNT })).subscribe((n) => {
      got.push(n);
      consumer.next(n);
      consumer.release();
    });
    for (const n of range(COUNT)) source.next(n);
    gate.next(0);
    gate.complete();
    await turn();
    expect(got).toEqual(range(COUNT));
  });

  it('a source that is released inside next goes on in its own loop, 100,000 times', () => {
    const source = new FakeUpstream(COUNT);
    const got: number[] = [];
    const consumer = new SlowConsumer<number>();
    source.values.pipe(concatMap((n) => [n])).subscribe((n) => {
      got.push(n);
      consumer.next(n);
      consumer.release();
    });
    expect(got).toEqual(range(COUNT));
    expect(source.held).toBe(0);
  });

  it('a source that feeds itself through concatMap, 100,000 times', () => {
    const source = new Subject<number>();
    let last = 0;
    source.pipe(concatMap((n) => of(n))).subscribe((n) => {
      last = n;
      if (n < COUNT) source.next(n + 1);
    });
    source.next(1);
    expect(last).toBe(COUNT);
  });
});

describe('making the source wait', () => {
  it('concatMap begins one inner at a time, and pauses its source at the high-water mark', () => {
    const source = new FakeUpstream(5);
    const inners = new Inners();
    source.values.pipe(concatMap(inners.make, { highWaterMark: 1 })).subscribe();
    for (const n of range(5)) {
      expect(source.emitted).toBe(Math.min(n + 2, 5));
      expect(source.held).toBe(n < 4 ? 1 : 0);
      expect(inners.most).toBe(1);
      inners.finish(n, 'done');
    }
    expect(source.held).toBe(0);
    expect(source.unsubscribed).toBe(1);
  });

  it('mergeMap begins as many inners as its concurrency, and pauses its source at the high-water mark', () => {
    const source = new FakeUpstream(10);
    const inners = new Inners();
    source.values.pipe(mergeMap(inners.make, { concurrency: 3, highWaterMark: 2 })).subscribe();
    expect(source.emitted).toBe(5);
    expect(inners.active).toBe(3);
    inners.finish(1);
    // It goes on when half of what waited has begun.
    expect(source.emitted).toBe(6);
    inners.finish(0);
    inners.finish(2);
    expect(source.emitted).toBe(8);
    expect(inners.most).toBe(3);
    expect(source.held).toBe(1);
  });

  it('by default the mark is 16 items, or 64 KiB of bytes', () => {
    const items = new FakeUpstream(100);
    items.values.pipe(concatMap(() => NEVER)).subscribe();
    expect([items.emitted, items.held]).toEqual([17, 1]);
    const chunks = new FakeUpstream(100);
    chunks.values
      .pipe(
        map(() => Buffer.alloc(30_000)),
        concatMap(() => NEVER),
      )
      .subscribe();
    expect([chunks.emitted, chunks.held]).toEqual([4, 1]);
  });

  it('bytes count in arrays and objects too, or by sizeOf', () => {
    const nested = (make: () => unknown): number => {
      const source = new FakeUpstream(100);
      source.values
        .pipe(
          map(make),
          concatMap(() => NEVER),
        )
        .subscribe();
      return source.emitted - 1;
    };
    const bytes = Buffer.alloc(30_000);
    expect(nested(() => [1, bytes])).toBe(3);
    expect(nested(() => ({ type: 'body', message: bytes }))).toBe(3);
    expect(nested(() => ({ parts: [bytes, bytes] }))).toBe(2);
    expect(nested(() => new Map([[1, bytes]]))).toBe(16);
    const source = new FakeUpstream(100);
    source.values.pipe(concatMap(() => NEVER, { sizeOf: () => 20_000 })).subscribe();
    expect(source.emitted).toBe(5);
  });

  it.each([
    ['NaN', () => Number.NaN, { _tag: 'InvalidOptions', option: 'sizeOf' }],
    ['a negative number', () => -1, { _tag: 'InvalidOptions', option: 'sizeOf' }],
    [
      'an exception',
      () => {
        throw new TypeError('a mistake');
      },
      new TypeError('a mistake'),
    ],
  ])('sizeOf that gives %s ends it', (_name, sizeOf, expected) => {
    const consumer = new SlowConsumer<number>();
    of(1, 2)
      .pipe(concatMap(() => NEVER, { sizeOf }))
      .subscribe(consumer.observer);
    expect(consumer.error).toMatchObject(expected);
  });

  it('mergeMap without a concurrency never holds its source', () => {
    const source = new FakeUpstream(1_000);
    source.values.pipe(mergeMap(() => NEVER)).subscribe();
    expect(source.emitted).toBe(1_000);
    expect(source.holds).toBe(0);
  });

  it('holds both of two sources that are merged, and queues one value of the second', () => {
    const one = new FakeUpstream(3);
    const two = new FakeUpstream(3, 100);
    const both = new Observable<number>((subscriber) => {
      one.values.subscribe(subscriber);
      two.values.subscribe(subscriber);
    });
    const inners = new Inners();
    both.pipe(concatMap(inners.make, { highWaterMark: 1 })).subscribe();
    expect([one.emitted, two.emitted]).toEqual([2, 1]);
    expect([one.held, two.held]).toEqual([1, 1]);
    inners.finish(0);
    expect([one.emitted, two.emitted]).toEqual([2, 1]);
    inners.finish(1);
    expect([one.emitted, two.emitted]).toEqual([3, 2]);
  });

  it('queues what comes of one chunk though it is held, and fails above the mark', () => {
    const burst = (count: number): Observable<unknown> => {
      const source = new FakeUpstream(1);
      const spread = new Observable<number>((subscriber) =>
        source.values.subscribe(() => {
          for (const n of range(count)) subscriber.next(n);
        }),
      );
      return spread.pipe(concatMap(() => NEVER, { maxBuffered: 10 }));
    };
    const fine = new SlowConsumer<unknown>();
    burst(11).subscribe(fine.observer);
    expect(fine.error).toBeUndefined();
    const tooMuch = new SlowConsumer<unknown>();
    burst(12).subscribe(tooMuch.observer);
    expect(tooMuch.error).toBeInstanceOf(BufferOverflow);
  });
});

describe('a consumer that holds what an inner emits', () => {
  it('holds the upstream of the inner, when it has one, and not the source', () => {
    const source = new FakeUpstream(1);
    const inner = new FakeUpstream(10, 100);
    const consumer = new SlowConsumer<number>();
    source.values.pipe(mergeMap(() => inner.values)).subscribe(consumer.observer);
    expect(inner.emitted).toBe(1);
    expect(inner.held).toBe(1);
    expect(source.held).toBe(0);
    consumer.drain();
    expect(consumer.values).toEqual(range(10).map((n) => n + 100));
    expect(consumer.completed).toBe(true);
  });

  it('holds the source, when it is the source whose turn it is', () => {
    const source = new FakeUpstream(10);
    const consumer = new SlowConsumer<number>();
    source.values.pipe(mergeMap((n) => of(n, -n))).subscribe(consumer.observer);
    expect(source.emitted).toBe(1);
    expect(consumer.values).toEqual([0, -0]);
    expect(source.held).toBe(2);
  });

  it('an iterable of an inner waits in the middle', () => {
    const source = new FakeUpstream(2);
    const consumer = new SlowConsumer<number>();
    source.values.pipe(concatMap((n) => [n, n + 10, n + 20])).subscribe(consumer.observer);
    expect(consumer.values).toEqual([0]);
    expect(source.emitted).toBe(1);
    consumer.release();
    expect(consumer.values).toEqual([0, 10]);
    consumer.drain();
    expect(consumer.values).toEqual([0, 10, 20, 1, 11, 21]);
  });

  it('what a promise or timer brings is kept by the operator, which stops its source', () => {
    const source = new FakeUpstream(6);
    const inners = new Inners();
    const consumer = new SlowConsumer<string>();
    source.values.pipe(mergeMap(inners.make, { concurrency: 2, highWaterMark: 1 })).subscribe(consumer.observer);
    inners.finish(0, 'a', 'b');
    // It was held at "a": "b" is kept, its inner keeps the slot, nothing new begins.
    expect(consumer.values).toEqual(['a']);
    expect([source.emitted, inners.begun]).toEqual([3, 2]);
    inners.finish(1, 'c');
    expect(consumer.values).toEqual(['a']);
    expect([source.emitted, inners.begun]).toEqual([3, 2]);
    consumer.release();
    expect(consumer.values).toEqual(['a', 'b']);
    expect([source.emitted, inners.begun]).toEqual([3, 2]);
    consumer.release();
    expect(consumer.values).toEqual(['a', 'b', 'c']);
    // Both are free, and still it is held at "c".
    expect([source.emitted, inners.begun]).toEqual([3, 2]);
    consumer.release();
    expect([source.emitted, inners.begun]).toEqual([5, 4]);
  });

  it('completes after what is kept', () => {
    const inners = new Inners();
    const consumer = new SlowConsumer<string>();
    of(1).pipe(mergeMap(inners.make)).subscribe(consumer.observer);
    inners.finish(0, 'a', 'b', 'c');
    expect(consumer.completed).toBe(false);
    consumer.drain();
    expect(consumer.values).toEqual(['a', 'b', 'c']);
    expect(consumer.completed).toBe(true);
  });

  it('fails after what is kept, and gives up the others at once', () => {
    const source = new FakeUpstream(10);
    const inners = new Inners();
    const consumer = new SlowConsumer<string>();
    source.values.pipe(mergeMap(inners.make, 2)).subscribe(consumer.observer);
    inners.subjects[0]?.next('a');
    inners.subjects[0]?.next('b');
    inners.subjects[1]?.error(new Error('broken'));
    expect(inners.active).toBe(0);
    expect(source.unsubscribed).toBe(1);
    expect(source.held).toBe(0);
    expect(consumer.error).toBeUndefined();
    consumer.drain();
    expect(consumer.values).toEqual(['a', 'b']);
    expect(consumer.error).toEqual(new Error('broken'));
  });

  it('an inner that has an upstream waits behind what is kept', () => {
    const late = new FakeUpstream(3, 100, 0);
    const inners = new Inners();
    const source = new Subject<Observable<number | string>>();
    const consumer = new SlowConsumer<number | string>();
    source.pipe(mergeMap((inner) => inner)).subscribe(consumer.observer);
    source.next(inners.make());
    source.next(late.values);
    inners.subjects[0]?.next('a');
    inners.subjects[0]?.next('b');
    late.allow(3);
    expect(consumer.values).toEqual(['a']);
    expect([late.emitted, late.held]).toEqual([1, 1]);
    consumer.drain();
    inners.finish(0);
    expect(consumer.values).toEqual(['a', 'b', 100, 101, 102]);
    expect(late.held).toBe(0);
  });

  it('what goes on inside the delivery of somebody else is not blamed on him', () => {
    const other = new FakeUpstream(1, 0, 0);
    const first = new Subject<number>();
    const source = new Subject<number>();
    const consumer = new SlowConsumer<number>();
    source.pipe(concatMap((n) => (n === 0 ? first : of(n)))).subscribe(consumer.observer);
    other.values.subscribe(() => consumer.release());
    source.next(0);
    source.next(1);
    first.next(0);
    first.complete();
    other.allow(1);
    expect(consumer.values).toEqual([0, 1]);
    expect(consumer.upstreams).not.toContain(other);
    expect(other.holds).toBe(0);
  });

  it('switchMap gives up what was kept of the inner before', () => {
    const source = new Subject<number>();
    const inners = new Inners();
    const consumer = new SlowConsumer<string>();
    source.pipe(switchMap(inners.make)).subscribe(consumer.observer);
    source.next(0);
    inners.subjects[0]?.next('a');
    inners.subjects[0]?.next('stale');
    source.next(1);
    inners.subjects[1]?.next('fresh');
    consumer.drain();
    expect(consumer.values).toEqual(['a', 'fresh']);
    expect(inners.active).toBe(1);
  });

  it('exhaustMap counts an inner as active until it is out', () => {
    const source = new Subject<number>();
    const inners = new Inners();
    const consumer = new SlowConsumer<string>();
    source.pipe(exhaustMap(inners.make)).subscribe(consumer.observer);
    source.next(0);
    inners.finish(0, 'a', 'b');
    source.next(1);
    expect(inners.subjects).toHaveLength(1);
    consumer.drain();
    source.next(2);
    expect(inners.subjects).toHaveLength(2);
  });
});

describe('what can not be made to wait', () => {
  const overflow = (flow: Observable<unknown>): BufferOverflow => {
    const consumer = new SlowConsumer<unknown>();
    flow.subscribe(consumer.observer);
    if (!(consumer.error instanceof BufferOverflow)) throw new Error('it did not overflow');
    return consumer.error;
  };

  it('waits up to 16,384 items, then BufferOverflow says what to do', () => {
    const failure = overflow(of(...range(16_386)).pipe(concatMap(() => NEVER)));
    expect(failure).toMatchObject({ _tag: 'BufferOverflow', limit: 16_384, queued: 16_385, unit: 'items' });
    expect(failure.message).toBe(
      "concatMap has 16385 items waiting, the limit is 16384: its source can't be made to wait; " +
        'slow it down, drop what may be dropped before it (paced, sampleTime …), or raise maxBuffered',
    );
  });

  it('waits up to 16 MiB where the items are bytes', () => {
    const chunk = Buffer.alloc(1024 * 1024);
    const failure = overflow(of(...range(18).map(() => chunk)).pipe(concatMap(() => NEVER)));
    expect(failure).toMatchObject({ limit: 16 * 1024 * 1024, queued: 17 * 1024 * 1024, unit: 'bytes' });
  });

  it('has both marks as options', () => {
    expect(overflow(of(1, 2, 3, 4).pipe(mergeMap(() => NEVER, { concurrency: 1, maxBuffered: 2 })))).toMatchObject({
      limit: 2,
      queued: 3,
    });
    const text = of('aa', 'bb', 'cc').pipe(concatMap(() => NEVER, { maxBufferedBytes: 3 }));
    expect(overflow(text)).toMatchObject({ limit: 3, queued: 4, unit: 'bytes' });
  });

  it('the same for what inners emit while the consumer holds', () => {
    const inner = of(...range(5));
    const source = new Subject<number>();
    const consumer = new SlowConsumer<number>();
    source.pipe(mergeMap(() => inner, { maxBuffered: 3 })).subscribe(consumer.observer);
    source.next(0);
    expect(consumer.values).toEqual([0]);
    expect(consumer.error).toMatchObject({ _tag: 'BufferOverflow', limit: 3, queued: 4 });
  });

  it('lets go of everything when it overflows', () => {
    const upstream = new FakeUpstream(10);
    const source = new Subject<number>();
    const inners = new Inners();
    const merged = new Observable<number>((subscriber) => {
      subscriber.add(upstream.values.subscribe(subscriber));
      subscriber.add(source.subscribe(subscriber));
    });
    const consumer = new SlowConsumer<unknown>();
    merged.pipe(concatMap(inners.make, { maxBuffered: 1 })).subscribe(consumer.observer);
    expect(upstream.held).toBe(1);
    source.next(0);
    source.next(1);
    expect(consumer.error).toBeInstanceOf(BufferOverflow);
    expect(upstream.held).toBe(0);
    expect(inners.active).toBe(0);
    expect(source.observed).toBe(false);
  });
});

describe('ends', () => {
  it('unsubscribing cancels the inners and releases the source', () => {
    const source = new FakeUpstream(10);
    const inners = new Inners();
    const subscription = source.values.pipe(mergeMap(inners.make, { concurrency: 2, highWaterMark: 3 })).subscribe();
    expect(inners.active).toBe(2);
    expect(source.held).toBe(1);
    subscription.unsubscribe();
    expect(inners.active).toBe(0);
    expect(source.held).toBe(0);
    expect(source.unsubscribed).toBe(1);
    expect(source.emitted).toBe(5);
  });

  it('stops an inner that emits in a loop', () => {
    let asked = 0;
    const endless = new Observable<number>((subscriber) => {
      while (!subscriber.closed) subscriber.next(asked++);
    });
    const got: number[] = [];
    of(1)
      .pipe(
        mergeMap(() => endless),
        take(3),
      )
      .subscribe((n) => got.push(n));
    expect(got).toEqual([0, 1, 2]);
    expect(asked).toBe(3);
  });

  it('an exception of project travels as it is', () => {
    const error = new RangeError('mine');
    const consumer = new SlowConsumer<unknown>();
    of(1)
      .pipe(
        mergeMap((): Observable<number> => {
          throw error;
        }),
      )
      .subscribe(consumer.observer);
    expect(consumer.error).toBe(error);
  });

  it('an error of an inner, or of the source, travels as it is', () => {
    type Flatten = (project: () => Flow<number, unknown>) => Op<number, unknown, unknown>;
    const operators: readonly Flatten[] = [mergeMap, concatMap, switchMap, exhaustMap];
    for (const operator of operators) {
      const error = new Error('inner');
      const consumer = new SlowConsumer<unknown>();
      of(1)
        .pipe(operator(() => throwError(() => error)))
        .subscribe(consumer.observer);
      expect(consumer.error).toBe(error);
      const other = new SlowConsumer<unknown>();
      throwError(() => error)
        .pipe(operator(() => of(1)))
        .subscribe(other.observer);
      expect(other.error).toBe(error);
    }
  });

  it('a project that returns no input of an Observable is a TypeError', () => {
    for (const nothing of [undefined, null, 7, {}, Symbol('no')]) {
      const consumer = new SlowConsumer<unknown>();
      of(1)
        // What JavaScript may do and the type refuses.
        .pipe(mergeMap(() => nothing as never))
        .subscribe(consumer.observer);
      expect(consumer.error).toBeInstanceOf(TypeError);
      expect(String(consumer.error)).toMatch(/is no input of an Observable: an Observable, a promise, .* was expected/);
    }
  });

  it.each([0, -1, 1.5, Number.NaN, '2'])('a concurrency of %s is InvalidOptions, on subscription', (concurrency) => {
    const source = new FakeUpstream(1);
    const flow = source.values.pipe(mergeMap(() => EMPTY, { concurrency: concurrency as number }));
    const consumer = new SlowConsumer<unknown>();
    flow.subscribe(consumer.observer);
    expect(consumer.error).toMatchObject({ _tag: 'InvalidOptions', option: 'concurrency', value: concurrency });
    expect(source.subscribed).toBe(0);
  });

  it('gives project the index', () => {
    const got: string[] = [];
    of('a', 'b')
      .pipe(concatMap((value, index) => [`${index}${value}`]))
      .subscribe((each) => got.push(each));
    expect(got).toEqual(['0a', '1b']);
  });
});

describe('what is no function, or no options', () => {
  const error = (flow: Observable<unknown>): unknown => {
    const consumer = new SlowConsumer<unknown>(false);
    flow.subscribe(consumer.observer);
    return consumer.error;
  };
  const project = (): Observable<never> => EMPTY;
  type Operator = (project: never, options?: never) => (source: Observable<unknown> & Carrier) => Observable<unknown>;
  const queueing: [string, Operator][] = [
    ['concatMap', concatMap],
    ['switchMap', switchMap],
    ['exhaustMap', exhaustMap],
  ];

  it('mapAsync: work', () => {
    for (const value of [5, undefined, null, {}, EMPTY]) {
      expect(error(NEVER.pipe(mapAsync(value as never)))).toMatchObject({
        _tag: 'InvalidOptions',
        option: 'work',
        value,
        allowed: 'a function',
      });
    }
  });

  it.each<[string, Operator]>([...queueing, ['mapAsync', mapAsync]])(
    '%s takes no bare number, nor anything else that is no object',
    (_name, operator) => {
      for (const value of [5, 'text', true, [5]]) {
        expect(error(NEVER.pipe(operator(project as never, value as never)))).toMatchObject({
          _tag: 'InvalidOptions',
          option: 'options',
          value,
          message: expect.stringContaining('must be an object') as string,
        });
      }
    },
  );

  it.each(queueing)('%s has no concurrency, and says what it has', (_name, operator) => {
    const options = { concurrency: 5 };
    expect(error(NEVER.pipe(operator(project as never, options as never)))).toMatchObject({
      _tag: 'InvalidOptions',
      option: 'concurrency',
      value: 5,
      allowed: 'one of highWaterMark, maxBuffered, maxBufferedBytes, sizeOf',
    });
  });

  it('mergeMap takes a bare number', () => {
    expect(error(of(1).pipe(mergeMap(project, 5)))).toBeUndefined();
    expect(error(NEVER.pipe(mergeMap(project, 0)))).toMatchObject({ _tag: 'InvalidOptions', option: 'concurrency' });
  });
});
