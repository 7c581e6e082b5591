import { filter, map, NEVER, type Observable, of, share, skip, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { BufferOverflow } from '../../src/core/failures/index.ts';
import { combineLatest, concat, defer, merge, race, zip } from '../../src/rx.ts';
import { FakeUpstream, SlowConsumer } from './support/fake-upstream.ts';

const range = (length: number): number[] => Array.from({ length }, (_, index) => index);

describe('merge and concat', () => {
  it('join 100,000 flows that end at once, in a loop', () => {
    const flows = range(100_000).map((n) => of(n));
    for (const joined of [merge(...flows), merge(...flows, 1), concat(...flows)]) {
      const consumer = new SlowConsumer<number>();
      joined.subscribe(consumer.observer);
      expect(consumer.values).toEqual(range(100_000));
      expect(consumer.completed).toBe(true);
    }
  });

  it('a slow consumer holds the flow whose value it is', () => {
    const one = new FakeUpstream(3);
    const two = new FakeUpstream(3, 100);
    const consumer = new SlowConsumer<number>();
    merge(one.values, two.values).subscribe(consumer.observer);
    expect(consumer.values).toEqual([0, 100]);
    expect(consumer.upstreams).toEqual([one, two]);
    consumer.drain();
    expect(consumer.values).toEqual([0, 100, 1, 2, 101, 102]);
    expect(consumer.completed).toBe(true);
  });

  it('concat does not begin the next flow before the one that is held has ended', () => {
    const one = new FakeUpstream(2);
    const two = new FakeUpstream(2, 100);
    const consumer = new SlowConsumer<number>();
    concat(one.values, two.values).subscribe(consumer.observer);
    expect(two.subscribed).toBe(0);
    consumer.drain();
    expect(consumer.values).toEqual([0, 1, 100, 101]);
  });

  it('unsubscribing ends them all, and an error of one the others', () => {
    const flows = [new FakeUpstream(3), new FakeUpstream(3)] as const;
    const subscription = merge(flows[0].values, flows[1].values).subscribe(new SlowConsumer<number>().observer);
    subscription.unsubscribe();
    expect(flows.map((flow) => flow.unsubscribed)).toEqual([1, 1]);
    const other = new FakeUpstream(3, 0, 1);
    const failing = new Subject<number>();
    const consumer = new SlowConsumer<number>();
    merge(other.values, failing).subscribe(consumer.observer);
    failing.error(new Error('one'));
    expect(consumer.error).toEqual(new Error('one'));
    expect(other.unsubscribed).toBe(1);
  });

  it('what is no input of an Observable is a TypeError in the error channel', () => {
    const consumer = new SlowConsumer<unknown>();
    concat(of(1), 7 as never).subscribe(consumer.observer);
    expect(consumer.values).toEqual([1]);
    expect(consumer.error).toBeInstanceOf(TypeError);
  });
});

describe('race', () => {
  it('unsubscribes the losers, and the winner can be held', () => {
    const loser = new FakeUpstream(3, 0, 0);
    const winner = new FakeUpstream(3, 100, 0);
    const consumer = new SlowConsumer<number>();
    race(loser.values, winner.values).subscribe(consumer.observer);
    winner.allow(3);
    expect(loser.unsubscribed).toBe(1);
    expect(consumer.values).toEqual([100]);
    consumer.drain();
    expect(consumer.values).toEqual([100, 101, 102]);
  });

  it('one that emits at once keeps the others from being subscribed to', () => {
    const late = new FakeUpstream(1);
    const consumer = new SlowConsumer<number>(false);
    race(of(1), late.values).subscribe(consumer.observer);
    expect(consumer.values).toEqual([1]);
    expect(late.subscribed).toBe(0);
  });
});

describe('combineLatest', () => {
  it('passes on what is on the stack', () => {
    const one = new FakeUpstream(2, 0, 0);
    const two = new FakeUpstream(2, 100, 0);
    const consumer = new SlowConsumer<[number, number]>();
    combineLatest([one.values, two.values]).subscribe(consumer.observer);
    one.allow(1);
    two.allow(2);
    expect(consumer.values).toEqual([[0, 100]]);
    expect(consumer.upstreams).toEqual([two]);
    consumer.drain();
    expect(consumer.values).toEqual([
      [0, 100],
      [0, 101],
    ]);
  });

  it('gives a fresh array each time', () => {
    const got: unknown[][] = [];
    combineLatest([of(1), of(2, 3)]).subscribe((values) => got.push(values));
    expect(got).toEqual([
      [1, 2],
      [1, 3],
    ]);
  });
});

describe('defer', () => {
  it('passes on what is on the stack, and what the factory throws', () => {
    const source = new FakeUpstream(2);
    const consumer = new SlowConsumer<number>();
    defer(() => source.values).subscribe(consumer.observer);
    expect(consumer.upstreams).toEqual([source]);
    const failing = new SlowConsumer<number>();
    defer((): Observable<number> => {
      throw new Error('factory');
    }).subscribe(failing.observer);
    expect(failing.error).toEqual(new Error('factory'));
  });
});

describe('zip', () => {
  it('makes the one wait that is ahead, whichever it is', () => {
    const fast = new FakeUpstream(1_000);
    const slow = new FakeUpstream(1_000, 0, 0);
    const consumer = new SlowConsumer<[number, number]>(false);
    zip(fast.values, slow.values).subscribe(consumer.observer);
    expect(fast.emitted).toBe(16);
    expect(fast.held).toBe(1);
    slow.allow(16);
    expect(consumer.values).toHaveLength(16);
    expect(fast.emitted).toBe(32);
    slow.allow(1_000);
    expect(consumer.values).toEqual(range(1_000).map((n) => [n, n]));
    expect(fast.held).toBe(0);
    expect(fast.mostHolds).toBe(1);
  });

  it('zips 100,000 values of two paced flows', () => {
    const one = new FakeUpstream(100_000);
    const two = new FakeUpstream(100_000);
    const consumer = new SlowConsumer<[number, number]>(false);
    zip(one.values, two.values).subscribe(consumer.observer);
    expect(consumer.values).toHaveLength(100_000);
    expect(consumer.completed).toBe(true);
  });

  it('a consumer holds the one that brought what was missing', () => {
    const one = new FakeUpstream(3, 0, 1);
    const two = new FakeUpstream(3, 100, 0);
    const consumer = new SlowConsumer<[number, number]>();
    zip(one.values, two.values).subscribe(consumer.observer);
    two.allow(3);
    expect(consumer.upstreams).toEqual([two]);
    expect(two.emitted).toBe(1);
  });

  it('does not starve itself on one upstream that feeds both sides', () => {
    const source = new FakeUpstream(100, 0, 0);
    const shared = source.values.pipe(share());
    const consumer = new SlowConsumer<[number, number]>(false);
    zip(shared, shared.pipe(skip(1))).subscribe(consumer.observer);
    source.allow(1_000);
    expect(consumer.values).toEqual(range(99).map((n) => [n, n + 1]));
    expect(consumer.completed).toBe(true);
  });

  it('nor on one that feeds the one side much more often than the other', () => {
    const source = new FakeUpstream(200, 0, 0);
    const shared = source.values.pipe(share());
    const consumer = new SlowConsumer<[number, number]>(false);
    zip(shared, shared.pipe(filter((n) => n % 40 === 0))).subscribe(consumer.observer);
    source.allow(1_000);
    expect(consumer.values).toEqual(range(5).map((n) => [n, n * 40]));
    expect(source.emitted).toBe(200);
  });

  it('keeps what comes while it is held itself, and is bounded', () => {
    const one = new Subject<number>();
    const two = new Subject<number>();
    const consumer = new SlowConsumer<[number, number]>();
    zip([one, two], { maxBuffered: 3 }).subscribe(consumer.observer);
    for (const n of range(3)) {
      one.next(n);
      two.next(n);
    }
    expect(consumer.values).toEqual([[0, 0]]);
    consumer.release();
    expect(consumer.values).toEqual([
      [0, 0],
      [1, 1],
    ]);
    for (const n of range(3)) one.next(n);
    expect(consumer.error).toBeInstanceOf(BufferOverflow);
    expect(String(consumer.error)).toContain('zip has 4 items waiting');
    expect(two.observed).toBe(false);
  });

  it('lets go of what it holds when it is unsubscribed', () => {
    const fast = new FakeUpstream(1_000);
    const subscription = zip(fast.values, NEVER).subscribe();
    expect(fast.held).toBe(1);
    subscription.unsubscribe();
    expect(fast.held).toBe(0);
    expect(fast.unsubscribed).toBe(1);
  });

  it('tells arrays that are inputs from an array of inputs', () => {
    const got: unknown[] = [];
    zip([1, 2], [3, 4]).subscribe((pair) => got.push(pair));
    zip([of(1), [2]]).subscribe((pair) => got.push(pair));
    zip([1], [2], (a, b) => a + b).subscribe((sum) => got.push(sum));
    expect(got).toEqual([[1, 3], [2, 4], [1, 2], 3]);
  });

  it('an exception of project travels as it is', () => {
    const consumer = new SlowConsumer<number>();
    const error = new Error('project');
    zip([of(1), of(2)], (): number => {
      throw error;
    }).subscribe(consumer.observer);
    expect(consumer.error).toBe(error);
  });
});

describe('demand passes through RxJS’s own operators', () => {
  it('map, filter, share, merge: the upstream on the stack is the one that emitted', async () => {
    const rx = await import('rxjs');
    const one = new FakeUpstream(4);
    const two = new FakeUpstream(4, 100, 0);
    const consumer = new SlowConsumer<number>();
    rx.merge(one.values, two.values)
      .pipe(
        map((n) => n * 2),
        rx.filter((n) => n >= 0),
        rx.scan((_, n) => n, 0),
        share(),
      )
      .subscribe(consumer.observer);
    expect(consumer.upstreams).toEqual([one]);
    expect(one.emitted).toBe(1);
    two.allow(4);
    expect(consumer.upstreams).toEqual([one, two]);
    expect(two.emitted).toBe(1);
  });

  it('a takeUntil notifier still gets through while everything is held', async () => {
    const { takeUntil } = await import('rxjs');
    const source = new FakeUpstream(4);
    const notifier = new FakeUpstream(1, 0, 0);
    const consumer = new SlowConsumer<number>();
    source.values.pipe(takeUntil(notifier.values)).subscribe(consumer.observer);
    expect(source.held).toBe(1);
    notifier.allow(1);
    expect(consumer.completed).toBe(true);
    expect(source.unsubscribed).toBe(1);
  });
});
