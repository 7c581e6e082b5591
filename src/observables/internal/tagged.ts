/** A failure, of the network or of the caller's own: an error that is told apart by its `_tag`. */
export function isTagged(error: unknown): error is { readonly _tag: string } {
  try {
    return typeof error === 'object' && error !== null && '_tag' in error && typeof error._tag === 'string';
  } catch {
    // A getter of the caller's that throws.
    return false;
  }
}
