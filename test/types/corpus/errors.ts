import type { Row } from './row.ts';

/** B: operators that handle errors. */
export const errors: readonly Row[] = [
  {
    name: 'catchError(() => EMPTY)',
    fails: 'never',
    program: 'outer.pipe(catchError(() => EMPTY))',
    says: 'kept',
    plain: 'widened by Outer',
  },
  {
    name: 'catchError(() => of())',
    fails: 'never',
    program: 'outer.pipe(catchError(() => of()))',
    says: 'kept',
    plain: 'widened by Outer',
  },
  {
    name: 'catchError(() => inner flow)',
    fails: 'Inner',
    program: 'outer.pipe(catchError(() => inner))',
    says: 'kept',
    plain: 'WRONG has Outer wants Inner',
  },
  {
    name: 'catchError((e, caught) => caught)',
    fails: 'never',
    program: 'outer.pipe(catchError((error, caught) => caught))',
    says: 'kept',
    plain: 'widened by Outer',
  },
  {
    name: 'catchError(e => throwError(new Inner))',
    fails: 'Inner',
    program: 'outer.pipe(catchError(() => throwError(() => new Inner())))',
    says: 'kept',
    plain: 'WRONG has Outer wants Inner',
  },
  {
    name: 'catchError(e => own.throwError(new Inner))',
    fails: 'Inner',
    program: 'outer.pipe(catchError(() => own.throwError(() => new Inner())))',
    says: 'kept',
    plain: 'WRONG has Outer wants Inner',
  },
  {
    name: 'catchError rethrow',
    fails: 'Outer',
    program: `
      outer.pipe(
        catchError((error) => {
          console.error(error);
          throw error;
        }),
      )
    `,
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'onErrorResumeNextWith(inner)',
    fails: 'never',
    program: 'outer.pipe(onErrorResumeNextWith(inner))',
    says: 'kept',
    plain: 'widened by Outer',
  },
  {
    name: 'retryWhen',
    fails: 'Outer',
    program: 'outer.pipe(retryWhen((errors) => errors.pipe(delay(1_000))))',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'retry({delay: e => inner})',
    fails: 'Outer | Inner',
    program: 'outer.pipe(retry({ count: 3, delay: () => inner }))',
    says: 'kept',
    plain: 'LOST Inner',
  },
  {
    name: 'timeout({with: () => inner})',
    fails: 'Outer | Inner',
    program: 'outer.pipe(timeout({ each: 1_000, with: () => inner }))',
    says: 'kept',
    plain: 'LOST Inner',
  },
  {
    name: 'timeoutWith(ms, inner)',
    fails: 'Outer | Inner',
    program: 'outer.pipe(timeoutWith(1_000, inner))',
    says: 'kept',
    plain: 'LOST Inner',
  },
  {
    name: 'catchAll',
    fails: 'never',
    program: 'outer.pipe(catchAll(() => of(0)))',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'catchFailure own',
    fails: 'never',
    program: "outer.pipe(catchFailure('Outer', (failure: Outer) => of(failure.message)))",
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'catchFailure -> inner',
    fails: 'Inner',
    program: "outer.pipe(catchFailure('Outer', (failure: Outer) => inner))",
    says: 'kept',
    plain: 'kept',
  },
];
