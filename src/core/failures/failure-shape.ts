/**
 * Whether a value is one of the library's failures with one of `tags`. It looks at the tag and the
 * shape, so it is right for failures of another copy of the package, too.
 */
export function isFailureWithTag(value: unknown, tags: ReadonlySet<unknown>): boolean {
  if (typeof value !== 'object' || value === null) return false;
  try {
    return (
      '_tag' in value &&
      tags.has(value._tag) &&
      'name' in value &&
      value.name === value._tag &&
      'message' in value &&
      typeof value.message === 'string' &&
      'code' in value &&
      'syscall' in value &&
      'address' in value &&
      'port' in value
    );
  } catch {
    // A proxy or a getter that throws is none of ours.
    return false;
  }
}
