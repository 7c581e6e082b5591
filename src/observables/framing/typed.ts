import type { StandardSchemaV1 } from '@standard-schema/spec';

import type { DecodeFailed } from '../../core/failures/index.ts';
import { checkFraming } from './check-options.ts';
import type { Framing } from './framing.ts';
import type { CodecLike } from './io-ts-errors.ts';
import { makeFraming } from './make-framing.ts';
import { MappedDecoder } from './mapped-decoder.ts';
import { readSchema } from './schema.ts';

/**
 * A framing whose messages are checked, both when they come and when they are sent, against an
 * io-ts type or any schema that follows Standard Schema (zod, valibot, arktype …).
 *
 * What comes is what the schema makes of it. What is sent is, with an io-ts type, what its `encode`
 * makes of it, and is checked with `is` first; with a Standard Schema it is an input of the schema,
 * which is sent as it is, for such a schema has one direction only.
 *
 * It adds `DecodeFailed` for a message that is not valid, which says in one line where in the
 * message and why; `encode` throws it. A schema that turns out to validate asynchronously is
 * refused with `InvalidOptions`. What a schema throws is the `cause` of a `Defect`; a message that
 * is nested too deeply for its schema is a `DecodeFailed`.
 *
 * @example
 * ```ts
 * import { jsonLines, typed } from 'rxjs-net';
 * import { from } from 'rxjs-net/rx';
 * import { z } from 'zod';
 *
 * const Reading = z.object({ sensor: z.string(), values: z.array(z.number()) });
 * const readings = typed(jsonLines(), Reading);
 *
 * from([Buffer.from('{"sensor":"a","values":[1,2]}\n{"sensor":"b","values":[3,"4"]}\n')])
 *   .pipe(readings)
 *   .subscribe({
 *     next: ({ sensor, values }) => console.log(sensor, values.length),
 *     error: (failure) => console.log(failure.message),
 *   });
 * // => a 2
 * // => a message could not be decoded at values[1]: Invalid input: expected number, received string
 * ```
 *
 * @example With io-ts
 * ```ts
 * import * as t from 'io-ts';
 * import { jsonLines, typed } from 'rxjs-net';
 *
 * const readings = typed(jsonLines(), t.type({ sensor: t.string, value: t.number }));
 *
 * console.log([readings.encode({ sensor: 'a', value: 1 })]); // => [ '{"sensor":"a","value":1}\n' ]
 * try {
 *   readings.encode({ sensor: 'a', value: 'high' as unknown as number });
 * } catch (failure) {
 *   console.log(String(failure)); // => DecodeFailed: a message to be sent is not valid at value: must be number, got "high"
 * }
 * ```
 */
export function typed<In, Out, X, SchemaIn extends Out, SchemaOut>(
  framing: Framing<In, Out, X>,
  schema: StandardSchemaV1<SchemaIn, SchemaOut>,
): Framing<SchemaOut, SchemaIn, X | DecodeFailed>;
export function typed<In, Out, X, A, O extends Out>(
  framing: Framing<In, Out, X>,
  schema: CodecLike<A, O, In>,
): Framing<A, A, X | DecodeFailed>;
export function typed<In, X>(framing: Framing<In, unknown, X>, schema: unknown): Framing<unknown, unknown, X> {
  return makeFraming(() => {
    checkFraming('framing', framing);
    const { decode, encode } = readSchema(schema);
    return {
      maxLength: framing.maxLength,
      decoder: () => new MappedDecoder(framing.decoder(), decode),
      encode: (message) => framing.encode(encode(message)),
    };
  });
}
