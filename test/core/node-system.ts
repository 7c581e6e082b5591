import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createNodeTransport, type DriverName } from '../../src/core/node/index.ts';
import type { ProviderUnderTest } from './provider-suite.ts';

/** Loopback does what it does within the system call: a few turns of the event loop show all of it. */
async function someTurns(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** The provider over the operating system, on loopback and in a folder of its own. */
export function systemUnderTest(driver: DriverName): ProviderUnderTest {
  const folder = mkdtempSync(join(tmpdir(), 'rxjs-net-'));
  let paths = 0;
  return {
    transport: createNodeTransport({ driver }),
    tcpEndpoint: () => ({ host: '127.0.0.1', port: 0 }),
    ipcEndpoint: () => ({ path: join(folder, `${paths++}.sock`) }),
    deafAddress: () => '127.0.0.2',
    settle: someTurns,
    dispose: () => rmSync(folder, { recursive: true }),
  };
}
