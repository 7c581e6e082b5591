/** Values in messages come from anywhere; a message that is longer than a line or two helps nobody. */
const LONGEST = 64;
const MOST_KEYS = 4;

function bounded(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`;
}

function quoted(text: string): string {
  // Cut before quoting: text of many megabytes must not be escaped only to be thrown away.
  return text.length <= LONGEST
    ? JSON.stringify(text)
    : `${JSON.stringify(text.slice(0, LONGEST))}… (${text.length} characters)`;
}

function renderFunction(value: object): string {
  const name: unknown = Reflect.get(value, 'name');
  return typeof name === 'string' && name !== '' ? `a function (${bounded(name)})` : 'a function';
}

function renderObject(value: object): string {
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (value instanceof Error) return `an error (${quoted(value.message)})`;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) {
    const maker: unknown = Reflect.get(value, 'constructor');
    const name: unknown = typeof maker === 'function' ? Reflect.get(maker, 'name') : undefined;
    return typeof name === 'string' && name !== '' ? `an object (${bounded(name)})` : 'an object';
  }
  // Names only: the values may be secrets, and messages end in logs.
  const keys = Object.keys(value);
  if (keys.length === 0) return '{}';
  const shown = keys.slice(0, MOST_KEYS).map(bounded).join(', ');
  return `an object with ${shown}${keys.length > MOST_KEYS ? ', …' : ''}`;
}

function renderReference(value: object): string {
  try {
    return typeof value === 'function' ? renderFunction(value) : renderObject(value);
  } catch {
    // A proxy or a getter that throws.
    return typeof value === 'function' ? 'a function' : 'an object';
  }
}

/** A value as it is shown in a message: readable, bounded in length, and never throwing. */
export function renderValue(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'bigint') return bounded(`${value}n`);
  if (Object.is(value, -0)) return '-0';
  if (value !== null && (typeof value === 'object' || typeof value === 'function')) return renderReference(value);
  return bounded(String(value));
}
