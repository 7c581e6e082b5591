import * as t from 'io-ts';

import { isNetFailure } from '../../core/failures/index.ts';
import { nearestName } from '../../core/options/refuse-unknown.ts';
import { expectedGot } from './messages.ts';

/** How text of the environment is read as a value; what has no text, such as a function, can't come from there. */
export type TextForm = 'string' | 'number' | 'boolean';

/** One option. */
export interface Field {
  readonly type: t.Mixed;
  readonly text?: TextForm;
  /** Of an option that is an object of options itself. */
  readonly fields?: Fields;
  /** These, where it was made of them already; undefined for what wasn't. */
  readonly optionsOf?: (value: unknown) => object | undefined;
  /** Which of these have to be there. */
  readonly required?: readonly string[];
}

export type Fields = Readonly<Record<string, Field>>;

/** What is wrong with one option. */
export interface Problem {
  readonly keys: readonly string[];
  readonly value: unknown;
  readonly message: string;
}

/** What an option is called where the input comes from: `"port"` in JSON, `LISTEN_PORT` in the environment. */
export type Naming = (keys: readonly string[]) => string;

/** What is wrong with options that are right one by one. */
export type Rule = (given: ReadonlyMap<string, unknown>, nameOf: Naming) => readonly Problem[];

/** What holds for options together. */
export interface Checks {
  readonly rules: readonly Rule[];
  /** What the library itself makes of options in which nothing is wrong so far; throws `InvalidOptions`. */
  readonly plan: (options: object) => unknown;
}

/** The options as they were read. */
export interface Reading {
  readonly values: Readonly<Record<string, unknown>>;
  readonly problems: readonly Problem[];
}

/** Further unknown options are only counted: a message for each of a million helps nobody. */
const MOST_UNKNOWN = 8;

const inQuotes: Naming = (keys) => `"${keys.join('.')}"`;

/**
 * A codec of an object of options. Every option is checked, so that all problems are told at once; options that nobody reads are
 * problems, too. Only the object's own properties count, each is read once, and one whose value is `undefined` is absent.
 *
 * `optionsFromEnv` makes one of it that reads environment variables.
 *
 * @category model
 * @since 0.1.0
 */
export class OptionCodec<A, O> extends t.Type<A, O> {
  readonly _tag = 'OptionCodec' as const;
  /** @internal */
  readonly fields: Fields;
  /** @internal */
  readonly checks: Checks;

  /** @internal */
  constructor(name: string, fields: Fields, checks: Checks) {
    const isRight = (reading: Reading): reading is Reading & { readonly values: A } => reading.problems.length === 0;
    super(
      name,
      (value): value is A => {
        const reading = readOptions(fields, checks, value, inQuotes);
        return isRight(reading) && isUnchanged(reading.values, value);
      },
      (value, context) => {
        const reading = readOptions(fields, checks, value, inQuotes);
        return isRight(reading) ? t.success(reading.values) : t.failures(errorsOf(reading.problems, context));
      },
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each field's codec says what it encodes to
      (options) => encodeFields(fields, options) as O,
    );
    this.fields = fields;
    this.checks = checks;
  }
}

/** What was found as io-ts says it. */
export function errorsOf(problems: readonly Problem[], context: t.Context): t.Errors {
  return problems.map(({ keys, value, message }) => ({
    value,
    context: [...context, ...keys.map((key) => ({ key, type: t.unknown, actual: value }))],
    message,
  }));
}

/** Reads every option, and tells everything that is wrong. Never throws. */
export function readOptions(fields: Fields, checks: Checks, input: unknown, nameOf: Naming): Reading {
  const { values, problems, given } = readFields(fields, input, [], nameOf);
  if (given === undefined) return { values, problems };
  // A rule looks at what was given, right or not: to call a port that is wrong missing would be one problem too many.
  const all = [...problems, ...checks.rules.flatMap((rule) => rule(given, nameOf))];
  return { values, problems: all.length > 0 ? all : planProblems(fields, checks.plan, values, nameOf) };
}

interface FieldReading extends Reading {
  /** Undefined when it was no object at all. */
  readonly given: ReadonlyMap<string, unknown> | undefined;
}

function readFields(fields: Fields, input: unknown, keys: readonly string[], nameOf: Naming): FieldReading {
  const values: Record<string, unknown> = {};
  const problems: Problem[] = [];
  const given = entriesOf(input, fields);
  if (given === undefined) {
    problems.push({ keys, value: input, message: expectedGot('an object of options', input) });
    return { values, problems, given };
  }
  const read = new Map<string, unknown>();
  for (const [name, field] of Object.entries(fields)) {
    const value = given.known.get(name);
    if (value === undefined) continue;
    read.set(name, value.value);
    const at = [...keys, name];
    if (value.failed) {
      problems.push({
        keys: at,
        value: undefined,
        message: 'expected something that can be read, got a getter that throws',
      });
      continue;
    }
    const found = readField(field, value.value, at, nameOf);
    if (found.problems.length === 0) values[name] = found.value;
    else problems.push(...found.problems);
  }
  problems.push(...unknownProblems(given.unknown, Object.keys(fields), keys, nameOf, 'option'));
  return { values, problems, given: read };
}

