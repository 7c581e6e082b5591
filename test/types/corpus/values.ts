import type { Row } from './row.ts';

/** A: operators over the values of one source. */
export const values: readonly Row[] = [
  {
    name: 'map',
    fails: 'Outer',
    program: 'outer.pipe(map((n) => n + 1))',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'filter',
    fails: 'Outer',
    program: 'outer.pipe(filter((n) => n > 0))',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'filter type guard',
    fails: 'Outer',
    program: 'outer.pipe(filter((n): n is 1 => n === 1))',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'scan',
    fails: 'Outer',
    program: 'outer.pipe(scan((sum, n) => sum + n, 0))',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'reduce',
    fails: 'Outer',
    program: 'outer.pipe(reduce((sum, n) => sum + n, 0))',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'tap(fn)',
    fails: 'Outer',
    program: 'outer.pipe(tap((n) => console.log(n)))',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'tap(observer)',
    fails: 'Outer',
    program: 'outer.pipe(tap({ next: (n) => console.log(n), error: (error) => console.error(error) }))',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'finalize',
    fails: 'Outer',
    program: "outer.pipe(finalize(() => console.log('over')))",
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'take/skip/first/last',
    fails: 'Outer',
    program: 'outer.pipe(skip(1), take(5), first(), last())',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'first()',
    fails: 'Outer',
    program: 'outer.pipe(first())',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'first(pred, default)',
    fails: 'Outer',
    program: 'outer.pipe(first((n) => n > 1, 0))',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'find',
    fails: 'Outer',
    program: 'outer.pipe(find((n) => n > 1))',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'single',
    fails: 'Outer',
    program: 'outer.pipe(single((n) => n > 1))',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'elementAt',
    fails: 'Outer',
    program: 'outer.pipe(elementAt(2))',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'every/isEmpty/count/max',
    fails: 'Outer',
    program: `
      outer.pipe(
        every((n) => n > 0),
        isEmpty(),
      )
    `,
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'count',
    fails: 'Outer',
    program: 'outer.pipe(count((n) => n > 0))',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'max',
    fails: 'Outer',
    program: 'outer.pipe(max())',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'toArray',
    fails: 'Outer',
    program: 'outer.pipe(toArray())',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'pairwise',
    fails: 'Outer',
    program: 'outer.pipe(pairwise())',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'bufferCount',
    fails: 'Outer',
    program: 'outer.pipe(bufferCount(3, 1))',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'bufferTime',
    fails: 'Outer',
    program: 'outer.pipe(bufferTime(100))',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'windowCount',
    fails: 'Outer',
    program: 'outer.pipe(windowCount(3))',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'windowTime',
    fails: 'Outer',
    program: 'outer.pipe(windowTime(100))',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'groupBy',
    fails: 'Outer',
    program: 'outer.pipe(groupBy((n) => n % 3))',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'groupBy(element)',
    fails: 'Outer',
    program: 'outer.pipe(groupBy((n) => n % 3, { element: (n) => String(n) }))',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'groupBy + rx.mergeMap(g => g)',
    fails: 'Outer',
    program: `
      outer.pipe(
        groupBy((n) => n % 3),
        mergeMap((group) => group),
      )
    `,
    says: 'widened by BufferOverflow',
    plain: 'kept',
  },
  {
    name: 'groupBy + own mergeMap',
    fails: 'Outer',
    program: `
      outer.pipe(
        groupBy((n) => n % 3),
        own.mergeMap((group) => group),
      )
    `,
    says: 'widened by BufferOverflow',
    plain: 'widened by BufferOverflow',
  },
];
