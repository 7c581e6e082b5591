import * as fc from 'fast-check';
import { from, map, NEVER, Observable, of, Subject, timer } from '../../src/rx.ts';
import { TestScheduler } from 'rxjs/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { BufferOverflow } from '../../src/core/failures/index.ts';
import { currentUpstream } from '../../src/core/demand.ts';
import { mapAsync } from '../../src/observables/map-async.ts';
import { FakeUpstream, SlowConsumer } from './support/fake-upstream.ts';

const range = (length: number): number[] => Array.from({ length }, (_, index) => index);
const sleep = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));
const microtasks = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};

/** Promises that are settled by hand. */
class Works {
  readonly settle: { readonly resolve: (value: unknown) => void; readonly reject: (error: unknown) => void }[] = [];
  readonly work = (_value: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => void this.settle.push({ resolve, reject }));
  async resolve(index: number, value: unknown): Promise<void> {
    this.settle[index]?.resolve(value);
    await microtasks();
  }
}

describe('mapAsync', () => {
  it('takes 100,000 values whose work is synchronous, in order', () => {
    const source = new FakeUpstream(100_000);
    const got: number[] = [];
    let completed = false;
    source.values.pipe(mapAsync((n) => n)).subscribe({ next: (n) => got.push(n), complete: () => (completed = true) });
    expect(got).toEqual(range(100_000));
    expect(source.holds).toBe(0);
    expect(completed).toBe(true);
  });

  it.each([1, 4])(
    'takes 100,000 values whose work is an Observable that ends at once (concurrency %s)',
    (concurrency) => {
      const got: number[] = [];
      of(...range(100_000))
        .pipe(mapAsync((n) => of(n), { concurrency }))
        .subscribe((n) => got.push(n));
      expect(got).toEqual(range(100_000));
    },
  );

  it('takes 100,000 values that waited for a first one', async () => {
    const first = Promise.resolve(0);
    const got: unknown[] = [];
    of(...range(100_000))
      .pipe(mapAsync((n) => (n === 0 ? first : n), { maxBuffered: 100_000 }))
      .subscribe((n) => got.push(n));
    expect(got).toEqual([]);
    await microtasks();
    expect(got).toEqual(range(100_000));
  });

  it('emits values that are no promise and no Observable as they are', () => {
    const got: unknown[] = [];
    // oxlint-disable-next-line unicorn/no-thenable -- it is none: its then is no function
    const values = [undefined, null, 'text', [1, 2], new Map([[1, 2]]), Buffer.from('x'), { then: 1 }];
    of(...values)
      .pipe(mapAsync((each) => each))
      .subscribe((each) => got.push(each));
    expect(got).toEqual(values);
  });

  it('a synchronous result leaves with the upstream that brought the value', () => {
    const source = new FakeUpstream(10);
    const consumer = new SlowConsumer<number>();
    source.values.pipe(mapAsync((n) => n)).subscribe(consumer.observer);
    expect(consumer.upstreams).toEqual([source]);
    expect(source.emitted).toBe(1);
    consumer.drain();
    expect(consumer.values).toEqual(range(10));
  });

  it('emits in the order of the source, whatever is finished first', async () => {
    const works = new Works();
    const got: unknown[] = [];
    let completed = false;
    of(0, 1, 2)
      .pipe(mapAsync(works.work, { concurrency: 3 }))
      .subscribe({ next: (each) => got.push(each), complete: () => (completed = true) });
    await works.resolve(2, 'c');
    await works.resolve(1, 'b');
    expect(got).toEqual([]);
    await works.resolve(0, 'a');
    expect(got).toEqual(['a', 'b', 'c']);
    expect(completed).toBe(true);
  });

  it('a value that is finished counts until it is emitted', async () => {
    const source = new FakeUpstream(10);
    const works = new Works();
    source.values.pipe(mapAsync(works.work, { concurrency: 2, highWaterMark: 1 })).subscribe();
    expect(source.emitted).toBe(3);
    await works.resolve(1, 'b');
    expect(source.emitted).toBe(3);
    expect(source.held).toBe(1);
    await works.resolve(0, 'a');
    expect(source.emitted).toBe(5);
  });

  it('is itself an upstream that can be held', async () => {
    const source = new FakeUpstream(10);
    const works = new Works();
    const consumer = new SlowConsumer<unknown>();
    source.values.pipe(mapAsync(works.work, { concurrency: 2, highWaterMark: 1 })).subscribe(consumer.observer);
    await works.resolve(0, 'a');
    await works.resolve(1, 'b');
    expect(consumer.values).toEqual(['a']);
    expect(consumer.upstreams[0]).toMatchObject({ emitting: undefined });
    expect(source.emitted).toBe(3);
    consumer.release();
    expect(consumer.values).toEqual(['a', 'b']);
    expect(source.emitted).toBe(3);
    consumer.release();
    expect(source.emitted).toBe(5);
  });

  it('says what it is emitting', async () => {
    const seen: unknown[] = [];
    of(1)
      .pipe(mapAsync(async () => 'result'))
      .subscribe(() => seen.push(currentUpstream()?.emitting));
    await microtasks();
    expect(seen).toEqual(['result']);
  });

  it('what the source emits out of the work waits its turn', () => {
    const source = new Subject<number>();
    const got: number[] = [];
    let nested = 0;
    let most = 0;
    source
      .pipe(
        mapAsync((n) => {
          most = Math.max(most, ++nested);
          if (n < 3) source.next(n + 1);
          nested--;
          return n;
        }),
      )
      .subscribe((n) => got.push(n));
    source.next(0);
    expect(got).toEqual([0, 1, 2, 3]);
    expect(most).toBe(1);
  });

  it('emits all that an Observable emits, the first one at once and the others in their turn', () => {
    const inners = [new Subject<string>(), new Subject<string>()] as const;
    const got: string[] = [];
    of(0, 1)
      .pipe(mapAsync((n) => inners[n as 0 | 1], { concurrency: 2 }))
      .subscribe((each) => got.push(each));
    inners[1].next('b1');
    inners[0].next('a1');
    expect(got).toEqual(['a1']);
    inners[0].complete();
    expect(got).toEqual(['a1', 'b1']);
    inners[1].next('b2');
    expect(got).toEqual(['a1', 'b1', 'b2']);
  });

  it('an Observable that is not first is made to wait, if it can be', () => {
    const first = new Subject<number>();
    const second = new FakeUpstream(5, 100);
    const got: number[] = [];
    of(0, 1)
      .pipe(mapAsync((n) => (n === 0 ? first : second.values), { concurrency: 2, highWaterMark: 2 }))
      .subscribe((n) => got.push(n));
    expect(second.emitted).toBe(2);
    expect(second.held).toBe(1);
    first.next(0);
    first.complete();
    expect(got).toEqual([0, 100, 101, 102, 103, 104]);
    expect(second.held).toBe(0);
  });

  it('an Observable that ends at once and is not first does not make the source wait', () => {
    const first = new Subject<number>();
    const source = new FakeUpstream(4);
    const got: number[] = [];
    source.values.pipe(mapAsync((n) => (n === 0 ? first : of(n)), { concurrency: 4 })).subscribe((n) => got.push(n));
    expect(source.emitted).toBe(4);
    first.complete();
    expect(got).toEqual([1, 2, 3]);
    expect(source.held).toBe(0);
  });

  it('fails with BufferOverflow when its source can not wait', () => {
    const consumer = new SlowConsumer<unknown>();
    of(...range(5))
      .pipe(mapAsync(() => NEVER, { maxBuffered: 3 }))
      .subscribe(consumer.observer);
    expect(consumer.error).toBeInstanceOf(BufferOverflow);
    expect(String(consumer.error)).toContain('mapAsync has 4 items waiting');
  });
});

