// Has few descriptors: uses them up, dials, is dialled, and does both again once it has some.
import { closeSync, openSync } from 'node:fs';

import { createNodeTransport, type DriverName } from '../../../../src/core/node/index.ts';
import type { NetFailure } from '../../../../src/core/failures/index.ts';
import type { Endpoint } from '../../../../src/core/endpoint.ts';
import type { LinkHandler } from '../../../../src/core/transport.ts';
import { facts, say, told } from './talk.ts';

const driver = process.argv[2] as DriverName;
const endpoint: Endpoint = process.argv[3] === undefined ? { host: '127.0.0.1', port: 0 } : { path: process.argv[3] };
const transport = createNodeTransport({ driver });

let accepted = 0;
const failed: unknown[] = [];
const binding = transport.bind(
  endpoint,
  {},
  {
    onListening: (address) => say({ listening: address }),
    onAccepted(link) {
      accepted++;
      link.startReading();
      return {
        onData: (chunk) => void link.write(chunk),
        onEnd: () => link.end(),
        onWritten() {},
        onClosed() {},
      };
    },
    onAcceptFailed: (failure) => failed.push(facts(failure)),
    onClosed: (failure) => say({ closed: facts(failure) }),
  },
);

const ignore: LinkHandler = { onData() {}, onEnd() {}, onWritten() {}, onClosed() {} };

/** Dials, and says what came of it. */
const dial = (to: Endpoint): Promise<unknown> =>
  new Promise((resolve) => {
    const link = transport.dial(
      to,
      {},
      {
        ...ignore,
        onConnected: () => link.destroy(),
        onClosed: (failure: NetFailure | undefined) => resolve(facts(failure)),
      },
    );
  });

const openAll = (): number[] => {
  const open: number[] = [];
  for (;;) {
    try {
      open.push(openSync('/dev/null', 'r'));
    } catch {
      return open;
    }
  }
};

const reach = async (): Promise<Endpoint> => {
  const line = await told();
  return JSON.parse(line ?? '');
};

const elsewhere = await reach();
const all = openAll();
say({ dialled: await dial(elsewhere), used: all.length > 0 });
// The test dials us meanwhile.
await told();
say({ accepted, failed });
for (const fd of all) closeSync(fd);
say({ dialled: await dial(elsewhere) });
await told();
say({ accepted });
binding.close();
process.stdin.destroy();
