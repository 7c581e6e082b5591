import { isBoundSocket } from '../core/node/server-arguments.ts';

/** What a call of `listen` asks for. `refused` are arguments that Node throws for. */
export type ListenTarget =
  | ({ readonly kind: 'tcp'; readonly port: number; readonly host: string | undefined } & ListenDetails)
  | ({ readonly kind: 'ipc'; readonly path: string } & ListenDetails)
  | { readonly kind: 'fd'; readonly fd: number; readonly signal: AbortSignal | undefined }
  /** What has a handle, or is a socket that is bound already. */
  | { readonly kind: 'handle'; readonly handle: object; readonly signal: undefined }
  | { readonly kind: 'refused' };

/** What decides how a listener is made, as far as a transport knows it. */
export interface ListenDetails {
  readonly signal: AbortSignal | undefined;
  readonly backlog: number | undefined;
  readonly exclusive: boolean;
  readonly ipv6Only: boolean;
  readonly reusePort: boolean;
  readonly readableAll: boolean;
  readonly writableAll: boolean;
}

/** An object of options, of which every value has to be expected. */
type Options = Readonly<Record<string, unknown>>;

/**
 * Reads the arguments of `listen`, without its callback, as Node does: `(handle)`, `(options)`, `(path)`, `(port, host)`,
 * each with a backlog after it.
 */
export function readListenArguments(args: readonly unknown[]): ListenTarget {
  const [first, second, third] = args;
  if (!isOptions(first)) return readPositional(first, second, third, args.length === 0);
  const handle = first['_handle'] || first['handle'] || (isBoundSocket(first) ? first : undefined);
  if (isOptions(handle)) return { kind: 'handle', handle, signal: undefined };
  return readOptions(first, toCount(second) || toCount(third), false);
}

function readPositional(first: unknown, second: unknown, third: unknown, none: boolean): ListenTarget {
  const backlog = toCount(second) || toCount(third);
  if (isPath(first)) return readOptions({ path: first }, backlog, none);
  return readOptions({ port: first, ...(typeof second === 'string' && { host: second }) }, backlog, none);
}

function readOptions(options: Options, backlogFromArguments: number, none: boolean): ListenTarget {
  const { fd, path, host, signal } = options;
  if (signal !== undefined && !isSignal(signal)) return { kind: 'refused' };
  if (typeof fd === 'number' && fd >= 0) return { kind: 'fd', fd, signal };
  const port = none || isMissing(options, 'port') ? 0 : options['port'];
  if (typeof port === 'number' || typeof port === 'string') {
    if (!isPort(port) || (Boolean(host) && typeof host !== 'string')) return { kind: 'refused' };
    const named = typeof host === 'string' && host !== '' ? host : undefined;
    return { kind: 'tcp', port: Number(port), host: named, ...readDetails(options, signal, backlogFromArguments) };
  }
  if (!isPath(path) || path === '') return { kind: 'refused' };
  const isAbstract = path.startsWith('\0');
  if (isAbstract && (Boolean(options['readableAll']) || Boolean(options['writableAll']))) return { kind: 'refused' };
  return { kind: 'ipc', path, ...readDetails(options, signal, backlogFromArguments) };
}

function readDetails(options: Options, signal: AbortSignal | undefined, backlogFromArguments: number): ListenDetails {
  return {
    signal,
    backlog: toCount(options['backlog']) || backlogFromArguments || undefined,
    exclusive: Boolean(options['exclusive']),
    ipv6Only: options['ipv6Only'] === true,
    reusePort: options['reusePort'] === true,
    readableAll: options['readableAll'] === true,
    writableAll: options['writableAll'] === true,
  };
}

function isOptions(value: unknown): value is Options {
  return typeof value === 'object' && value !== null;
}

/** A port that is there and undefined, or null, is any free port; one that isn't there at all is none. */
function isMissing(options: Options, name: string): boolean {
  const value = options[name];
  return value === null || (value === undefined && name in options);
}

/** Node takes for a signal whatever has `aborted`. */
function isSignal(value: unknown): value is AbortSignal {
  return isOptions(value) && 'aborted' in value;
}

/** Text that is no number; `'8124'` is a port. */
function isPath(value: unknown): value is string {
  return typeof value === 'string' && !(Number(value) >= 0);
}

function isPort(value: number | string): boolean {
  if (typeof value === 'string' && value.trim() === '') return false;
  const port = Number(value);
  return Number.isInteger(port) && port >= 0 && port <= 65_535;
}

/** What Node takes from any value in the place of a backlog: its number, or 0. */
function toCount(value: unknown): number {
  if (typeof value === 'symbol' || typeof value === 'bigint') return 0;
  const count = Number(value);
  return count >= 0 ? count : 0;
}
