import type { StandardSchemaV1 } from '@standard-schema/spec';

import { DecodeFailed, InvalidOptions } from '../../core/failures/index.ts';
import { oneLine } from '../../core/failures/one-line.ts';
import { refuse } from '../../core/options/index.ts';
import { Defect } from '../failures/defect.ts';
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

/** An io-ts type or a Standard Schema, told by its shape. What it throws is a `Defect`. */
export function readSchema(schema: unknown): Validation {
  const { decode, encode } = readThrowing(schema);
  return {
    decode(message) {
      try {
        return decode(message);
      } catch (thrown) {
        if (isOurs(thrown)) throw thrown;
        // A peer can cause it with any schema that is recursive.
        if (thrown instanceof RangeError && isDeep(message)) {
          throw new DecodeFailed({ reason: 'it is nested too deeply for its schema', cause: thrown });
        }
        throw new Defect(thrown, SCHEMA_THREW);
      }
    },
    encode(message) {
      try {
        return encode(message);
      } catch (thrown) {
        throw isOurs(thrown) ? thrown : new Defect(thrown, SCHEMA_THREW);
      }
    },
  };
}

const SCHEMA_THREW = 'the schema threw';

/** The failures that are made here, and not one that a schema happens to throw. */
const ours = new WeakSet<object>();

function own<F extends object>(failure: F): F {
  ours.add(failure);
  return failure;
}

function isOurs(thrown: unknown): boolean {
  return typeof thrown === 'object' && thrown !== null && ours.has(thrown);
}

/** No stack overflows in a message that is less deep than this. */
const DEEP = 100;

/**
 * Whether a message is nested so deeply that a stack may overflow. It goes level by level, and not
 * by recursion.
 */
function isDeep(message: unknown): boolean {
  let level: unknown[] = [message];
  for (let depth = 0; depth < DEEP; depth++) {
    level = level.flatMap((value): unknown[] =>
      typeof value === 'object' && value !== null ? Object.values(value) : [],
    );
    if (level.length === 0) return false;
  }
  return true;
}

function readThrowing(schema: unknown): Validation {
  // First what says so of itself: there are Standard Schemas that have a `decode` and an `encode`, too.
  if (isStandardSchema(schema)) return ofStandardSchema(schema);
  if (isCodec(schema)) return ofCodec(schema);
  return refuse('schema', schema, 'an io-ts type, or a schema that follows Standard Schema');
}

function refused(complaint: Complaint, sending: boolean, cause?: unknown): DecodeFailed {
  const { where, reason } = complaint;
  const at = where === undefined ? '' : ` at ${oneLine(where)}`;
  return own(
    new DecodeFailed({
      message: sending ? `a message to be sent is not valid${at}: ${oneLine(reason)}` : undefined,
      where,
      reason,
      cause,
    }),
  );
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
      // Nothing waits for it; what it reports must not become an unhandled rejection.
      result.then(undefined, () => {});
      const thrown = thrownInstead(schema, message);
      if (thrown !== undefined) throw thrown.error;
      throw own(
        new InvalidOptions({ option: 'schema', value: schema, allowed: 'a schema that validates synchronously' }),
      );
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

/**
 * What a schema threw before it fell back to validating asynchronously, as those of zod do. They
 * have a `safeParse`, which throws the same again, or an error of its own when the schema really is
 * asynchronous.
 */
function thrownInstead(schema: object, message: unknown): { readonly error: unknown } | undefined {
  if (!hasFunctions(schema, ['safeParse'])) return undefined;
  const safeParse: unknown = Reflect.get(schema, 'safeParse');
  try {
    const result: unknown = typeof safeParse === 'function' ? Reflect.apply(safeParse, schema, [message]) : undefined;
    if (isPromise(result)) result.then(undefined, () => {});
    return undefined;
  } catch (error) {
    return isAsyncError(error) ? undefined : { error };
  }
}

/**
 * What zod 4 and zod 3 say of a schema that is asynchronous; the class of the error says it in one
 * of them only.
 */
const ASYNC =
  /^(?:Encountered Promise during synchronous parse|Synchronous parse encountered promise|Async refinement encountered during synchronous parse)/;

function isAsyncError(error: unknown): boolean {
  return error instanceof Error && ASYNC.test(error.message);
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return hasFunctions(value, ['then']);
}

function complaintOf(issues: readonly StandardSchemaV1.Issue[]): Complaint {
  const [first] = issues;
  const keys = first?.path?.map((part) => (typeof part === 'object' ? part.key : part)) ?? [];
  return { where: renderPath(keys), reason: first?.message ?? 'it is not valid' };
}
