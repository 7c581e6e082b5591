import { type DecodeFailed, isNetFailure } from '../../core/failures/index.ts';
import { checkFunction } from '../../core/options/index.ts';
import { checkFraming } from './check-options.ts';
import type { Framing } from './framing.ts';
import { makeFraming } from './make-framing.ts';
import { MappedDecoder } from './mapped-decoder.ts';

/**
 * A framing whose messages are others, made from those of `framing` and turned into them.
 *
 * A `decode` that can't make a message of what came returns a `DecodeFailed`, which ends the stream
 * and is then part of the failures that the framing adds. What either function throws is a defect,
 * passed on as it is.
 *
 * @param decode - from a message of `framing` to one of the new framing, or to a `DecodeFailed`.
 * @param encode - the other way.
 *
 * @example
 * ```ts
 * import { DecodeFailed, lines, mapFraming } from 'rxjs-net';
 * import { from } from 'rxjs-net/rx';
 *
 * const degrees = mapFraming(
 *   lines({ maxLength: 20 }),
 *   (line) => {
 *     const number = Number(line);
 *     return Number.isFinite(number) ? number : new DecodeFailed({ reason: `${line} is no number` });
 *   },
 *   (number: number) => number.toFixed(1),
 * );
 * console.log([degrees.encode(21.55)]); // => [ '21.6\n' ]
 *
 * from([Buffer.from('21.5\n-3\nwarm\n')])
 *   .pipe(degrees)
 *   .subscribe({
 *     next: (number) => console.log(number),
 *     error: (failure) => console.log(failure.message),
 *   });
 * // => 21.5
 * // => -3
 * // => a message could not be decoded: warm is no number
 * ```
 */
export function mapFraming<In, Out, X, Result, NewOut>(
  framing: Framing<In, Out, X>,
  decode: (message: In) => Result,
  encode: (message: NewOut) => Out,
): Framing<Exclude<Result, DecodeFailed>, NewOut, X | Extract<Result, DecodeFailed>> {
  return makeFraming(() => {
    checkFraming('framing', framing);
    checkFunction('decode', decode);
    checkFunction('encode', encode);
    const map = (message: In): Exclude<Result, DecodeFailed> => {
      const result = decode(message);
      if (isDecodeFailed(result)) throw result;
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the compiler doesn't narrow by Exclude
      return result as Exclude<Result, DecodeFailed>;
    };
    return {
      maxLength: framing.maxLength,
      decoder: () => new MappedDecoder(framing.decoder(), map),
      encode: (message) => framing.encode(encode(message)),
    };
  });
}

function isDecodeFailed(value: unknown): value is DecodeFailed {
  // No mere message that looks like one, for it may be the peer's.
  return value instanceof Error && isNetFailure(value) && value._tag === 'DecodeFailed';
}
