const LONGEST = 200;

/** Separators of lines and other characters that move a terminal's cursor. */
const CONTROLS = /[\p{Cc}\u2028\u2029]+/gu;

/** Text of somebody else's as part of a message: on one line, and not longer than a line or two. */
export function oneLine(text: string): string {
  const short = text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`;
  return short.replace(CONTROLS, ' ');
}
