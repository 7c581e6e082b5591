import { escapeUnseen } from '../../core/failures/one-line.ts';
import { renderValue } from '../../core/failures/render-value.ts';

/** Without the `user:password@` of a URL, or of what was meant to be one. */
function withoutPassword(text: string): string {
  const end = text.lastIndexOf('@');
  const colon = text.indexOf(':');
  if (end === -1 || colon === -1 || colon > end) return text;
  const scheme = text.indexOf('://');
  const start = scheme === -1 || scheme > end ? 0 : scheme + 3;
  return `${text.slice(0, start)}…${text.slice(end)}`;
}

/** A value that came from outside as part of a message: on one line, short, and without the password of a URL. */
function renderReceived(value: unknown): string {
  if (value === undefined) return 'nothing';
  return escapeUnseen(renderValue(typeof value === 'string' ? withoutPassword(value) : value));
}

/** The sentence of every problem: what is allowed, and what was given. */
export function expectedGot(expected: string, value: unknown): string {
  return `expected ${expected}, got ${renderReceived(value)}`;
}
