/** What a terminal would obey rather than show, and what XML has no place for. */
const CONTROL = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\uFFFE\uFFFF]/gu;
const WIDE =
  /\p{Emoji_Presentation}|[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]/u;
const NONE = /\p{M}/u;

/** Text without characters that move the cursor. */
export function printable(text: string): string {
  return text.replaceAll(CONTROL, '?');
}

/** The columns that a character takes. */
function columnsOf(character: string): number {
  if (NONE.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** A row of cells; a wide character takes two of them, the second of which is empty. */
export class Line {
  private readonly cells: string[];

  constructor(width: number) {
    this.cells = Array.from({ length: width }, () => ' ');
  }

  put(column: number, character: string): void {
    if (column >= 0 && column < this.cells.length) this.cells[column] = character;
  }

  fill(from: number, to: number, character: string): void {
    for (let column = from; column <= to; column++) this.put(column, character);
  }

  /** Writes from a column on. */
  write(column: number, text: string): void {
    let next = column;
    for (const character of text) {
      const size = columnsOf(character);
      if (size === 0) {
        this.put(next - 1, (this.cells[next - 1] ?? '') + character);
        continue;
      }
      this.put(next, character);
      if (size === 2) this.put(next + 1, '');
      next += size;
    }
  }

  toString(): string {
    return this.cells.join('').trimEnd();
  }
}

/** How many columns text takes. */
export function columns(text: string): number {
  let sum = 0;
  for (const character of text) sum += columnsOf(character);
  return sum;
}

/** Text of at most so many columns; what is longer is cut, and shows it. */
export function fit(text: string, most: number): string {
  if (columns(text) <= most) return text;
  let kept = '';
  let room = most - 1;
  for (const character of text) {
    room -= columnsOf(character);
    if (room < 0) break;
    kept += character;
  }
  return most > 0 ? `${kept}…` : '';
}