interface FieldValue {
  readonly value?: unknown;
  readonly problems: readonly Problem[];
}

function readField(field: Field, value: unknown, keys: readonly string[], nameOf: Naming): FieldValue {
  const { type, fields, required = [] } = field;
  if (fields === undefined) return decodeField(type, value, keys);
  const made = field.optionsOf?.(value);
  const { values, problems, given } = readFields(fields, made ?? value, keys, nameOf);
  const missing = required.filter((name) => given?.has(name) === false);
  const all = [
    ...problems,
    ...missing.flatMap((name) => decodeField(fields[name]?.type, undefined, [...keys, name]).problems),
  ];
  return all.length > 0 ? { problems: all } : decodeField(type, made === undefined ? values : value, keys);
}

function decodeField(type: t.Mixed = t.unknown, input: unknown, keys: readonly string[]): FieldValue {
  const decoded = type.decode(input);
  if (decoded._tag === 'Right') return { value: decoded.right, problems: [] };
  const problems = decoded.left.map(({ value: wrong, message, context }) => ({
    // The first step is the value itself.
    keys: [...keys, ...context.slice(1).map(({ key }) => key)],
    value: wrong,
    message: message ?? expectedGot(type.name, wrong),
  }));
  return { problems };
}

// ---- the object

interface Entry {
  readonly value: unknown;
  /** A getter of it threw. */
  readonly failed: boolean;
}

/** Own properties that are there, in the order of the object; undefined when it is no object, or can't be looked into. */
function entriesOf(
  input: unknown,
  fields: Fields,
): { readonly known: ReadonlyMap<string, Entry>; readonly unknown: readonly string[] } | undefined {
  try {
    if (typeof input !== 'object' || input === null || Array.isArray(input)) return undefined;
    const known = new Map<string, Entry>();
    const unknown: string[] = [];
    for (const name of Object.keys(input)) {
      const entry = entryOf(input, name);
      if (entry.value === undefined && !entry.failed) continue;
      if (Object.hasOwn(fields, name)) known.set(name, entry);
      else unknown.push(name);
    }
    return { known, unknown };
  } catch {
    // A proxy.
    return undefined;
  }
}

function entryOf(input: object, name: string): Entry {
  try {
    return { value: Reflect.get(input, name), failed: false };
  } catch {
    return { value: undefined, failed: true };
  }
}

/** A problem for each name that means nothing; `what` they are names of. */
export function unknownProblems(
  names: readonly string[],
  known: readonly string[],
  keys: readonly string[],
  nameOf: Naming,
  what: string,
): readonly Problem[] {
  const problems = names.slice(0, MOST_UNKNOWN).map((name) => {
    const near = nearestName(name, known);
    const advice = near === undefined ? '' : `; did you mean ${nameOf([...keys, near])}?`;
    // Its value is not shown: it may be a secret that came to the wrong place.
    return { keys: [...keys, name], value: undefined, message: `there is no such ${what}${advice}` };
  });
  const more = names.length - problems.length;
  if (more > 0)
    problems.push({ keys: [...keys], value: undefined, message: `there are ${more} more that are not known` });
  return problems;
}

function isUnchanged(values: Readonly<Record<string, unknown>>, input: unknown): boolean {
  if (typeof input !== 'object' || input === null) return false;
  try {
    return Object.entries(values).every(([name, value]) => Object.is(value, Reflect.get(input, name)));
  } catch {
    return false;
  }
}

function encodeFields(fields: Fields, options: unknown): Readonly<Record<string, unknown>> {
  const encoded: Record<string, unknown> = {};
  if (typeof options !== 'object' || options === null) return encoded;
  for (const [name, { type }] of Object.entries(fields)) {
    const value: unknown = Reflect.get(options, name);
    if (value === undefined) continue;
    const data: unknown = type.encode(value);
    encoded[name] = data;
  }
  return encoded;
}

// ---- the options together

/** What the library itself says of the options, in the names of where they come from. */
function planProblems(
  fields: Fields,
  plan: (options: object) => unknown,
  values: object,
  nameOf: Naming,
): readonly Problem[] {
  try {
    plan(values);
    return [];
  } catch (error) {
    if (!isNetFailure(error) || error._tag !== 'InvalidOptions') {
      return [{ keys: [], value: undefined, message: 'expected options that can be read, got one that throws' }];
    }
    const { option, value, allowed } = error;
    const expected = allowed.replace(/"(\w+)"/g, (whole, name: string) =>
      Object.hasOwn(fields, name) ? nameOf([name]) : whole,
    );
    return [{ keys: [option], value, message: expectedGot(expected, value) }];
  }
}
