import builtin from 'node:net';
import process from 'node:process';

import { createNodeTransport, nodeTransport } from '../../../../src/index.ts';
import compat, { createNet } from '../../../../src/compat/index.ts';
import type { Net } from './tools.ts';

/** What the traces are compared with. */
export const reference: Net = builtin;

/** With `RXJS_NET_DIFFERENTIAL=self` the reference is compared with itself, which proves that the scripts are deterministic. */
export const self = process.env['RXJS_NET_DIFFERENTIAL'] === 'self';

/** What carries the sockets: those of the system themselves, or what every transport offers. */
export type Carrier = 'system' | 'links';

/** A module under test. */
export interface Candidate {
  readonly title: string;
  readonly net: Net;
  readonly carrier: Carrier;
  /** Whether the specification wins, where it states something else than the Node that runs does. */
  readonly specificationWins: boolean;
}

const usual: Carrier = nodeTransport.streams === undefined ? 'links' : 'system';

const all: readonly Candidate[] = [
  { title: 'compat', net: compat, carrier: usual, specificationWins: true },
  {
    title: "compat with behaviour: 'node'",
    net: createNet(nodeTransport, { behaviour: 'node' }),
    carrier: usual,
    specificationWins: false,
  },
  {
    title: "compat with behaviour: 'node', over the links of a transport",
    net: createNet(createNodeTransport({ driver: 'plain' }), { behaviour: 'node' }),
    carrier: 'links',
    specificationWins: false,
  },
];

const itself: Candidate = { title: 'node:net itself', net: builtin, carrier: 'system', specificationWins: false };

/** What is compared with the reference. */
export const candidates: readonly Candidate[] = self ? [itself] : all;
