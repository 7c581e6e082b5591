import { UnsubscriptionError } from 'rxjs';

import { callEach } from '../../core/report-defect.ts';

/**
 * Gives several things up, each of them even where a teardown of another one throws; then throws
 * that, as RxJS does.
 */
export function releaseAll<T>(parties: Iterable<T>, release: (party: T) => void): void {
  const thrown: unknown[] = [];
  callEach(parties, release, (error) => {
    if (error instanceof UnsubscriptionError) thrown.push(...(error.errors as unknown[]));
    else thrown.push(error);
  });
  if (thrown.length === 1) throw thrown[0];
  if (thrown.length > 1) throw new UnsubscriptionError(thrown);
}

/** Takes several steps, each of them even where one before it throws; then throws that. */
export function inTurn(...steps: readonly (() => void)[]): void {
  releaseAll(steps, take);
}

/** For what has an `unsubscribe`. */
export function unsubscribeAll(parties: Iterable<{ unsubscribe(): void }>): void {
  releaseAll(parties, unsubscribe);
}

function take(step: () => void): void {
  step();
}

function unsubscribe(party: { unsubscribe(): void }): void {
  party.unsubscribe();
}
