import type { Row } from './row.ts';

/** F: what stands between a flow and its use: Subjects, helpers, operators of your own. */
export const helpers: readonly Row[] = [
  {
    name: 'asObservable() of Subject subscribed',
    fails: 'Outer',
    program: `
      const subject = new Subject<number>();
      outer.subscribe(subject);
      const result = subject.asObservable();
    `,
    says: 'beyond types: LOST all',
    plain: 'LOST all',
  },
  {
    name: 'subject in between, BehaviorSubject',
    fails: 'Outer',
    program: `
      const newest = new BehaviorSubject(0);
      outer.subscribe(newest);
      const result = newest;
    `,
    says: 'beyond types: LOST all',
    plain: 'LOST all',
  },
  {
    name: 'lift',
    fails: 'Outer',
    program: 'outer.lift<number>({ call: (subscriber, source) => source.subscribe(subscriber) })',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'pipe helper: pipe(map, filter)',
    fails: 'Outer',
    program: `
      const even = pipe(
        map((n: number) => n + 1),
        filter((n) => n % 2 === 0),
      );
      const result = outer.pipe(even);
    `,
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'pipe helper inline',
    fails: 'Outer',
    program: `
      outer.pipe(
        pipe(
          map((n: number) => n + 1),
          filter((n) => n % 2 === 0),
        ),
      )
    `,
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'pipe helper with lib operator',
    fails: 'Outer | DeadlineExceeded',
    program: `
      outer.pipe(
        pipe(
          map((n: number) => n + 1),
          deadline(5_000),
        ),
      )
    `,
    says: 'kept',
    plain: 'refused to forget',
  },
  {
    name: 'pipe helper with own.mergeMap',
    fails: 'Outer | Inner',
    program: `
      outer.pipe(
        pipe(
          map((n: number) => n + 1),
          own.mergeMap(() => inner),
        ),
      )
    `,
    says: 'widened by BufferOverflow',
    plain: 'refused to forget',
  },
  {
    name: 'pipe helper, lib op not last',
    fails: 'Outer | DeadlineExceeded',
    program: `
      outer.pipe(
        pipe(
          deadline<number>(5_000),
          map((n: number) => n + 1),
        ),
      )
    `,
    says: 'kept',
    plain: 'LOST DeadlineExceeded',
  },
  {
    name: 'pipe helper with catchAll',
    fails: 'never',
    program: `
      outer.pipe(
        pipe(
          map((n: number) => n + 1),
          catchAll(() => of(0)),
        ),
      )
    `,
    says: 'kept',
    plain: 'refused to forget',
  },
  {
    name: '10 operators',
    fails: 'Outer',
    program: `
      outer.pipe(
        map((n: number) => n + 1),
        map((n: number) => n + 2),
        map((n: number) => n + 3),
        map((n: number) => n + 4),
        map((n: number) => n + 5),
        map((n: number) => n + 6),
        map((n: number) => n + 7),
        map((n: number) => n + 8),
        map((n: number) => n + 9),
        map((n: number) => n + 10),
      )
    `,
    says: 'unknown',
    plain: 'unknown',
  },
  {
    name: '10 operators incl. lib',
    fails: 'Outer | DeadlineExceeded',
    program: `
      outer.pipe(
        deadline(5_000),
        map((n: number) => n + 2),
        map((n: number) => n + 3),
        map((n: number) => n + 4),
        map((n: number) => n + 5),
        map((n: number) => n + 6),
        map((n: number) => n + 7),
        map((n: number) => n + 8),
        map((n: number) => n + 9),
        map((n: number) => n + 10),
      )
    `,
    says: 'unknown',
    plain: 'unknown',
  },
  {
    name: 'pipe(...ops) spread',
    fails: 'Outer',
    program: `
      const steps: OperatorFunction<number, number>[] = [map((n) => n + 1), filter((n) => n > 0)];
      const result = outer.pipe(...(steps as [])) as Observable<number>;
    `,
    says: 'beyond types: LOST all',
    plain: 'LOST all',
  },
  {
    name: 'pipe(...ops) spread natural',
    fails: 'Outer',
    program: `
      const steps = [map((n: number) => n + 1), filter((n: number) => n > 0)];
      const result = outer.pipe(...steps);
    `,
    says: 'refused',
    plain: 'refused',
  },
  {
    name: 'OperatorFunction variable',
    fails: 'Outer',
    program: `
      const text: OperatorFunction<number, string> = map((n) => String(n));
      const result = outer.pipe(text);
    `,
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'OperatorFunction variable over lib op',
    fails: 'Outer | DeadlineExceeded',
    program: `
      const soon: OperatorFunction<number, number> = deadline(5_000);
      const result = outer.pipe(soon);
    `,
    says: 'refused to forget',
    plain: 'refused to forget',
  },
  {
    name: 'OperatorFunction variable over own.mergeMap',
    fails: 'Outer | Inner',
    program: `
      const answers: OperatorFunction<number, string> = own.mergeMap(() => inner);
      const result = outer.pipe(answers);
    `,
    says: 'refused to forget',
    plain: 'refused to forget',
  },
  {
    name: 'MonoType variable',
    fails: 'Outer',
    program: `
      const positive: MonoTypeOperatorFunction<number> = filter((n) => n > 0);
      const result = outer.pipe(positive);
    `,
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'MonoType over catchFailure',
    fails: 'never',
    program: `
      const calm: MonoTypeOperatorFunction<number> = catchFailure('Outer', (failure: Outer) => of(0));
      const result = outer.pipe(calm);
    `,
    says: 'refused to forget',
    plain: 'refused to forget',
  },
  {
    name: 'generic custom op',
    fails: 'Outer',
    program: `
      function positive<T extends number>(): MonoTypeOperatorFunction<T> {
        return filter((n) => n > 0);
      }
      const result = outer.pipe(positive());
    `,
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'generic custom op inline pipe',
    fails: 'Outer',
    program: `
      const logged =
        <T,>(name: string) =>
        (source: Observable<T>) =>
          source.pipe(tap((value) => console.log(name, value)));
      const result = outer.pipe(logged('outer'));
    `,
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'custom op with lib inside (inferred)',
    fails: 'Outer | DeadlineExceeded',
    program: `
      const limited = (source: Observable<number>) =>
        source.pipe(
          deadline(5_000),
          map((n: number) => n + 1),
        );
      const result = outer.pipe(limited);
    `,
    says: 'refused to forget',
    plain: 'refused to forget',
  },
  {
    name: 'custom op with lib inside, Flow source',
    fails: 'Outer | DeadlineExceeded',
    program: `
      const limited = <A, E>(source: Flow<A, E>) => source.pipe(deadline(5_000));
      const result = outer.pipe(limited);
    `,
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'custom op with own.mergeMap inside (Observable source)',
    fails: 'Outer | Inner',
    program: `
      const answered = (source: Observable<number>) => source.pipe(own.mergeMap(() => inner));
      const result = outer.pipe(answered);
    `,
    says: 'refused to forget',
    plain: 'refused to forget',
  },
  {
    name: 'custom op returning Observable',
    fails: 'Outer | Inner',
    program: `
      const answered = (source: Observable<number>): Observable<string> =>
        source.pipe(mergeMap(() => inner));
      const result = outer.pipe(answered);
    `,
    says: 'refused to forget',
    plain: 'LOST Inner',
  },
  {
    name: 'arrow in pipe s => own.merge(s, inner)',
    fails: 'Outer | Inner',
    program: 'outer.pipe((source) => own.merge(source, inner))',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'arrow in pipe s => rx.merge(s, inner)',
    fails: 'Outer | Inner',
    program: 'outer.pipe((source) => merge(source, inner))',
    says: 'kept',
    plain: 'LOST Inner',
  },
];
