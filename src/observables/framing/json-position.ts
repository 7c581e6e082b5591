const OPENING = '[{';
const CLOSING = ']}';

/** Whole tokens of JSON that are no text, at a position. */
const TOKEN = /[{}[\]:,]|true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SPACE = /[ \t\r\n]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y;

const QUOTE = '"';
const BACKSLASH = '\\';

/** What may come next. */
type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | 'colon' | 'comma or end';

/**
 * Where text stops being JSON, counted in characters; undefined if it doesn't. `JSON.parse` says so only sometimes, and in words that change
 * from one version to the next. Only for text that it has refused.
 */
export function jsonErrorPosition(text: string): number | undefined {
  const open: string[] = [];
  let expected: Expected = 'value';
  let position = 0;
  for (;;) {
    position = matchEnd(SPACE, text, position);
    if (position === text.length) return open.length === 0 && expected === 'comma or end' ? undefined : position;
    const first = text.charAt(position);
    const isText = first === QUOTE;
    const end = isText ? textEnd(text, position) : matchEnd(TOKEN, text, position);
    const next: Expected | undefined = end === position ? undefined : follow(first, expected, open);
    if (next === undefined) return position;
    if (isText && !(end > position + 1 && text.charAt(end - 1) === QUOTE)) return end;
    expected = next;
    position = end;
  }
}

/** Behind the quote that ends it; or where it stops being text. Not by a pattern, whose stack a long text would exhaust. */
function textEnd(text: string, start: number): number {
  let position = start + 1;
  while (position < text.length) {
    const character = text.charAt(position);
    if (character === QUOTE) return position + 1;
    const next = character === BACKSLASH ? matchEnd(ESCAPE, text, position) : position + 1;
    if (next === position || character < ' ') return position;
    position = next;
  }
  return position;
}

function matchEnd(pattern: RegExp, text: string, position: number): number {
  pattern.lastIndex = position;
  return pattern.test(text) ? pattern.lastIndex : position;
}

/** What may come after a token that begins so; undefined if it may not come here. `open` has the brackets around it. */
function follow(first: string, expected: Expected, open: string[]): Expected | undefined {
  const inside = open.at(-1);
  if (CLOSING.includes(first)) {
    const mayClose = first === ']' ? expected === 'value or ]' : expected === 'key or }';
    const opening = OPENING.charAt(CLOSING.indexOf(first));
    if (inside !== opening || !(mayClose || expected === 'comma or end')) return undefined;
    open.pop();
    return 'comma or end';
  }
  if (first === ',') {
    if (expected !== 'comma or end' || inside === undefined) return undefined;
    return inside === '{' ? 'key' : 'value';
  }
  if (first === ':') return expected === 'colon' ? 'value' : undefined;
  if (expected === 'key' || expected === 'key or }') return first === '"' ? 'colon' : undefined;
  if (expected !== 'value' && expected !== 'value or ]') return undefined;
  if (!OPENING.includes(first)) return 'comma or end';
  open.push(first);
  return first === '{' ? 'key or }' : 'value or ]';
}
