/** How deep bytes are looked for in arrays and plain objects. */
const LEVELS = 2;

/**
 * Returns how many bytes a value keeps in memory, as far as they are bytes or text: those of a
 * view, a buffer or a string (by its length), and those in arrays and plain objects two levels
 * deep. All else weighs nothing.
 */
export function weigh(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  if (ArrayBuffer.isView(value)) return value.byteLength;
  try {
    return weighParts(value, LEVELS);
  } catch {
    // A getter of the value threw: whoever reads the value is told of that.
    return 0;
  }
}

function weighParts(value: object, levels: number): number {
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return value.byteLength;
  if (levels === 0) return 0;
  let weight = 0;
  if (Array.isArray(value)) {
    for (const each of value) weight += weighPart(each, levels - 1);
  } else if (isPlain(value)) {
    for (const each of Object.values(value)) weight += weighPart(each, levels - 1);
  }
  return weight;
}

function weighPart(value: unknown, levels: number): number {
  if (typeof value === 'string') return value.length;
  return typeof value === 'object' && value !== null ? weighParts(value, levels) : 0;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
