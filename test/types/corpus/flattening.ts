import type { Row } from './row.ts';

/** C: operators that flatten. */
export const flattening: readonly Row[] = [
  {
    name: 'switchMap',
    fails: 'Outer | Inner',
    program: 'outer.pipe(switchMap(() => inner))',
    says: 'widened by BufferOverflow',
    plain: 'LOST Inner',
  },
  {
    name: 'mergeMap',
    fails: 'Outer | Inner',
    program: 'outer.pipe(mergeMap(() => inner))',
    says: 'widened by BufferOverflow',
    plain: 'LOST Inner',
  },
  {
    name: 'concatMap',
    fails: 'Outer | Inner',
    program: 'outer.pipe(concatMap(() => inner))',
    says: 'widened by BufferOverflow',
    plain: 'LOST Inner',
  },
  {
    name: 'exhaustMap',
    fails: 'Outer | Inner',
    program: 'outer.pipe(exhaustMap(() => inner))',
    says: 'widened by BufferOverflow',
    plain: 'LOST Inner',
  },
  {
    name: 'flatMap (deprecated)',
    fails: 'Outer | Inner',
    program: 'outer.pipe(flatMap(() => inner))',
    says: 'kept',
    plain: 'LOST Inner',
  },
  {
    name: 'mergeMapTo',
    fails: 'Outer | Inner',
    program: 'outer.pipe(mergeMapTo(inner))',
    says: 'kept',
    plain: 'LOST Inner',
  },
  {
    name: 'concatMapTo',
    fails: 'Outer | Inner',
    program: 'outer.pipe(concatMapTo(inner))',
    says: 'kept',
    plain: 'LOST Inner',
  },
  {
    name: 'switchMapTo',
    fails: 'Outer | Inner',
    program: 'outer.pipe(switchMapTo(inner))',
    says: 'kept',
    plain: 'LOST Inner',
  },
  {
    name: 'map+mergeAll',
    fails: 'Outer | Inner',
    program: `
      outer.pipe(
        map(() => inner),
        mergeAll(),
      )
    `,
    says: 'kept',
    plain: 'LOST Inner',
  },
  {
    name: 'map+concatAll',
    fails: 'Outer | Inner',
    program: `
      outer.pipe(
        map(() => inner),
        concatAll(),
      )
    `,
    says: 'kept',
    plain: 'LOST Inner',
  },
  {
    name: 'map+switchAll',
    fails: 'Outer | Inner',
    program: `
      outer.pipe(
        map(() => inner),
        switchAll(),
      )
    `,
    says: 'kept',
    plain: 'LOST Inner',
  },
  {
    name: 'map+exhaustAll',
    fails: 'Outer | Inner',
    program: `
      outer.pipe(
        map(() => inner),
        exhaustAll(),
      )
    `,
    says: 'kept',
    plain: 'LOST Inner',
  },
  {
    name: 'map+combineLatestAll',
    fails: 'Outer | Inner',
    program: `
      outer.pipe(
        map(() => inner),
        combineLatestAll(),
      )
    `,
    says: 'kept',
    plain: 'LOST Inner',
  },
  {
    name: 'map+zipAll',
    fails: 'Outer | Inner',
    program: `
      outer.pipe(
        map(() => inner),
        zipAll(),
      )
    `,
    says: 'kept',
    plain: 'LOST Inner',
  },
  {
    name: 'expand',
    fails: 'Outer | Inner',
    program: `
      outer.pipe(
        map(String),
        expand((text) => (text.length > 3 ? EMPTY : inner)),
      )
    `,
    says: 'kept',
    plain: 'LOST Inner',
  },
  {
    name: 'mergeScan',
    fails: 'Outer | Inner',
    program: "outer.pipe(mergeScan(() => inner, ''))",
    says: 'kept',
    plain: 'LOST Inner',
  },
  {
    name: 'switchScan',
    fails: 'Outer | Inner',
    program: "outer.pipe(switchScan(() => inner, ''))",
    says: 'kept',
    plain: 'LOST Inner',
  },
  {
    name: 'own.mergeMap',
    fails: 'Outer | Inner',
    program: 'outer.pipe(own.mergeMap(() => inner))',
    says: 'widened by BufferOverflow',
    plain: 'widened by BufferOverflow',
  },
  {
    name: 'own.switchMap',
    fails: 'Outer | Inner',
    program: 'outer.pipe(own.switchMap(() => inner))',
    says: 'widened by BufferOverflow',
    plain: 'widened by BufferOverflow',
  },
  {
    name: 'own.concatMap',
    fails: 'Outer | Inner',
    program: 'outer.pipe(own.concatMap(() => inner))',
    says: 'widened by BufferOverflow',
    plain: 'widened by BufferOverflow',
  },
  {
    name: 'own.exhaustMap',
    fails: 'Outer | Inner',
    program: 'outer.pipe(own.exhaustMap(() => inner))',
    says: 'widened by BufferOverflow',
    plain: 'widened by BufferOverflow',
  },
  {
    name: 'own.mergeMap, inner or EMPTY',
    fails: 'Outer | Inner',
    program: 'outer.pipe(own.mergeMap((n) => (n > 0 ? inner : EMPTY)))',
    says: 'widened by BufferOverflow',
    plain: 'widened by BufferOverflow',
  },
  {
    name: 'own.mergeMap, inner or of(same)',
    fails: 'Outer | Inner',
    program: 'outer.pipe(own.mergeMap((n) => (n > 0 ? inner : of(String(n)))))',
    says: 'widened by BufferOverflow',
    plain: 'widened by BufferOverflow',
  },
  {
    name: 'own.mergeMap, inner or []',
    fails: 'Outer | Inner',
    program: 'outer.pipe(own.mergeMap((n) => (n > 0 ? inner : [])))',
    says: 'widened by BufferOverflow',
    plain: 'widened by BufferOverflow',
  },
  {
    name: 'own.mergeMap async () => inner awaited',
    fails: 'Outer | Inner',
    program: 'outer.pipe(own.mergeMap(async () => firstValueFrom(inner)))',
    says: 'refused',
    plain: 'WRONG has BufferOverflow wants Inner',
  },
  {
    name: 'lib.mapAsync async firstValueFrom(inner)',
    fails: 'Outer | Inner',
    program: 'outer.pipe(mapAsync(async () => firstValueFrom(inner)))',
    says: 'refused',
    plain: 'WRONG has BufferOverflow wants Inner',
  },
];
