import * as t from 'io-ts';

import { expectedGot } from './messages.ts';
import {
  errorsOf,
  type Fields,
  type Naming,
  type OptionCodec,
  type Problem,
  type Reading,
  readOptions,
  unknownProblems,
} from './option-codec.ts';

/**
 * Environment variables, as `process.env` has them.
 *
 * @category model
 * @since 0.1.0
 */
export type Environment = Readonly<Record<string, string>>;

/**
 * How `optionsFromEnv` goes about it.
 *
 * @since 0.1.0
 */
export interface FromEnvOptions {
  /**
   * What becomes of variables that begin with the prefix and name no option: `refuse` makes a
   * problem of each, so that a misspelt one isn't silently without effect; `ignore` leaves them to
   * others.
   *
   * @defaultValue `'refuse'`
   */
  readonly unknown?: 'refuse' | 'ignore';
}

const PREFIX = /^(?:[A-Za-z_]\w*)?$/;

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;

/** What isn't text of the form is left as it is: the option's own codec says what it expects. */
const PARSERS = {
  string: (text: string): unknown => text,
  number: (text: string): unknown => (NUMBER.test(text) || text === 'Infinity' ? Number(text) : text),
  boolean: (text: string): unknown => (text === 'true' ? true : text === 'false' ? false : text),
};

const snakeCase = (name: string): string => name.replaceAll(/([a-z\d])([A-Z])/g, '$1_$2').toUpperCase();

const nameUnder =
  (prefix: string): Naming =>
  (keys) =>
    [...(prefix === '' ? [] : [prefix]), ...keys.map(snakeCase)].join('_');

/** An option that has a form in text, and the variable that it comes from. */
interface Variable {
  readonly name: string;
  readonly keys: readonly string[];
}

function variablesOf(fields: Fields, keys: readonly string[], nameOf: Naming): readonly Variable[] {
  return Object.entries(fields).flatMap(([key, { text, fields: inner }]) => {
    const at = [...keys, key];
    if (inner !== undefined) return variablesOf(inner, at, nameOf);
    return text === undefined ? [] : [{ name: nameOf(at), keys: at }];
  });
}

// ---- the environment

/** The variables that are there, with what is wrong with them as such. */
interface Given {
  readonly texts: ReadonlyMap<string, unknown>;
  readonly problems: readonly Problem[];
}

function readEnvironment(input: unknown, names: readonly string[], prefix: string, refusesUnknown: boolean): Given {
  const texts = new Map<string, unknown>();
  const unknown: string[] = [];
  try {
    if (typeof input !== 'object' || input === null || Array.isArray(input)) {
      return { texts, problems: [{ keys: [], value: input, message: expectedGot('environment variables', input) }] };
    }
    for (const name of names) {
      if (!Object.hasOwn(input, name)) continue;
      const value: unknown = Reflect.get(input, name);
      if (value !== undefined) texts.set(name, value);
    }
    if (refusesUnknown && prefix !== '') {
      unknown.push(...Object.keys(input).filter((name) => name.startsWith(`${prefix}_`) && !names.includes(name)));
    }
  } catch {
    return {
      texts,
      problems: [{ keys: [], value: undefined, message: 'expected environment variables that can be read' }],
    };
  }
  return { texts, problems: unknownProblems(unknown, names, [], ([name = '']) => name, 'variable') };
}

