import { renderValue } from '../../core/failures/render-value.ts';
import { renderPath } from './message-path.ts';
import type { Complaint } from './schema.ts';

/** An io-ts type, by its structure: nothing is imported from io-ts. */
export interface CodecLike<A, O, I = unknown> {
  readonly name: string;
  is(value: unknown): value is A;
  decode(value: I): { readonly _tag: 'Left'; readonly left: unknown } | { readonly _tag: 'Right'; readonly right: A };
  encode(value: A): O;
}

/** One step from the message to the value that is wrong. */
interface Step {
  readonly key: string;
  readonly type: { readonly name: string; readonly _tag?: unknown; is?(value: unknown): boolean };
}

/** What `decode` of io-ts says. */
interface ValidationError {
  readonly value: unknown;
  readonly context: readonly Step[];
  readonly message?: string | undefined;
}

/** What a codec found wrong with a message that came. */
export function whyNotDecoded(codec: CodecLike<unknown, unknown>, errors: unknown): Complaint {
  const found = readErrors(errors);
  const [first] = found;
  return first === undefined ? unknownReason(codec) : complain(first, found.length > 1);
}

/** What is wrong with a message to be sent, of which a codec only says that it is wrong. */
export function whyNotEncoded(codec: CodecLike<unknown, unknown>, message: unknown): Complaint {
  const decoded = codec.decode(message);
  if (decoded._tag === 'Right') return unknownReason(codec);
  // What is right as it is, and would only have another form on the wire (a Date), is no mistake.
  const wrong = readErrors(decoded.left).filter(({ value, context }) => context.at(-1)?.type.is?.(value) !== true);
  const [first] = wrong;
  return first === undefined ? unknownReason(codec) : complain(first, wrong.length > 1);
}

function unknownReason({ name }: CodecLike<unknown, unknown>): Complaint {
  return { where: undefined, reason: `it must be ${name}` };
}

function readErrors(errors: unknown): readonly ValidationError[] {
  return Array.isArray(errors) ? errors.filter(isValidationError) : [];
}

function isValidationError(value: unknown): value is ValidationError {
  return typeof value === 'object' && value !== null && 'context' in value && Array.isArray(value.context);
}

function complain({ value, context, message }: ValidationError, isOneOfSeveral: boolean): Complaint {
  const keys: string[] = [];
  let previous: Step | undefined;
  for (const step of context) {
    // The members of a union and of an intersection are numbered, which is nothing in the message.
    const isMember = previous?.type._tag === 'UnionType' || previous?.type._tag === 'IntersectionType';
    // Why it is none of several, only all of them together say.
    if (previous?.type._tag === 'UnionType' && isOneOfSeveral) {
      return { where: renderPath(keys), reason: `must be ${previous.type.name}` };
    }
    if (previous !== undefined && !isMember) keys.push(step.key);
    previous = step;
  }
  const expected = previous?.type.name ?? 'something else';
  return { where: renderPath(keys), reason: message ?? `must be ${expected}, got ${renderValue(value)}` };
}
