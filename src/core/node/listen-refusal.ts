import type { Endpoint } from '../endpoint.ts';
import { InvalidOptions, type NetFailure, PermissionDenied } from '../failures/index.ts';
import type { BindOptions } from '../transport.ts';

/** What is asked of the running process. */
export interface Platform {
  /** The version of Node, such as `20.19.0`. */
  readonly version: string;
  /** Node's permission model, where it is on. */
  readonly permission: { has(scope: string): boolean } | undefined;
  /** The options that this Node has. */
  readonly flags: { has(flag: string): boolean };
}

const running: Platform = {
  version: process.versions.node,
  // Its types are not those of every Node.
  get permission() {
    return process.permission;
  },
  get flags() {
    return process.allowedNodeEnvironmentFlags;
  },
};

/**
 * Why Node would not listen there, or would listen in another way without a word, or would end the
 * process.
 */
export function listenRefusal(
  endpoint: Endpoint,
  options: BindOptions,
  platform: Platform = running,
): NetFailure | undefined {
  if (options.reusePort === true && !hasReusePort(platform.version))
    return reusePortRefused(`Node ${platform.version}`);
  if (!('port' in endpoint) || isNetAllowed(platform)) return undefined;
  const { host, port } = endpoint;
  return new PermissionDenied({
    message: `permission was denied for ${host ?? 'port'}:${port}: Node's permission model allows no network; start Node with --allow-net`,
    code: 'ERR_ACCESS_DENIED',
    syscall: 'listen',
    address: host,
    port,
  });
}

/** The failure of `reusePort` where `lacking`, a Node or a system, does not have it. */
export function reusePortRefused(lacking: string, cause?: unknown): InvalidOptions {
  const allowed = `false or absent: ${lacking} does not have it (it takes Node 22.12 or later, on Linux 3.9 or later, FreeBSD or the like)`;
  return new InvalidOptions({ option: 'reusePort', value: true, allowed, cause });
}

/** It came with 22.12 and 23.1; earlier ones ignore it. */
function hasReusePort(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12);
}

/**
 * Without the permission Node throws on a later tick of `listen`, where nothing can catch it.
 * Before it had `--allow-net` its permission model did not restrict the network, although
 * `has('net')` was false.
 */
function isNetAllowed({ permission, flags }: Platform): boolean {
  return permission === undefined || !flags.has('--allow-net') || permission.has('net');
}
