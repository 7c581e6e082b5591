import { Readable } from 'node:stream';

import { firstValueFrom, of, take, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { from } from '../../src/rx.ts';
import { SlowConsumer } from './support/fake-upstream.ts';

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
const turns = async (): Promise<void> => {
  for (let i = 0; i < 10; i++) await turn();
};

describe('from', () => {
  it('passes an Observable as it is', () => {
    const source = of(1);
    expect(from(source)).toBe(source);
  });

  it('takes what RxJS’s takes', async () => {
    const all = (input: Parameters<typeof from>[0]): Promise<unknown[]> => firstValueFrom(from(input).pipe(toArray()));
    expect(await all([1, 2])).toEqual([1, 2]);
    expect(await all('abc')).toEqual(['a', 'b', 'c']);
    expect(await all(new Set([1, 2]))).toEqual([1, 2]);
    expect(await all({ length: 2, 0: 'a', 1: 'b' })).toEqual(['a', 'b']);
    expect(await all(Promise.resolve('later'))).toEqual(['later']);
    expect(await all(Readable.from(['x', 'y']))).toEqual(['x', 'y']);
    expect(await all(new Blob(['text']).stream().pipeThrough(new TextDecoderStream()))).toEqual(['text']);
    const interop = { [Symbol.observable ?? '@@observable']: () => of('from elsewhere') };
    // RxJS's type of it needs a symbol that is there by a polyfill only.
    expect(await all(interop as never)).toEqual(['from elsewhere']);
    expect(() => from(3 as never)).toThrow(TypeError);
  });

  it('an iterable is asked only while nobody holds it', () => {
    let asked = 0;
    let returned = false;
    function* numbers(): Generator<number> {
      try {
        for (;;) yield asked++;
      } finally {
        returned = true;
      }
    }
    const consumer = new SlowConsumer<number>();
    const subscription = from(numbers()).subscribe(consumer.observer);
    expect(asked).toBe(1);
    consumer.release();
    expect(consumer.values).toEqual([0, 1]);
    expect(asked).toBe(2);
    subscription.unsubscribe();
    expect(returned).toBe(true);
    consumer.drain();
    expect(consumer.values).toEqual([0, 1]);
  });

  it('100,000 items, held and released inside next', () => {
    const consumer = new SlowConsumer<number>();
    let count = 0;
    from(Array.from({ length: 100_000 }, (_, n) => n)).subscribe((n) => {
      count++;
      consumer.next(n);
      consumer.release();
    });
    expect(count).toBe(100_000);
  });

  it('ends an endless iterable with take', () => {
    let returned = false;
    function* endless(): Generator<number> {
      try {
        for (let n = 0; ; n++) yield n;
      } finally {
        returned = true;
      }
    }
    const got: number[] = [];
    from(endless())
      .pipe(take(3))
      .subscribe((n) => got.push(n));
    expect(got).toEqual([0, 1, 2]);
    expect(returned).toBe(true);
  });

  it('what an iterator throws is the error', async () => {
    // oxlint-disable-next-line require-yield -- it throws instead
    const sync = function* (): Generator<number> {
      throw new Error('sync');
    };
    // oxlint-disable-next-line require-yield -- it throws instead
    const later = async function* (): AsyncGenerator<number> {
      throw new Error('async');
    };
    const consumers = [new SlowConsumer<number>(), new SlowConsumer<number>()] as const;
    from(sync()).subscribe(consumers[0].observer);
    from(later()).subscribe(consumers[1].observer);
    await turns();
    expect(consumers.map((consumer) => String(consumer.error))).toEqual(['Error: sync', 'Error: async']);
  });

  it('an async iterable is asked only while nobody holds it', async () => {
    let asked = 0;
    async function* numbers(): AsyncGenerator<number> {
      for (;;) yield asked++;
    }
    const consumer = new SlowConsumer<number>();
    const subscription = from(numbers()).subscribe(consumer.observer);
    await turns();
    expect(asked).toBe(1);
    consumer.release();
    await turns();
    expect(consumer.values).toEqual([0, 1]);
    expect(asked).toBe(2);
    subscription.unsubscribe();
    consumer.drain();
    await turns();
    expect(consumer.values).toEqual([0, 1]);
  });

  it('unsubscribing destroys a quiet Node.js stream, and cancels a quiet ReadableStream, at once', async () => {
    const quiet = new Readable({ read: () => undefined });
    from(quiet).subscribe().unsubscribe();
    expect(quiet.destroyed).toBe(true);
    let cancelled = false;
    const web = new ReadableStream<string>({ cancel: () => void (cancelled = true) });
    from(web).subscribe().unsubscribe();
    await turns();
    expect(cancelled).toBe(true);
  });
});
