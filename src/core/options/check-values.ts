import { refuse } from './refuse.ts';

/** `true` or `false`, nothing that is merely truthy. */
export function checkBoolean(name: string, value: unknown): boolean {
  return typeof value === 'boolean' ? value : refuse(name, value, 'true or false');
}

/** Text that is not empty and holds no NUL, which the system would take as its end. */
export function checkString(name: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') return refuse(name, value, 'a string that is not empty');
  return value.includes('\0') ? refuse(name, value, 'a string without NUL characters') : value;
}

type AnyFunction = (...args: never[]) => unknown;

/**
 * Any function. Its type is the caller's word: nothing at run time tells what a function takes and
 * returns.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- a cast at each call would say less
export function checkFunction<F extends AnyFunction>(name: string, value: unknown): F {
  const is = (candidate: unknown): candidate is F => typeof candidate === 'function';
  return is(value) ? value : refuse(name, value, 'a function');
}

export function checkSignal(name: string, value: unknown): AbortSignal {
  return isSignal(value) ? value : refuse(name, value, 'an AbortSignal');
}

/** Tells an `AbortSignal` by its shape: signals of other realms and of polyfills are as good. */
export function isSignal(value: unknown): value is AbortSignal {
  return (
    typeof value === 'object' &&
    value !== null &&
    'aborted' in value &&
    typeof value.aborted === 'boolean' &&
    'addEventListener' in value &&
    typeof value.addEventListener === 'function' &&
    'removeEventListener' in value &&
    typeof value.removeEventListener === 'function'
  );
}

/** One of a few literals. */
export function checkOneOf<const T extends string | number | boolean>(
  name: string,
  value: unknown,
  allowed: readonly T[],
): T {
  for (const candidate of allowed) if (candidate === value) return candidate;
  const shown = allowed.map((candidate) => JSON.stringify(candidate));
  const last = shown.at(-1) ?? 'nothing';
  return refuse(name, value, shown.length > 1 ? `${shown.slice(0, -1).join(', ')} or ${last}` : last);
}
