/**
 * Whether an error is `ConsumerStalled`, or was caused by it: it does not wait behind what the
 * stalled consumer has not taken.
 */
export function isStall(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  return isTaggedStall(error) || ('cause' in error && isTaggedStall(error.cause));
}

function isTaggedStall(value: unknown): boolean {
  return typeof value === 'object' && value !== null && '_tag' in value && value._tag === 'ConsumerStalled';
}
