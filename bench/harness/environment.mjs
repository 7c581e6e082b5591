import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';

/**
 * What a reader has to know about the machine to make sense of a ratio, and nothing that names the machine or its owner.
 *
 * @typedef {{ server: number, load: number }} Pinning
 */

const require = createRequire(import.meta.url);

/** @param {string} name */
function versionOf(name) {
  try {
    return /** @type {{ version: string }} */ (require(`${name}/package.json`)).version;
  } catch {
    return 'none';
  }
}

/** @param {string} program @param {string[]} args */
function output(program, args) {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8', timeout: 5000 });
  return status === 0 ? stdout.trim() : undefined;
}

/** Turns '0-2,5' into [0, 1, 2, 5]. @param {string} list */
function expand(list) {
  return list.split(',').flatMap((part) => {
    const [from = 0, to = from] = part.split('-').map(Number);
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });
}

/** The hardware threads that share a core with this one. @param {number} cpu */
function siblings(cpu) {
  try {
    const list = readFileSync(`/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`, 'utf8');
    return expand(list.trim());
  } catch {
    return [cpu];
  }
}

/**
 * One processor for the servers and another for the load generator, when the machine can do that. Without it the
 * scheduler moves both around and puts them on the same processor now and then.
 *
 * @returns {Pinning | undefined}
 */
export function findPinning() {
  const affinity = output('taskset', ['-cp', String(process.pid)])?.match(/:\s*([\d,-]+)$/)?.[1];
  if (affinity === undefined) return undefined;
  const cpus = expand(affinity);
  const [server, second] = cpus;
  if (server === undefined || second === undefined) return undefined;
  const shared = siblings(server);
  return { server, load: cpus.find((cpu) => !shared.includes(cpu)) ?? second };
}

/** How many descriptors a process may open; Node raises its soft limit to the hard one by itself. */
export function descriptorLimit() {
  const report = /** @type {any} */ (process.report?.getReport());
  const limit = report?.userLimits?.open_files?.soft;
  return typeof limit === 'number' ? limit : Number.POSITIVE_INFINITY;
}

export function describeEnvironment() {
  const cpus = os.cpus();
  return {
    node: process.version,
    v8: process.versions.v8,
    rxjs: versionOf('rxjs'),
    package: versionOf('rxjs-net'),
    commit: output('git', ['rev-parse', '--short', 'HEAD']) ?? 'unknown',
    platform: `${os.platform()} ${os.release()} ${os.arch()}`,
    cpu: cpus[0]?.model.trim() ?? 'unknown',
    cpus: cpus.length,
    loadAverage: Number((os.loadavg()[0] ?? 0).toFixed(2)),
  };
}
