// Taken when the module is loaded: whoever replaces the global timers later must not stop what moves virtual time.
const { setImmediate: immediately } = globalThis;

let pending = 0;

/** Lets everything run that waits for a turn: promises, ticks, immediates. */
export function turn(): Promise<void> {
  pending++;
  return new Promise((resolve) => {
    immediately(() => {
      pending--;
      resolve();
    });
  });
}

/** The turns that drivers of this process wait for: immediates of ours, and not of a program. */
export function pendingTurns(): number {
  return pending;
}
