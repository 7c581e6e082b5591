import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { Child } from './processes.mjs';

/**
 * Starts the two sides of a workload: one server process per variant, and a load generator.
 *
 * @typedef {import('../workloads.mjs').Workload} Workload
 * @typedef {import('../workloads.mjs').Variant} Variant
 * @typedef {import('../load.mjs').Target} Target
 * @typedef {{ variant: Variant, child: Child, target: Target }} Server
 *
 * @typedef {object} Context what all measurements share
 * @property {import('./plan.mjs').Plan} plan
 * @property {() => number} random
 * @property {import('./environment.mjs').Pinning | undefined} pinning
 * @property {string | undefined} cpuProf folder for CPU profiles of the servers
 * @property {(line: string) => void} progress
 * @property {(line: string) => void} note something that the reader of the results has to know
 */

const directory = mkdtempSync(path.join(os.tmpdir(), 'rxjs-net-bench-'));
process.once('exit', () => rmSync(directory, { recursive: true, force: true }));

/** For `keepsMemory`; only glibc knows these. */
const KEEPING_MEMORY = { MALLOC_TRIM_THRESHOLD_: '1073741824', MALLOC_TOP_PAD_: '67108864' };

let serial = 0;

/** @param {string} transport */
function whereToListen(transport) {
  if (transport === 'tcp') return { port: 0, host: '127.0.0.1' };
  const name = `${process.pid}-${serial++}`;
  return { path: process.platform === 'win32' ? `\\\\.\\pipe\\rxjs-net-bench-${name}` : path.join(directory, name) };
}

/**
 * @param {Context} context
 * @param {Workload} workload
 * @param {Variant} variant
 * @returns {Promise<Server>}
 */
export async function startServer({ pinning, cpuProf }, workload, variant) {
  const settings = {
    listen: whereToListen(workload.transport),
    noDelay: workload.noDelay === true,
    module: variant.module ?? 'node:net',
    coalesceWrites: variant.coalesceWrites === true,
  };
  const nodeOptions = workload.kind === 'idle' ? ['--expose-gc'] : [];
  if (cpuProf !== undefined) {
    const name = `${workload.id}.${variant.id}.${serial++}.cpuprofile`;
    nodeOptions.push('--cpu-prof', `--cpu-prof-dir=${cpuProf}`, `--cpu-prof-name=${name}`);
  }
  const child = new Child({
    name: `server ${workload.id}/${variant.id}`,
    file: new URL(`../servers/${variant.server}.mjs`, import.meta.url),
    args: [JSON.stringify(settings)],
    nodeOptions,
    env: workload.keepsMemory === true ? KEEPING_MEMORY : {},
    cpu: pinning?.server,
  });
  const address = await child.request('address');
  const target = typeof address === 'string' ? { path: address } : (toTarget(address) ?? settings.listen);
  return { variant, child, target };
}

/** Both `server.address()` of node:net and the address of the library's `listening` event. @param {any} address */
function toTarget(address) {
  if (typeof address?.path === 'string') return { path: address.path };
  if (typeof address?.port === 'number') return { port: address.port, host: '127.0.0.1' };
  return undefined;
}

/** @param {Context} context @param {Workload} workload */
export function startLoad({ pinning }, workload) {
  return new Child({
    name: `load generator of ${workload.id}`,
    file: new URL('../load.mjs', import.meta.url),
    cpu: pinning?.load,
  });
}

/**
 * What the server has used and seen so far; a connection that failed there ends the run.
 *
 * @param {Server} server
 * @returns {Promise<{ cpu: number, received: number }>}
 */
export async function sample({ child }) {
  const { cpu, received, failures, firstFailure } = await child.request('sample');
  if (failures > 0) throw new Error(`${child.name}: ${failures} failed: ${firstFailure}`);
  return { cpu, received };
}

/**
 * What the generator has seen go wrong, with the name of the server; or, when that is why, what the server died of.
 *
 * @param {Server} server
 * @param {unknown} error
 * @param {(server: Server) => Promise<unknown>} check is rejected when the server has something to say
 */
export async function explain(server, error, check = sample) {
  const seen = error instanceof Error ? error.message : String(error);
  try {
    await check(server);
  } catch (reason) {
    return new Error(`${seen}\n${reason instanceof Error ? reason.message : String(reason)}`);
  }
  return new Error(`${server.child.name}: ${seen}`);
}
