import { wholeMessage } from './one-line.ts';

/** What was thrown, or given as a reason, as a part of a message. It may be anything, also something that can't be shown. */
export function messageOf(thrown: unknown, unshowable = 'something that can not be shown'): string {
  try {
    return wholeMessage(thrown instanceof Error ? thrown.message : String(thrown));
  } catch {
    return unshowable;
  }
}
