import * as t from 'io-ts';

import { isNetFailure } from '../../core/failures/index.ts';
import { expectedGot } from './messages.ts';

/**
 * A codec of single values whose messages are readable, and which throws nothing whatever it is given: a getter may, a proxy may.
 *
 * @param read - what the value stands for; throws `InvalidOptions`, whose `allowed` is shown, for what is not allowed.
 */
export function checked<A, O>(name: string, read: (value: unknown) => A, encode: (value: A) => O): t.Type<A, O> {
  const validate: t.Validate<unknown, A> = (value, context) => {
    try {
      return t.success(read(value));
    } catch (error) {
      return t.failure(value, context, expectedGot(allowedBy(error), value));
    }
  };
  const is = (value: unknown): value is A => {
    try {
      return Object.is(read(value), value);
    } catch {
      return false;
    }
  };
  return new t.Type(name, is, validate, encode);
}

function allowedBy(error: unknown): string {
  return isNetFailure(error) && error._tag === 'InvalidOptions' ? error.allowed : 'something that can be read';
}
