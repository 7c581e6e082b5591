/**
 * The longest part of a message that came from elsewhere, and the longest message, in characters.
 */
export const LONGEST_PART = 200;
const LONGEST_MESSAGE = 1_000;

/** What ends a line or moves a cursor; a space stands for it. */
const BREAKS = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;

/** What moves a cursor, turns the direction of writing, is invisible, or is half of a character. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * The same text with everything escaped that a reader would not see. Text of a peer must not be
 * able to forge a line of a log.
 */
export function escapeUnseen(text: string): string {
  return text.replace(UNSEEN, (character) => {
    const code = character.codePointAt(0) ?? 0;
    const hex = code.toString(16);
    return code > 0xff_ff ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`;
  });
}

/**
 * Text of a peer or another program as part of a failure: on one line, with nothing invisible, and
 * bounded.
 */
export function oneLine(text: string, longest: number = LONGEST_PART): string {
  // Cut before anything else: text of many megabytes must not be escaped only to be thrown away.
  return cut(escapeUnseen(cut(text, longest).replace(BREAKS, ' ')), longest);
}

/** As `oneLine`, for a whole message. */
export function wholeMessage(text: string): string {
  return oneLine(text, LONGEST_MESSAGE);
}

/** As `oneLine`, for a field that may be absent. */
export function optionalLine(text: string | undefined): string | undefined {
  return text === undefined ? undefined : oneLine(text, LONGEST_FIELD);
}

/** A host name has 253 characters at most, and a path of a socket 107. */
const LONGEST_FIELD = 255;

function cut(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const isPair = /[\uD800-\uDBFF]/.test(text.charAt(longest - 1));
  return `${text.slice(0, isPair ? longest - 1 : longest)}…`;
}