describe('failing', () => {
  it('a rejection and an exception travel as they are', async () => {
    const error = new RangeError('mine');
    const rejecting = new SlowConsumer<unknown>();
    of(1)
      .pipe(mapAsync(() => Promise.reject(error)))
      .subscribe(rejecting.observer);
    const throwing = new SlowConsumer<unknown>();
    of(1)
      .pipe(
        mapAsync(() => {
          throw error;
        }),
      )
      .subscribe(throwing.observer);
    await microtasks();
    expect(rejecting.error).toBe(error);
    expect(throwing.error).toBe(error);
  });

  it('comes after the results before it, and gives up what is after it', async () => {
    const source = new FakeUpstream(10);
    const works = new Works();
    const signals: AbortSignal[] = [];
    const consumer = new SlowConsumer<unknown>(false);
    source.values
      .pipe(
        mapAsync(
          (value, signal) => {
            signals.push(signal);
            return works.work(value);
          },
          { concurrency: 3 },
        ),
      )
      .subscribe(consumer.observer);
    works.settle[1]?.reject(new Error('second'));
    await microtasks();
    expect(signals.map((signal) => signal.aborted)).toEqual([false, false, true]);
    expect(source.unsubscribed).toBe(1);
    expect(source.held).toBe(0);
    expect(consumer.error).toBeUndefined();
    await works.resolve(0, 'first');
    expect(consumer.values).toEqual(['first']);
    expect(consumer.error).toEqual(new Error('second'));
  });

  it('an exception lets go of the source at once, though results before it are not out', async () => {
    const source = new FakeUpstream(10);
    const works = new Works();
    const consumer = new SlowConsumer<unknown>(false);
    const work = (n: number): Promise<unknown> => {
      if (n === 1) throw new Error('second');
      return works.work(n);
    };
    source.values.pipe(mapAsync(work, { concurrency: 2 })).subscribe(consumer.observer);
    expect(source.held).toBe(0);
    expect(source.unsubscribed).toBe(1);
    await works.resolve(0, 'first');
    expect(consumer.values).toEqual(['first']);
    expect(consumer.error).toEqual(new Error('second'));
  });

  it('an error of the source ends it at once', async () => {
    const source = new FakeUpstream(100);
    const aborted: boolean[] = [];
    const consumer = new SlowConsumer<unknown>();
    source.values
      .pipe(
        mapAsync((_, signal) => {
          signal.addEventListener('abort', () => aborted.push(true));
          return new Promise(() => undefined);
        }),
      )
      .subscribe(consumer.observer);
    source.fail(new Error('reset'));
    expect(consumer.error).toEqual(new Error('reset'));
    expect(aborted).toEqual([true]);
    expect(source.held).toBe(0);
    await microtasks();
  });

  it('a thenable that throws is an error', async () => {
    const consumer = new SlowConsumer<unknown>();
    const broken: PromiseLike<number> = {
      // oxlint-disable-next-line unicorn/no-thenable -- the very thing under test
      then: () => {
        throw new Error('then');
      },
    };
    of(1)
      .pipe(mapAsync(() => broken))
      .subscribe(consumer.observer);
    await microtasks();
    expect(consumer.error).toEqual(new Error('then'));
  });

  it('a concurrency that is none is InvalidOptions', () => {
    const consumer = new SlowConsumer<unknown>();
    of(1)
      .pipe(mapAsync((n) => n, { concurrency: 0 }))
      .subscribe(consumer.observer);
    expect(consumer.error).toMatchObject({ _tag: 'InvalidOptions', option: 'concurrency' });
  });
});

