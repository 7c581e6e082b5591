import type { StandardSchemaV1 } from '@standard-schema/spec';

import { DecodeFailed, InvalidOptions } from '../../core/failures/index.ts';
import { oneLine } from '../../core/failures/one-line.ts';
import { refuse } from '../../core/options/index.ts';
import { type CodecLike, whyNotDecoded, whyNotEncoded } from './io-ts-errors.ts';
import { renderPath } from './message-path.ts';

/** What is wrong with a message. */
export interface Complaint {
  readonly where: string | undefined;
  readonly reason: string;
}

/** A schema of any kind, as a pair of functions that throw `DecodeFailed`. */
export interface Validation {
  readonly decode: (message: unknown) => unknown;
  readonly encode: (message: unknown) => unknown;
}

/** An io-ts type or a Standard Schema, told by its shape. */
export function readSchema(schema: unknown): Validation {
  // First what says so of itself: there are Standard Schemas that have a `decode` and an `encode`, too.
  if (isStandardSchema(schema)) return ofStandardSchema(schema);
  if (isCodec(schema)) return ofCodec(schema);
  return refuse('schema', schema, 'an io-ts type, or a schema that follows Standard Schema');
}

function refused(complaint: Complaint, sending: boolean, cause?: unknown): DecodeFailed {
  const { where, reason } = complaint;
  const at = where === undefined ? '' : ` at ${oneLine(where)}`;
  return new DecodeFailed({
    message: sending ? `a message to be sent is not valid${at}: ${oneLine(reason)}` : undefined,
    where,
    reason,
    cause,
  });
}

// ---- io-ts

function isCodec(value: unknown): value is CodecLike<unknown, unknown> {
  return hasFunctions(value, ['is', 'decode', 'encode']);
}

function hasFunctions(value: unknown, names: readonly string[]): boolean {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return false;
  return names.every((name) => typeof Reflect.get(value, name) === 'function');
}

function ofCodec(codec: CodecLike<unknown, unknown>): Validation {
  return {
    decode(message) {
      const decoded = codec.decode(message);
      if (decoded._tag === 'Right') return decoded.right;
      throw refused(whyNotDecoded(codec, decoded.left), false);
    },
    encode(message) {
      if (codec.is(message)) return codec.encode(message);
      throw refused(whyNotEncoded(codec, message), true);
    },
  };
}

// ---- Standard Schema

function isStandardSchema(value: unknown): value is StandardSchemaV1 {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return false;
  return hasFunctions(Reflect.get(value, '~standard'), ['validate']);
}

function ofStandardSchema(schema: StandardSchemaV1): Validation {
  const validate = (message: unknown, sending: boolean): unknown => {
    const result = schema['~standard'].validate(message);
    if (isPromise(result)) {
      // Nobody waits for it; what it says must not become an unhandled rejection.
      result.then(undefined, () => {});
      throw new InvalidOptions({ option: 'schema', value: schema, allowed: 'a schema that validates synchronously' });
    }
    if (result.issues === undefined) return result.value;
    throw refused(complaintOf(result.issues), sending, result.issues);
  };
  return {
    decode: (message) => validate(message, false),
    encode(message) {
      validate(message, true);
      // As it was given: the receiver's schema makes of it what this one would.
      return message;
    },
  };
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return hasFunctions(value, ['then']);
}

function complaintOf(issues: readonly StandardSchemaV1.Issue[]): Complaint {
  const [first] = issues;
  const keys = first?.path?.map((part) => (typeof part === 'object' ? part.key : part)) ?? [];
  return { where: renderPath(keys), reason: first?.message ?? 'it is not valid' };
}
