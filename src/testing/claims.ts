/** Which clocks are being moved, and by what. Networks may share a clock, and then their drivers share its claim. */
const claims = new WeakMap<object, string>();

/** Fails when the time of this clock is being moved already. */
export function checkUnclaimed(clock: object, what: string): void {
  const by = claims.get(clock);
  if (by !== undefined)
    throw new Error(`${what}(): ${by}() moves the time already; inside it, sleep() waits for time to pass`);
}

/** Has the time of this clock to itself until the release. */
export function claim(clock: object, what: string): () => void {
  checkUnclaimed(clock, what);
  claims.set(clock, what);
  return () => void claims.delete(clock);
}
