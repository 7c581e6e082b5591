// Taken when the module is loaded: whoever replaces the global timers later must not stop what moves virtual time.
const { setImmediate: immediately } = globalThis;

/** Lets everything run that waits for a turn: promises, ticks, immediates. */
export function turn(): Promise<void> {
  return new Promise((resolve) => void immediately(resolve));
}
