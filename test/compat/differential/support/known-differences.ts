import process from 'node:process';

import type { Carrier } from './modules.ts';

/** A script whose trace differs, and why. */
export interface KnownDifference {
  /** The script's name. */
  readonly script: string;
  readonly reason: string;
  /** The major versions of Node on which it differs; all, when left out. */
  readonly on?: readonly number[];
  /** What it differs over; both, when left out. */
  readonly over?: Carrier;
}

const overLinks = (reason: string, ...scripts: readonly string[]): KnownDifference[] =>
  scripts.map((script) => ({ script, reason, over: 'links' }));

/** Nothing may be forgotten here: a script that is listed and does not differ any more fails. */
export const knownDifferences: readonly KnownDifference[] = [
  {
    script: 'aborted after close',
    reason: 'node:net leaves a listener on the signal for good; the compat layer takes it off',
  },
  ...overLinks(
    'a link has no handle of the platform, and whether a descriptor can be used is told later',
    'new Socket with a number',
    'new Socket with fd of a closed descriptor',
    '_handle exists while there is a connection',
  ),
  ...overLinks(
    'a transport dials when connect() has returned: a lookup that answers, or throws, at once is told later',
    'a lookup that answers at once',
    'a lookup that throws',
  ),
  ...overLinks(
    'a dial that was given up tells nothing more',
    'destroy right after connect to a name, with autoSelectFamily false',
  ),
  {
    script: 'a path that is too long',
    reason: 'these Nodes refuse the path at once, without an attempt; a transport attempts first',
    on: [24, 26],
    over: 'links',
  },
  ...overLinks('a link that stands is not dialled again', 'connect on a socket that is connected'),
  ...overLinks('the transport has taken the write when it learns that the peer is gone', 'the peer is gone: EPIPE'),
];

const major = Number(process.versions.node.split('.')[0]);

/** What is known about the script on this Node. */
export const knownDifference = (script: string, carrier: Carrier): KnownDifference | undefined =>
  knownDifferences.find(
    (known) =>
      known.script === script &&
      (known.on === undefined || known.on.includes(major)) &&
      (known.over === undefined || known.over === carrier),
  );

/** A kind of plan of `model.test.ts` that differs today, and why; the example must differ. */
export interface KnownPlan<Plan> {
  readonly reason: string;
  readonly example: Plan;
  readonly covers: (plan: Plan) => boolean;
  readonly over: Carrier;
}
