/** A script whose trace differs today, and why. */
export interface KnownDifference {
  /** The script's name. */
  readonly script: string;
  readonly reason: string;
  /** The major versions of Node on which it differs; all, when left out. */
  readonly on?: readonly number[];
}

/** Nothing may be forgotten here: a script that is listed and does not differ any more fails. */
export const knownDifferences: readonly KnownDifference[] = [];
