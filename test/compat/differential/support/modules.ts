import builtin from 'node:net';
import process from 'node:process';

import type { Net } from './tools.ts';

/** What the traces are compared with. */
export const reference: Net = builtin;

/**
 * With `RXJS_NET_DIFFERENTIAL=self` the reference is compared with itself, which proves that the scripts are
 * deterministic. Until there is a compat layer that is all they can do.
 */
export const self = process.env['RXJS_NET_DIFFERENTIAL'] !== 'compat';

/** The module under test as it comes, where the specification wins. */
export const bySpecification: Net = builtin;

/** The module under test, asked to behave as the `net` of the Node that runs. */
export const byNode: Net = builtin;
