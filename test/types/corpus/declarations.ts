import type { Row } from './row.ts';

/** F: functions, fields, variables and choices that hold flows. */
export const declarations: readonly Row[] = [
  {
    name: 'function returning Observable',
    fails: 'Outer',
    program: `
      function readings(): Observable<number> {
        return outer.pipe(map((n) => n / 10));
      }
      const result = readings();
    `,
    says: 'beyond types: LOST all',
    plain: 'LOST all',
  },
  {
    name: 'class field typed Observable',
    fails: 'Outer',
    program: `
      class Thermometer {
        readonly readings: Observable<number> = outer;
      }
      const result = new Thermometer().readings;
    `,
    says: 'beyond types: LOST all',
    plain: 'LOST all',
  },
  {
    name: 'class field inferred',
    fails: 'Outer',
    program: `
      class Thermometer {
        readonly readings = outer.pipe(map((n) => n / 10));
      }
      const result = new Thermometer().readings;
    `,
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'array of mixed, [flow, of]',
    fails: 'Outer',
    program: 'const [result] = [outer, of(1)] as const;',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'ternary flow : of',
    fails: 'Outer',
    program: 'yes ? outer : of(1)',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'ternary then pipe',
    fails: 'Outer',
    program: '(yes ? outer : of(1)).pipe(map((n) => n + 1))',
    says: 'kept',
    plain: 'refused',
  },
  {
    name: 'ternary of two flows then pipe',
    fails: 'Outer | Inner',
    program: '(yes ? outer : inner).pipe(map((value) => String(value)))',
    says: 'refused',
    plain: 'refused',
  },
  {
    name: 'let reassign: let s = of(1); s = outer',
    fails: 'Outer',
    program: `
      let readings = of(1);
      if (yes) readings = outer;
      const result = readings;
    `,
    says: 'refused',
    plain: 'LOST all',
  },
  {
    name: 'let s = outer; s = s.pipe(op)',
    fails: 'Outer | DeadlineExceeded',
    program: `
      let readings = outer;
      if (yes) readings = readings.pipe(deadline(5_000));
      const result = readings;
    `,
    says: 'refused',
    plain: 'refused',
  },
  {
    name: 'Map<string, Observable>',
    fails: 'Outer',
    program: `
      const feeds = new Map<string, Observable<number>>([['outer', outer]]);
      const result = feeds.get('outer')!;
    `,
    says: 'beyond types: LOST all',
    plain: 'LOST all',
  },
  {
    name: 'reduce of operators',
    fails: 'Outer',
    program: `
      [map((n: number) => n + 1), filter((n: number) => n > 0)].reduce(
        (source, step) => source.pipe(step),
        outer,
      )
    `,
    says: 'kept',
    plain: 'kept',
  },
  {
    name: '?? fallback',
    fails: 'Outer',
    program: `
      const found = yes ? outer : undefined;
      const result = found ?? of(1);
    `,
    says: 'kept',
    plain: 'kept',
  },
  {
    name: '?? fallback pipe',
    fails: 'Outer',
    program: `
      const found = yes ? outer : undefined;
      const result = (found ?? of(1)).pipe(map((n) => n + 1));
    `,
    says: 'kept',
    plain: 'refused',
  },
  {
    name: 'overload: rx.isObservable narrowing',
    fails: 'Outer',
    program: `
      const given = yes ? outer : 5;
      const result = isObservable(given) ? given : of(given);
    `,
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'generic fn <T>(o: Observable<T>) => Observable<T>',
    fails: 'Outer',
    program: `
      const logged = <T,>(source: Observable<T>): Observable<T> =>
        source.pipe(tap((value) => console.log(value)));
      const result = logged(outer);
    `,
    says: 'beyond types: LOST all',
    plain: 'LOST all',
  },
  {
    name: 'generic fn <S extends Observable<any>>',
    fails: 'Outer',
    program: `
      const named = <S extends Observable<any>>(name: string, source: S) => ({ name, source });
      const result = named('outer', outer).source;
    `,
    says: 'kept',
    plain: 'kept',
  },
];
