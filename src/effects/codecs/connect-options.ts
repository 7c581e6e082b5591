import { checkHints, checkIP } from '../../core/options/index.ts';
import type { DescriptorConnectOptions, IpcConnectOptions, TcpConnectOptions } from '../../core/options/index.ts';
import { planConnect } from '../../observables/internal/read-options.ts';
import type { ConnectionOptions, ConnectOptions } from '../../observables/options.ts';
import type { EncodedOptions } from './encoded.ts';
import { onePlace, onlyWith } from './endpoint-rules.ts';
import * as field from './fields.ts';
import { Host } from './host.ts';
import { type Field, OptionCodec } from './option-codec.ts';
import { RemotePort } from './port.ts';
import { SocketPath } from './socket-path.ts';

interface CheckedTcpConnect extends TcpConnectOptions {
  readonly port: RemotePort;
  readonly host?: Host | undefined;
}

interface CheckedIpcConnect extends IpcConnectOptions {
  readonly path: SocketPath;
}

/**
 * Options of `connect` and `withConnection` that were checked.
 *
 * @category model
 * @since 0.1.0
 */
export type CheckedConnectOptions = (CheckedTcpConnect | CheckedIpcConnect | DescriptorConnectOptions) &
  ConnectionOptions &
  Pick<ConnectOptions, 'connectTimeout'>;

/** Every name of a union's members. */
type NameOf<T> = T extends unknown ? keyof T : never;

export type FieldsOf<Options> = Readonly<Record<NameOf<Options>, Field>>;

/** Options of every connection. */
export const CONNECTION_FIELDS: FieldsOf<ConnectionOptions> = {
  allowHalfOpen: field.boolean,
  highWaterMark: field.size,
  maxQueued: field.size,
  budget: field.budget,
  transport: field.transport,
  idleTimeout: field.duration,
  readTimeout: field.duration,
  writeTimeout: field.duration,
  firstByteTimeout: field.duration,
  stallTimeout: field.duration,
  stallWarning: field.durationOrZero,
  deadline: field.duration,
  closeTimeout: field.durationOrZero,
};

/** Options of every socket. */
export const TUNING_FIELDS = {
  noDelay: field.boolean,
  keepAlive: field.boolean,
  keepAliveInitialDelay: field.durationOrZero,
  signal: field.signal,
};

const TCP_FIELDS = {
  host: field.coded(Host, 'string'),
  localAddress: field.custom('IPAddress', checkIP, 'string'),
  localPort: field.integer(0, 65_535),
  family: field.oneOfNumbers([0, 4, 6]),
  hints: field.custom('Hints', (name, value) => checkHints(name, value), 'number'),
  lookup: field.lookup,
  autoSelectFamily: field.boolean,
  autoSelectFamilyAttemptTimeout: field.integer(1, 2_147_483_647),
};

const FIELDS: FieldsOf<ConnectOptions> = {
  port: field.coded(RemotePort, 'string'),
  path: field.coded(SocketPath, 'string'),
  fd: field.descriptor,
  ...TCP_FIELDS,
  connectTimeout: field.duration,
  ...TUNING_FIELDS,
  ...CONNECTION_FIELDS,
};

/**
 * All options of `connect`, from data that nobody has checked: JSON, the environment
 * (`optionsFromEnv`), a file. What it gives, `connect` takes as it is, and never refuses.
 *
 * Stricter than `connect` itself: the place is said once (`port`, `path` or `fd`), and no option is
 * without effect. `budget` may be a number of bytes. `signal`, `transport` and `lookup`, which only
 * a program can give, are passed on.
 *
 * @category codecs
 * @since 0.1.0
 * @example
 * ```ts
 * import { ConnectOptionsCodec, problemsOf } from 'rxjs-net/effects';
 *
 * const wrong = ConnectOptionsCodec.decode({ port: 0, hots: 'db', connectTimeout: '5s' });
 * if (wrong._tag === 'Left') for (const problem of problemsOf(wrong.left)) console.log(problem);
 * // => port: expected a port to connect to (1-65535), got 0
 * // => connectTimeout: expected a number of milliseconds greater than 0, at most 2147483647, got "5s"
 * // => hots: there is no such option; did you mean "host"?
 * ```
 */
export const ConnectOptionsCodec: OptionCodec<
  CheckedConnectOptions,
  EncodedOptions<CheckedConnectOptions>
> = new OptionCodec('ConnectOptions', FIELDS, {
  rules: [onePlace('a port to connect to (1-65535)'), onlyWith(['port'], Object.keys(TCP_FIELDS))],
  plan: planConnect,
});
