// The real ones: some tests replace the globals.
const { setTimeout, clearTimeout, setImmediate } = globalThis;

/** What no test needs to wait for: a hang fails by itself, and says what was missing. */
const PATIENCE = 5_000;

/** The promise's outcome, or a failure that tells what was waited for. */
export async function within<T>(promise: Promise<T>, what: string | (() => string)): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`waited ${PATIENCE} ms in vain for ${typeof what === 'string' ? what : what()}`));
    }, PATIENCE);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Lets the event loop turn until `condition` holds: for what has no event of its own, such as a kernel's buffer. */
export async function until(condition: () => boolean, what: string | (() => string)): Promise<void> {
  const start = Date.now();
  while (!condition()) {
    if (Date.now() - start > PATIENCE) {
      throw new Error(`waited ${PATIENCE} ms in vain for ${typeof what === 'string' ? what : what()}`);
    }
    await turn();
  }
}

/** One turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Some turns of the event loop: for the proof that something does not happen. */
export async function turns(count = 5): Promise<void> {
  for (let each = 0; each < count; each++) {
    await turn();
  }
}
