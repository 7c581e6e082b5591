import { inTurn } from './release-all.ts';

/** Whoever is told of the end. */
interface Ending {
  error(error: unknown): void;
  complete(): void;
}

/**
 * Ends a flow once what it was made of is released. A teardown that throws meanwhile becomes the
 * flow's error; where it has one already, the exception goes on to the connection whose call this
 * is in.
 *
 * @param failed - undefined when the flow completes.
 */
export function endAfter(
  release: () => void,
  subscriber: Ending,
  failed: { readonly error: unknown } | undefined,
): void {
  let thrown: { readonly error: unknown } | undefined = undefined;
  try {
    release();
  } catch (error) {
    thrown = { error };
  }
  const ending = failed ?? thrown;
  const unreported = failed === undefined ? undefined : thrown;
  inTurn(
    () => {
      if (unreported !== undefined) throw unreported.error;
    },
    () => {
      if (ending === undefined) subscriber.complete();
      else subscriber.error(ending.error);
    },
  );
}