describe('unsubscribing', () => {
  it('aborts the signals, unsubscribes the Observables and releases the source', async () => {
    const source = new FakeUpstream(10);
    const signals: AbortSignal[] = [];
    let unsubscribed = 0;
    const calls: unknown[] = [];
    const works = new Works();
    const subscription = source.values
      .pipe(
        mapAsync(
          (n, signal): Promise<unknown> | Observable<unknown> => {
            signals.push(signal);
            return n % 2 === 0 ? works.work(n) : new Observable(() => () => unsubscribed++);
          },
          { concurrency: 4, highWaterMark: 1 },
        ),
      )
      .subscribe((each) => calls.push(each));
    expect(source.held).toBe(1);
    subscription.unsubscribe();
    expect(signals.map((signal) => signal.aborted)).toEqual([true, true, true, true]);
    expect(unsubscribed).toBe(2);
    expect(source.held).toBe(0);
    expect(source.unsubscribed).toBe(1);
    // What is settled later goes nowhere.
    await works.resolve(0, 'late');
    works.settle[1]?.reject(new Error('late'));
    await microtasks();
    expect(calls).toEqual([]);
  });

  it('does not abort what is finished', async () => {
    const signals: AbortSignal[] = [];
    const subscription = of(1)
      .pipe(
        mapAsync(async (n, signal) => {
          signals.push(signal);
          return n;
        }),
      )
      .subscribe();
    await microtasks();
    subscription.unsubscribe();
    expect(signals[0]?.aborted).toBe(false);
  });

  it('makes no signal for a function that takes none', () => {
    const created = vi.spyOn(globalThis, 'AbortController');
    of(1, 2, 3)
      .pipe(mapAsync((n) => n))
      .subscribe();
    expect(created).not.toHaveBeenCalled();
    of(1, 2, 3)
      .pipe(mapAsync((n, _signal) => n))
      .subscribe();
    expect(created).toHaveBeenCalledTimes(3);
  });
});

describe('with time turned by hand', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('never does more at a time than its concurrency, and keeps the order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(50), { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 6 }),
        fc.boolean(),
        async (delays, concurrency, slow) => {
          const source = new FakeUpstream(delays.length);
          const consumer = new SlowConsumer<number>(slow);
          let active = 0;
          let most = 0;
          source.values
            .pipe(
              mapAsync(
                async (n) => {
                  most = Math.max(most, ++active);
                  await sleep(delays[n] ?? 0);
                  active--;
                  return n;
                },
                { concurrency },
              ),
            )
            .subscribe(consumer.observer);
          for (let i = 0; i < 5_000 && !consumer.completed; i++) {
            await vi.advanceTimersByTimeAsync(5);
            consumer.release();
          }
          expect(consumer.values).toEqual(range(delays.length));
          expect(consumer.completed).toBe(true);
          expect(most).toBeLessThanOrEqual(concurrency);
          expect(most).toBe(Math.min(concurrency, delays.length));
          expect(source.held).toBe(0);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('marbles', () => {
  it('runs the inners side by side and emits them one after the other', () => {
    new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(
      ({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('-a-b-c---|');
        const inner = cold('  --x|');
        const slow = cold('   -----y|');
        const result = from(source).pipe(
          mapAsync((v) => (v === 'a' ? slow : inner).pipe(map((each) => v + each)), { concurrency: 2 }),
        );
        // "c" begins when "a" has its last value out.
        expectObservable(result).toBe('------pq-r|', { p: 'ay', q: 'bx', r: 'cx' });
        expectSubscriptions(inner.subscriptions).toBe(['---^--!', '-------^--!']);
      },
    );
  });

  it('a delay of virtual time is what it waits for', () => {
    new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(({ cold, expectObservable }) => {
      const result = from(cold('ab|')).pipe(mapAsync((v) => timer(3).pipe(map(() => v))));
      expectObservable(result).toBe('---a--(b|)');
    });
  });
});
