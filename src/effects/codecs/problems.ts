import type * as t from 'io-ts';
import type { Reporter } from 'io-ts/lib/Reporter.js';

import { escapeUnseen } from '../../core/failures/one-line.ts';
import { renderPath } from '../../observables/framing/message-path.ts';
import { expectedGot } from './messages.ts';

/** Keys come from outside, too. */
const LONGEST_KEY = 64;
/** A message of a thousand lines is read by nobody. */
const MOST_LINES = 32;

/** A step of the way to a value that is wrong, and whether the next one is the number of a member, which is no key of the input. */
interface Step {
  readonly entry: t.ContextEntry;
  readonly isUnion: boolean;
  readonly isKey: boolean;
}

const tagOf = (type: object): unknown => Reflect.get(type, '_tag');

function stepsOf(context: t.Context): readonly Step[] {
  return context.map((entry, index) => {
    const outer = context[index - 1];
    const tag = outer === undefined ? undefined : tagOf(outer.type);
    return {
      entry,
      isUnion: tagOf(entry.type) === 'UnionType',
      isKey: outer !== undefined && tag !== 'UnionType' && tag !== 'IntersectionType',
    };
  });
}

const placeOf = (steps: readonly Step[]): string =>
  steps
    .slice(1)
    .map(({ entry }) => JSON.stringify(entry.key))
    .join();

/** The members that were tried at each union: where it was more than one, only all of them together say why. */
function triedMembers(errors: readonly (readonly Step[])[]): ReadonlyMap<string, ReadonlySet<string>> {
  const tried = new Map<string, Set<string>>();
  for (const steps of errors) {
    for (const [index, { isUnion }] of steps.entries()) {
      const next = steps[index + 1];
      if (!isUnion || next === undefined) continue;
      const place = placeOf(steps.slice(0, index + 1));
      const members = tried.get(place) ?? new Set<string>();
      members.add(next.entry.key);
      tried.set(place, members);
    }
  }
  return tried;
}

function lineOf(steps: readonly Step[], said: string): string {
  const keys = steps
    .filter(({ isKey }) => isKey)
    .map(({ entry: { key } }) => (key.length <= LONGEST_KEY ? key : `${key.slice(0, LONGEST_KEY)}…`));
  const path = renderPath(keys);
  return escapeUnseen(path === undefined ? said : `${path}: ${said}`);
}

/**
 * What is wrong with an input as readable lines, one for each problem: `LISTEN_PORT: expected a port (0-65535), got "80a"`.
 *
 * For the codecs here and for those of your own. Text from outside can't break out of its line: control characters are escaped, long
 * values are cut, objects show only the names of their keys, and a URL's password is left out. At most 32 lines, the last of which says
 * how many there would be.
 *
 * @category destructors
 * @since 0.1.0
 * @example
 * ```ts
 * import * as t from 'io-ts';
 * import { Port, problemsOf } from 'rxjs-net/effects';
 *
 * const Config = t.type({ name: t.string, ports: t.array(Port) });
 * const wrong = Config.decode({ name: 7, ports: [80, 'http\u001b[31m'] });
 * if (wrong._tag === 'Left') for (const problem of problemsOf(wrong.left)) console.log(problem);
 * // => name: expected string, got 7
 * // => ports[1]: expected a port (0-65535), got "http\u001b[31m"
 * ```
 */
export function problemsOf(errors: t.Errors): readonly string[] {
  const all = errors.map(({ context, value, message }) => ({ steps: stepsOf(context), value, message }));
  const tried = triedMembers(all.map(({ steps }) => steps));
  const lines = new Set<string>();
  for (const { steps, value, message } of all) {
    const union = steps.findIndex(
      ({ isUnion }, index) => isUnion && (tried.get(placeOf(steps.slice(0, index + 1)))?.size ?? 0) > 1,
    );
    const shown = union === -1 ? steps : steps.slice(0, union + 1);
    const last = shown.at(-1)?.entry;
    const said = union === -1 ? message : undefined;
    lines.add(
      lineOf(shown, said ?? expectedGot(last?.type.name ?? 'something else', union === -1 ? value : last?.actual)),
    );
  }
  const listed = [...lines];
  if (listed.length <= MOST_LINES) return listed;
  return [...listed.slice(0, MOST_LINES - 1), `and ${listed.length - MOST_LINES + 1} more problems`];
}

/**
 * The same as a reporter of io-ts, which takes the result of `decode`.
 *
 * @category instances
 * @since 0.1.0
 * @example
 * ```ts
 * import { Port, problemReporter } from 'rxjs-net/effects';
 *
 * console.log(problemReporter.report(Port.decode(-1))); // => [ 'expected a port (0-65535), got -1' ]
 * console.log(problemReporter.report(Port.decode(1))); // => []
 * ```
 */
export const problemReporter: Reporter<readonly string[]> = {
  report: (validation) => (validation._tag === 'Left' ? problemsOf(validation.left) : []),
};