/** The options as they would stand in JSON; undefined when none of them is there. */
function dataOf(
  fields: Fields,
  keys: readonly string[],
  nameOf: Naming,
  texts: ReadonlyMap<string, unknown>,
): Readonly<Record<string, unknown>> | undefined {
  const entries = Object.entries(fields).flatMap(([key, { text, fields: inner }]) => {
    const at = [...keys, key];
    if (inner !== undefined) {
      const data = dataOf(inner, at, nameOf, texts);
      return data === undefined ? [] : [[key, data] as const];
    }
    const given = text === undefined ? undefined : texts.get(nameOf(at));
    if (text === undefined || given === undefined) return [];
    return [[key, typeof given === 'string' ? PARSERS[text](given) : given] as const];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

const isPlain = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

function valueAt(data: unknown, keys: readonly string[]): unknown {
  let value = data;
  for (const key of keys) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

/**
 * Reads options from environment variables: `LISTEN_PORT` is the option `port` under the prefix
 * `LISTEN`, `LISTEN_MAX_CONNECTIONS` is `maxConnections`, `LISTEN_THROTTLE_PER_SECOND` is
 * `throttle.perSecond`. Give it the codec of the options: `ServeOptionsCodec`,
 * `ListenOptionsCodec`, `ConnectOptionsCodec`.
 *
 * Numbers are decimal, truth is `true` or `false`, and an empty variable is not the same as none.
 * Variables under the prefix that name no option are problems (see `unknown`); their values are not
 * shown. What only a program can give (`signal`, `transport`, `lookup`, `shutdown`) has no
 * variable, and is left out of what it encodes.
 *
 * @param prefix - letters, digits and underscores; `''` for variables without a prefix, of which no unknown ones are refused.
 * @category codecs
 * @since 0.1.0
 * @example
 * ```ts
 * import { ConnectOptionsCodec, optionsFromEnv, problemsOf } from 'rxjs-net/effects';
 *
 * const FromEnv = optionsFromEnv('DB')(ConnectOptionsCodec);
 *
 * const options = FromEnv.decode({ DB_HOST: 'db.internal', DB_PORT: '5432', DB_KEEP_ALIVE: 'true', HOME: '/root' });
 * if (options._tag === 'Right') console.log(options.right); // => { port: 5432, host: 'db.internal', keepAlive: true }
 *
 * const wrong = FromEnv.decode({ DB_PORT: '99999', DB_IDLE_TIMEOUT: '1m', DB_HOTS: 'secret' });
 * if (wrong._tag === 'Left') for (const problem of problemsOf(wrong.left)) console.log(problem);
 * // => DB_PORT: expected a port to connect to (1-65535), got "99999"
 * // => DB_IDLE_TIMEOUT: expected a number of milliseconds greater than 0, at most 2147483647, got "1m"
 * // => DB_HOTS: there is no such variable; did you mean DB_HOST?
 * ```
 */
export function optionsFromEnv(
  prefix: string,
  { unknown = 'refuse' }: FromEnvOptions = {},
): <A, O>(options: OptionCodec<A, O>) => t.Type<A, Environment> {
  const isRight = typeof prefix === 'string' && PREFIX.test(prefix);
  const plain = isRight ? prefix.replace(/_+$/, '') : '';
  const nameOf = nameUnder(plain);
  return <A, O>({ name, fields, checks, is, encode }: OptionCodec<A, O>) => {
    const variables = variablesOf(fields, [], nameOf);
    const names = variables.map((variable) => variable.name);
    const isA = (reading: Reading): reading is Reading & { readonly values: A } => reading.problems.length === 0;
    return new t.Type<A, Environment>(
      `${name} from the environment`,
      is,
      (input, context) => {
        if (!isRight) {
          const message = expectedGot('a prefix of letters, digits and underscores', prefix);
          return t.failures(errorsOf([{ keys: [], value: prefix, message }], context));
        }
        const given = readEnvironment(input, names, plain, unknown !== 'ignore');
        const reading = readOptions(fields, checks, dataOf(fields, [], nameOf, given.texts) ?? {}, nameOf);
        const problems = [
          ...reading.problems.map((problem) => ({
            ...problem,
            keys: problem.keys.length === 0 ? [] : [nameOf(problem.keys)],
          })),
          ...given.problems,
        ];
        const all = { values: reading.values, problems };
        return isA(all) ? t.success(all.values) : t.failures(errorsOf(all.problems, context));
      },
      (options) => {
        const data = encode(options);
        return Object.fromEntries(
          variables.flatMap((variable) => {
            const value = valueAt(data, variable.keys);
            return isPlain(value) ? [[variable.name, String(value)]] : [];
          }),
        );
      },
    );
  };
}
