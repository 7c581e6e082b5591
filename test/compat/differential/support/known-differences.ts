import process from 'node:process';

/** A script whose trace differs today, and why. */
export interface KnownDifference {
  /** The script's name. */
  readonly script: string;
  readonly reason: string;
  /** The major versions of Node on which it differs; all, when left out. */
  readonly on?: readonly number[];
}

/** Nothing may be forgotten here: a script that is listed and does not differ any more fails. */
export const knownDifferences: readonly KnownDifference[] = [
  {
    script: 'aborted after close',
    reason: 'node:net leaves a listener on the signal for good; the compat layer takes it off',
  },
];

/** The difference of a script that is known on this Node. */
export const knownDifference = (script: string): KnownDifference | undefined =>
  knownDifferences.find((known) => known.script === script && (known.on === undefined || known.on.includes(major)));

const major = Number(process.versions.node.split('.')[0]);

/** A kind of plan of `model.test.ts` that differs today, and why; the example must differ. */
export interface KnownPlan<Plan> {
  readonly reason: string;
  readonly example: Plan;
  readonly covers: (plan: Plan) => boolean;
}
