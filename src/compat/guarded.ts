/** What a listener of the user throws is an uncaught exception, as it is in `net`; the transport that called goes on. */
export function guarded(tell: () => void): void {
  try {
    tell();
  } catch (error) {
    process.nextTick(rethrow, error);
  }
}

function rethrow(error: unknown): void {
  throw error;
}
