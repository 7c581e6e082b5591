import { InvalidOptions } from '../failures/invalid-options.ts';
import { renderValue } from '../failures/render-value.ts';
import { refuse } from './refuse.ts';

/** Names longer than this are no misspelling of ours; it bounds the work, too. */
const LONGEST_NAME = 48;

/** The least number of single-character edits, swaps of neighbours included, that turn `a` into `b`. */
function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

/** The known name that was most likely meant, if any is near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  if (name.length > LONGEST_NAME) return undefined;
  const wanted = name.toLowerCase();
  let nearest: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const lower = candidate.toLowerCase();
    // A name within the other counts as near: `hostname` for `host`, `timeout` for `connectTimeout`.
    const within = Math.min(wanted.length, lower.length) >= 4 && (lower.includes(wanted) || wanted.includes(lower));
    const edits = within ? 2 : distance(wanted, lower);
    if (edits < least && edits <= Math.max(1, Math.floor(Math.min(lower.length, 8) / 3) + (within ? 1 : 0))) {
      nearest = candidate;
      least = edits;
    }
  }
  return nearest;
}

/**
 * Refuses options that nobody reads, so that a misspelt one is not silently without effect, and what is no
 * object of options at all. One whose value is `undefined` counts as absent.
 *
 * @param within - the name of the option whose value they are, where they are options within another one
 */
export function refuseUnknown(options: unknown, known: readonly string[], within?: string): asserts options is object {
  checkObject(options, within);
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const value: unknown = Reflect.get(options, name);
    if (value === undefined) continue;
    const near = nearestName(name, known);
    const advice = near === undefined ? `known are ${known.join(', ')}` : `did you mean "${near}"?`;
    throw new InvalidOptions({
      message: `option ${renderValue(name)} is not known; ${advice}`,
      option: name,
      value,
      allowed: `one of ${known.join(', ')}`,
    });
  }
}

function checkObject(options: unknown, within: string | undefined): asserts options is object {
  if (typeof options === 'object' && options !== null && !Array.isArray(options)) return;
  if (within !== undefined) refuse(within, options, 'an object');
  throw new InvalidOptions({
    message: `the options must be an object, got ${renderValue(options)}`,
    option: 'options',
    value: options,
    allowed: 'an object',
  });
}
