import type { Observable, Subject } from 'rxjs';
import { describe } from 'vitest';

import { type Rx, sameAsRxjs, sameAsRxjsLater } from './traces.ts';

type Combining = (...given: unknown[]) => Observable<unknown>;

const turns = async (): Promise<void> => {
  for (let n = 0; n < 10; n++) await new Promise((resolve) => void setImmediate(resolve));
};

/** An iterable that notes what is asked of it. */
function asked(log: (...what: unknown[]) => void, length: number): Iterable<number> {
  return {
    [Symbol.iterator]: () => {
      let n = 0;
      log('iterator');
      return {
        next: () => {
          log('next', n);
          return n < length ? { done: false, value: n++ } : { done: true, value: undefined };
        },
        return: () => {
          log('return');
          return { done: true, value: undefined };
        },
      };
    },
  };
}

const other = (rx: Rx, subscribe: unknown): never => ({ [rx.observable]: () => ({ subscribe }) }) as never;

describe('from', () => {
  sameAsRxjs({
    'what is listed': ({ rx, watch }) => {
      const listed = function (this: unknown): IArguments {
        return arguments;
      };
      const inputs = [[1, 2], [], [undefined, null], 'ab', '', new Set([1]), new Map([[1, 2]]), { length: 2, 0: 'a' }];
      for (const input of [
        ...inputs,
        Reflect.apply(listed, undefined, [1, 2]),
        new Uint8Array([1, 2]),
        new String('ab'),
        { length: 0 },
      ]) {
        watch('out', rx.from(input as number[]));
      }
    },
    'an iterable, and when it is asked': ({ rx, watch, log }) => {
      watch('all', rx.from(asked(log, 3)));
      watch('two', rx.from(asked(log, 3)).pipe(rx.take(2)));
      watch('none', rx.from(asked(log, 0)));
    },
    'a generator that cleans up': ({ rx, watch, log }) => {
      function* numbers(): Generator<number> {
        try {
          yield 1;
          yield 2;
          yield 3;
        } finally {
          log('finally');
        }
      }
      watch('all', rx.from(numbers()));
      watch('two', rx.from(numbers()).pipe(rx.take(2)));
      watch('fails', rx.from(numbers()).pipe(rx.map((n) => (n as unknown as { x: { y: number } }).x.y)));
    },
    'a generator that ends its subscription': ({ rx, log }) => {
      const subscriber = new rx.Subscriber<number>();
      function* numbers(): Generator<number> {
        try {
          yield 1;
          subscriber.unsubscribe();
          yield 2;
        } finally {
          log('finally');
        }
      }
      rx.from(numbers())
        .pipe(rx.tap((n) => log(n)))
        .subscribe(subscriber);
      log(subscriber.closed);
    },
    'an iterable that is left in the middle of a delivery': ({ rx, log, observer }) => {
      const subscriber = new rx.Subscriber<number>({
        ...observer('out'),
        next: (n) => {
          log(n);
          if (n !== 1) return;
          subscriber.unsubscribe();
          log('unsubscribed');
        },
      });
      rx.from(asked(log, 3)).subscribe(subscriber);
    },
    'an iterable that is left for the inner that waits': ({ rx, watch, log }) => {
      const first = (n: number, outer: Subject<number>): Observable<number> =>
        rx.from(asked(log, 3)).pipe(
          rx.tap(() => {
            if (n < 3) outer.next(n + 1);
          }),
          rx.take(1),
        );
      for (const flatten of [rx.concatMap, rx.mergeMap, rx.switchMap, rx.exhaustMap]) {
        const outer = new rx.Subject<number>();
        watch(flatten.name, outer.pipe(flatten((n: number) => first(n, outer))));
        outer.next(1);
        outer.complete();
      }
    },
    'an iterable that ends its subscription': ({ rx, log, observer }) => {
      for (const step of ['yields', 'ends', 'throws'] as const) {
        const subscriber = new rx.Subscriber<number>(observer(step));
        const next = (): IteratorResult<number> => {
          subscriber.unsubscribe();
          if (step === 'throws') throw new RangeError('next');
          return { done: step === 'ends', value: 1 };
        };
        const iterable = { [Symbol.iterator]: () => ({ ...asked(log, 3)[Symbol.iterator](), next }) };
        rx.from(iterable as Iterable<number>).subscribe(subscriber);
      }
    },
    'a return that throws': ({ rx, watch, log, observer }) => {
      const failing = (): Iterable<number> => ({
        [Symbol.iterator]: () => ({
          ...asked(log, 3)[Symbol.iterator](),
          return: () => {
            log('return');
            throw new RangeError('return');
          },
        }),
      });
      watch('take', rx.from(failing()).pipe(rx.take(2)));
      watch('concat', rx.concat(rx.from(failing()).pipe(rx.take(1)), rx.of('after it')));
      watch('merge', rx.merge(failing(), rx.of('after it')).pipe(rx.take(1)));
      const subscriber = new rx.Subscriber<number>({ ...observer('left'), next: () => subscriber.unsubscribe() });
      rx.from(failing()).subscribe(subscriber);
      log(subscriber.closed);
    },
    'an iterable that throws': ({ rx, watch }) => {
      const failing = (when: 'iterator' | 'next'): Iterable<number> => ({
        [Symbol.iterator]: () => {
          if (when === 'iterator') throw new RangeError('iterator');
          return {
            next: () => {
              throw new RangeError('next');
            },
          };
        },
      });
      watch('iterator', rx.from(failing('iterator')));
      watch('next', rx.from(failing('next')));
    },
    'an array that changes meanwhile': ({ rx, log }) => {
      const array = [1, 2, 3];
      rx.from(array).subscribe((n) => {
        log(n);
        if (array.length < 5) array.push(n * 10);
      });
      rx.from(array).subscribe(() => void array.pop());
      log(array);
    },
    'an Observable of another library': ({ rx, watch, log }) => {
      const subscribe = (observer: { next: (n: number) => void; complete: () => void }): unknown => {
        log('subscribed');
        observer.next(1);
        observer.complete();
        return { unsubscribe: () => log('unsubscribed') };
      };
      watch('out', rx.from(other(rx, subscribe)));
      watch('no subscribe', rx.from(other(rx, undefined)));
      watch('a list too', rx.from(Object.assign(['bad'], other(rx, subscribe))));
      watch('a function', rx.from(Object.assign(() => 1, other(rx, subscribe))));
      watch('a promise too', rx.from(Object.assign(Promise.resolve(2), other(rx, subscribe))));
    },
    'an Observable': ({ rx, log, cold }) => {
      for (const input of [rx.of(1), cold('-a|'), new rx.Subject(), new rx.BehaviorSubject(1)]) {
        log(rx.from(input) === input);
      }
    },
    'what is no input': ({ rx, log }) => {
      // oxlint-disable-next-line unicorn/no-thenable -- that is the test
      const wrongs = [undefined, null, 0, 3, true, 3n, {}, () => 1, new Date(0), /x/, { length: 'no' }, { then: 1 }];
      for (const wrong of [...wrongs, { [Symbol.iterator]: 1 }, { getReader: 1 }, { [Symbol.asyncIterator]: null }]) {
        try {
          rx.from(wrong as never);
          log('no refusal');
        } catch (error) {
          log(error);
        }
      }
    },
    'a list that is a promise or an async iterable too': ({ rx, watch, log }) => {
      // oxlint-disable-next-line unicorn/no-thenable -- that is the test
      watch('promise', rx.from(Object.assign([1], { then: () => log('then') })));
      // oxlint-disable-next-line unicorn/no-thenable -- that is the test
      watch('iterable promise', rx.from({ then: () => log('then'), [Symbol.iterator]: () => [2].values() } as never));
      watch('async', rx.from(Object.assign([1], { [Symbol.asyncIterator]: () => log('asyncIterator') })));
    },
  });

  sameAsRxjsLater({
    'a promise': (rx) => rx.from(Promise.resolve(1)),
    'a promise that rejects': (rx) => rx.from(Promise.reject(new RangeError('no'))),
    // oxlint-disable-next-line unicorn/no-thenable -- that is the test
    'a thenable': (rx) => rx.from({ then: (done: (n: number) => void) => done(1) } as never),
    'a promise, unsubscribed': async (rx, log) => {
      rx.from(Promise.resolve(1)).subscribe(log).unsubscribe();
      await turns();
    },
    'an async generator': (rx, log) => {
      async function* numbers(): AsyncGenerator<number> {
        log('begun');
        try {
          yield 1;
          yield 2;
        } finally {
          log('finally');
        }
      }
      return rx.from(numbers());
    },
    'an async generator, of which two are taken': async (rx, log) => {
      async function* numbers(): AsyncGenerator<number> {
        try {
          for (let n = 0; ; n++) yield n;
        } finally {
          log('finally');
        }
      }
      rx.from(numbers()).pipe(rx.take(2)).subscribe(log);
      await turns();
    },
    'an async generator that throws': (rx) => {
      async function* numbers(): AsyncGenerator<number> {
        yield 1;
        throw new RangeError('no');
      }
      return rx.from(numbers());
    },
    'an async iterable whose iterator throws': (rx, log) => {
      const iterable = {
        [Symbol.asyncIterator]: () => {
          log('asyncIterator');
          throw new RangeError('no');
        },
      };
      return rx.from(iterable as never);
    },
    'an async iterable whose next throws': (rx) => {
      const next = (): never => {
        throw new RangeError('no');
      };
      return rx.from({ [Symbol.asyncIterator]: () => ({ next }) } as never);
    },
    'a ReadableStream, and its lock': async (rx, log) => {
      const stream = new ReadableStream<number>({
        start: (controller) => {
          controller.enqueue(1);
          controller.enqueue(2);
          controller.close();
        },
      });
      await new Promise<void>((resolve) => {
        rx.from(stream).subscribe({
          next: (n) => log('next', n, stream.locked),
          complete: () => resolve(log('complete', stream.locked)),
        });
        log('subscribed', stream.locked);
      });
      log('after', stream.locked);
    },
    'a ReadableStream that fails, and its lock': async (rx, log) => {
      const stream = new ReadableStream<number>({
        pull: (controller) => controller.error(new RangeError('no')),
      });
      await new Promise<void>((resolve) => {
        rx.from(stream).subscribe({ error: (error: unknown) => resolve(log(error, stream.locked)) });
      });
      log('after', stream.locked);
    },
    'a ReadableStream, of which one is taken': async (rx, log) => {
      let count = 0;
      const stream = new ReadableStream<number>({
        pull: (controller) => controller.enqueue(count++),
        cancel: () => log('cancelled'),
      });
      rx.from(stream).pipe(rx.take(1)).subscribe(log);
      await turns();
      log(stream.locked);
    },
    'a ReadableStream that is locked': (rx, log) => {
      const stream = new ReadableStream<number>();
      stream.getReader();
      log(stream.locked);
      return rx.from(stream);
    },
    'what has a reader and no iterator': async (rx, log) => {
      const values = [1, 2];
      const like = {
        getReader: () => {
          log('getReader');
          return {
            read: async () => {
              const value = values.shift();
              log('read', value);
              return value === undefined ? { done: true, value } : { done: false, value };
            },
            releaseLock: () => log('released'),
          };
        },
      };
      await rx.lastValueFrom(rx.from(like as never).pipe(rx.tap({ complete: () => log('complete') })));
      await turns();
    },
    'promises and async iterables as inners': async (rx, log) => {
      const flow = rx.of(1, 2, 3).pipe(rx.mergeMap(async (n) => n * 2));
      await rx.lastValueFrom(flow.pipe(rx.tap(log)));
      const one = rx.of(1, 2, 3).pipe(rx.concatMap(async (n) => n * 2));
      await rx.lastValueFrom(one.pipe(rx.tap(log)));
      const switched = rx.of(1, 2, 3).pipe(rx.switchMap(async (n) => n * 2));
      await rx.lastValueFrom(switched.pipe(rx.tap(log)));
    },
    'inners that reject': (rx) =>
      rx.of(4, 3, 2).pipe(rx.mergeMap((n, index) => Promise.reject(new Error(`${n} ${index}`)))),
    'nested inners on asap': (rx) =>
      rx
        .of(1)
        .pipe(
          rx.mergeMap(() =>
            rx
              .defer(() => rx.of(2, rx.asapScheduler))
              .pipe(rx.mergeMap(() => rx.defer(() => rx.of(3, rx.asapScheduler)))),
          ),
        ),
    'promises in combineLatest, zip, race, merge and concat': async (rx, log) => {
      for (const name of ['combineLatest', 'zip', 'race', 'merge', 'concat'] as const) {
        const combining: Combining = rx[name];
        const flow = combining(Promise.resolve(1), [2, 3], 'ab');
        await rx.lastValueFrom(flow.pipe(rx.tap((value) => log(name, value))));
      }
    },
  });
});
