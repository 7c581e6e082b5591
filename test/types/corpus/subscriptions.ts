import type { Row } from './row.ts';

/** A: operators that share, delay, repeat or check one source. */
export const subscriptions: readonly Row[] = [
  {
    name: 'share',
    fails: 'Outer',
    program: 'outer.pipe(share())',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'share({connector})',
    fails: 'Outer',
    program: 'outer.pipe(share({ connector: () => new ReplaySubject(1) }))',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'shareReplay',
    fails: 'Outer',
    program: 'outer.pipe(shareReplay({ bufferSize: 1, refCount: true }))',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'materialize',
    fails: 'never',
    program: 'outer.pipe(materialize())',
    says: 'kept',
    plain: 'widened by Outer',
  },
  {
    name: 'materialize+dematerialize',
    fails: 'Outer',
    program: 'outer.pipe(materialize(), dematerialize())',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'debounceTime/auditTime/throttleTime/sampleTime',
    fails: 'Outer',
    program: 'outer.pipe(debounceTime(10), auditTime(10), throttleTime(10), sampleTime(10))',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'delay/observeOn/subscribeOn',
    fails: 'Outer',
    program: 'outer.pipe(delay(10), observeOn(asyncScheduler), subscribeOn(asyncScheduler))',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'timeInterval/timestamp',
    fails: 'Outer',
    program: 'outer.pipe(timeInterval(), timestamp())',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'distinct/distinctUntilChanged',
    fails: 'Outer',
    program: 'outer.pipe(distinct(), distinctUntilChanged())',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'ignoreElements',
    fails: 'Outer',
    program: 'outer.pipe(ignoreElements())',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'defaultIfEmpty',
    fails: 'Outer',
    program: 'outer.pipe(defaultIfEmpty(0))',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'startWith/endWith',
    fails: 'Outer',
    program: "outer.pipe(startWith(0), endWith('end'))",
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'takeLast/skipLast/skipWhile/takeWhile',
    fails: 'Outer',
    program: `
      outer.pipe(
        skipWhile((n) => n < 1),
        takeWhile((n) => n < 9),
        skipLast(1),
        takeLast(2),
      )
    `,
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'mapTo',
    fails: 'Outer',
    program: "outer.pipe(mapTo('tick'))",
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'pluck',
    fails: 'Outer',
    program: `
      outer.pipe(
        map((n) => ({ at: { n } })),
        pluck('at', 'n'),
      )
    `,
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'retry(n)',
    fails: 'Outer',
    program: 'outer.pipe(retry(3))',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'retry({count,delay:ms})',
    fails: 'Outer',
    program: 'outer.pipe(retry({ count: 3, delay: 1_000 }))',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'retry() for ever',
    fails: 'never',
    program: 'outer.pipe(retry())',
    says: 'kept',
    plain: 'widened by Outer',
  },
  {
    name: 'repeat',
    fails: 'Outer',
    program: 'outer.pipe(repeat(3))',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'throwIfEmpty(own)',
    fails: 'Outer | Inner',
    program: 'outer.pipe(throwIfEmpty(() => new Inner()))',
    says: 'kept',
    plain: 'LOST Inner',
  },
  {
    name: 'throwIfEmpty()',
    fails: 'Outer',
    program: 'outer.pipe(throwIfEmpty())',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'timeout(ms)',
    fails: 'Outer',
    program: 'outer.pipe(timeout(1_000))',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'timeout({each, first})',
    fails: 'Outer',
    program: 'outer.pipe(timeout({ first: 1_000, each: 100 }))',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'publish + refCount',
    fails: 'Outer',
    program: 'outer.pipe(publish(), refCount())',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'publishReplay(1), refCount()',
    fails: 'Outer',
    program: 'outer.pipe(publishReplay(1), refCount())',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'multicast(Subject), refCount',
    fails: 'Outer',
    program: `
      outer.pipe(
        multicast(() => new Subject<number>()),
        refCount(),
      )
    `,
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'map that throws a tagged failure',
    fails: 'Outer | Inner',
    program: `
      outer.pipe(
        map((n) => {
          if (n < 0) throw new Inner();
          return n;
        }),
      )
    `,
    says: 'beyond types: LOST Inner',
    plain: 'LOST Inner',
  },
];
