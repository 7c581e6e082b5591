import { creation } from './creation.ts';
import { declarations } from './declarations.ts';
import { errors } from './errors.ts';
import { flattening } from './flattening.ts';
import { helpers } from './helpers.ts';
import { plainStarts } from './plain-starts.ts';
import type { Row } from './row.ts';
import { severalSources } from './several-sources.ts';
import { subscriptions } from './subscriptions.ts';
import { values } from './values.ts';

const groups: Readonly<Record<string, readonly Row[]>> = {
  A: [...values, ...subscriptions],
  B: errors,
  C: flattening,
  D: severalSources,
  E: creation,
  F: [...helpers, ...declarations],
  G: plainStarts,
};

/** A row with its place. `id` is the name of its file too: the group and the number in it. */
export interface PlacedRow extends Row {
  readonly id: string;
  readonly group: string;
}

export const corpus: readonly PlacedRow[] = Object.entries(groups).flatMap(([group, rows]) =>
  rows.map((row, index) => ({ ...row, group, id: `${group}${`${index + 1}`.padStart(2, '0')}` })),
);
