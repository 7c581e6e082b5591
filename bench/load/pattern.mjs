/**
 * The bytes of the bulk workloads: what stands at a position of the stream. The period is a prime, so that it never falls
 * in step with the size of a chunk, and a chunk that is lost, doubled or out of place does not match.
 */
export const PERIOD = 65_521;

/** @param {number} position */
export function patternAt(position) {
  const within = position % PERIOD;
  return (within ^ (within >>> 8)) & 0xff;
}
