import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type * as t from 'io-ts';

import { problemsOf } from './problems.ts';

/**
 * Something from outside is not what it should be; `problems` says all that is wrong with it, a
 * line for each.
 *
 * @category model
 * @since 0.1.0
 */
export class InvalidInput extends Error {
  readonly _tag = 'InvalidInput' as const;
  /** Never empty. */
  readonly problems: readonly string[];
  constructor(problems: readonly string[], cause?: unknown) {
    super(problems.join('\n'), cause === undefined ? undefined : { cause });
    this.problems = problems;
  }
  override get name(): 'InvalidInput' {
    return 'InvalidInput';
  }
}

/**
 * Decodes with any codec, to a failure that has a `_tag` and readable problems. It throws nothing:
 * what a codec or the input itself throws (a getter, a proxy) is a problem like others, with it as
 * `cause`.
 *
 * @category destructors
 * @since 0.1.0
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js';
 * import { bimap } from 'fp-ts/lib/Either.js';
 * import { ConnectOptionsCodec, decodeInput } from 'rxjs-net/effects';
 *
 * pipe(
 *   decodeInput(ConnectOptionsCodec)(JSON.parse('{ "port": 70000, "path": "/run/db.sock" }')),
 *   bimap(
 *     ({ message }) => console.log(message),
 *     (options) => console.log(options),
 *   ),
 * );
 * // => port: expected a port to connect to (1-65535), got 70000
 * // => path: expected nothing, since "port" is given, got "/run/db.sock"
 * ```
 */
export const decodeInput =
  <A, O>(codec: t.Type<A, O>) =>
  (input: unknown): Either<InvalidInput, A> => {
    try {
      const decoded = codec.decode(input);
      return decoded._tag === 'Right' ? right(decoded.right) : left(new InvalidInput(problemsOf(decoded.left)));
    } catch (cause) {
      return left(new InvalidInput([`expected ${codec.name}, got something that throws when it is read`], cause));
    }
  };
