/** Throws it where nobody of ours is on the stack: what RxJS does with an error that no observer takes. */
export function reportUnhandled(error: unknown): void {
  setTimeout(() => {
    throw error;
  });
}
