import builtin from 'node:net';
import process from 'node:process';

import { nodeTransport } from '../../../../src/index.ts';
import compat, { createNet } from '../../../../src/compat/index.ts';
import type { Net } from './tools.ts';

/** What the traces are compared with. */
export const reference: Net = builtin;

/** With `RXJS_NET_DIFFERENTIAL=self` the reference is compared with itself, which proves that the scripts are deterministic. */
export const self = process.env['RXJS_NET_DIFFERENTIAL'] === 'self';

/** The module under test as it comes, where the specification wins. */
export const bySpecification: Net = self ? builtin : compat;

/** The module under test, asked to behave as the `net` of the Node that runs. */
export const byNode: Net = self ? builtin : createNet(nodeTransport, { behaviour: 'node' });
