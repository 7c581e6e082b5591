/** Some failures that are handled alike, told apart by their tags; `catchFailure` takes one in place of a tag. */
export interface FailureGroup {
  readonly tags: readonly string[];
}
