import { reportDefect } from '../../core/report-defect.ts';
import { isTagged } from '../internal/tagged.ts';

/** Takes what something was rejected with that has been given up. */
export type Late = (error: unknown) => void;

/**
 * Whether a rejection is no more than the end of what was given up: a failure of the network, or an
 * abort.
 */
export function isNoNews(error: unknown): boolean {
  return isTagged(error) || (error instanceof Error && error.name === 'AbortError');
}

/** Reports an exception of what was given up: a warning of the process, since its flow is over. */
export function reportLate(error: unknown): void {
  if (!isNoNews(error)) reportDefect(error, 'it threw after it was given up');
}
