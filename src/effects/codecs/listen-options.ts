import type { DescriptorListenOptions, IpcListenOptions, TcpListenOptions } from '../../core/options/index.ts';
import { planListen } from '../../observables/internal/read-options.ts';
import type { ConnectionOptions, ListenOptions, ServingOptions as ServeOptions } from '../../observables/options.ts';
import { CONNECTION_FIELDS, type FieldsOf, TUNING_FIELDS } from './connect-options.ts';
import type { EncodedOptions } from './encoded.ts';
import { onePlace, onlyWith } from './endpoint-rules.ts';
import * as field from './fields.ts';
import { Host } from './host.ts';
import { type Checks, OptionCodec } from './option-codec.ts';
import { Port } from './port.ts';
import { SocketPath } from './socket-path.ts';

interface CheckedTcpListen extends TcpListenOptions {
  readonly port: Port;
  readonly host?: Host | undefined;
  readonly path?: undefined;
}

interface CheckedIpcListen extends IpcListenOptions {
  readonly path: SocketPath;
}

type CheckedListen = CheckedTcpListen | CheckedIpcListen | DescriptorListenOptions;

/** What `listen` knows besides where it listens and how. */
type Bounds = Pick<
  ListenOptions,
  'maxConnections' | 'whenFull' | 'throttle' | 'unclaimedTimeout' | 'maxUnclaimed' | 'pauseOnConnect'
>;

/**
 * Options of `listen` that were checked.
 *
 * @category model
 * @since 0.1.0
 */
export type CheckedListenOptions = CheckedListen & ConnectionOptions & Bounds;

/**
 * Options of `serve` that were checked.
 *
 * @category model
 * @since 0.1.0
 */
export type CheckedServeOptions = CheckedListenOptions & Pick<ServeOptions, 'shutdown' | 'drainTimeout'>;

const FIELDS: FieldsOf<ListenOptions> = {
  port: field.coded(Port, 'string'),
  path: field.coded(SocketPath, 'string'),
  fd: field.descriptor,
  host: field.coded(Host, 'string'),
  backlog: field.integer(1, 2_147_483_647),
  exclusive: field.boolean,
  ipv6Only: field.boolean,
  reusePort: field.boolean,
  readableAll: field.boolean,
  writableAll: field.boolean,
  maxConnections: field.countOrInfinity,
  whenFull: field.oneOf(['drop', 'wait']),
  throttle: field.throttle,
  unclaimedTimeout: field.duration,
  maxUnclaimed: field.count,
  pauseOnConnect: field.boolean,
  ...TUNING_FIELDS,
  ...CONNECTION_FIELDS,
};

const SERVE_FIELDS: FieldsOf<ServeOptions> = {
  ...FIELDS,
  shutdown: field.shutdown,
  drainTimeout: field.duration,
};

const checks = (plan: (options: object) => unknown): Checks => ({
  rules: [
    onePlace('a port (0-65535)'),
    onlyWith(['port'], ['host', 'ipv6Only', 'reusePort']),
    onlyWith(['path'], ['readableAll', 'writableAll']),
  ],
  plan,
});

/**
 * All options of `listen`, from data that nobody has checked. What it gives, `listen` takes as it
 * is, and never refuses.
 *
 * Stricter than `listen` itself: the place is said once (`port`, `path` or `fd`), and no option is
 * without effect. `budget` may be a number of bytes, `throttle` the options of
 * `throttleConnections`. `signal` and `transport` are passed on.
 *
 * @category codecs
 * @since 0.1.0
 * @example
 * ```ts
 * import { ListenOptionsCodec, problemsOf } from 'rxjs-net/effects';
 *
 * const wrong = ListenOptionsCodec.decode({ path: '/run/app.sock', host: '::1', throttle: { perSecond: 0 } });
 * if (wrong._tag === 'Left') for (const problem of problemsOf(wrong.left)) console.log(problem);
 * // => throttle.perSecond: expected a number greater than 0, got 0
 * // => host: expected nothing, since "path" is given, got "::1"
 * ```
 */
export const ListenOptionsCodec: OptionCodec<
  CheckedListenOptions,
  EncodedOptions<CheckedListenOptions>
> = new OptionCodec('ListenOptions', FIELDS, checks(planListen));

/**
 * All options of `serve` and `serveWith`, from data that nobody has checked. As
 * `ListenOptionsCodec`, with `drainTimeout` and `shutdown`.
 *
 * @category codecs
 * @since 0.1.0
 * @example
 * ```ts
 * import { optionsFromEnv, problemsOf, ServeOptionsCodec } from 'rxjs-net/effects';
 *
 * const FromEnv = optionsFromEnv('LISTEN')(ServeOptionsCodec);
 *
 * const options = FromEnv.decode({ LISTEN_PORT: '8124', LISTEN_MAX_CONNECTIONS: '100' });
 * if (options._tag === 'Right') console.log(options.right); // => { port: 8124, maxConnections: 100 }
 *
 * const wrong = FromEnv.decode({ LISTEN_PORT: '80a' });
 * if (wrong._tag === 'Left') console.log(problemsOf(wrong.left).join()); // => LISTEN_PORT: expected a port (0-65535), got "80a"
 * ```
 */
export const ServeOptionsCodec: OptionCodec<CheckedServeOptions, EncodedOptions<CheckedServeOptions>> = new OptionCodec(
  'ServeOptions',
  SERVE_FIELDS,
  checks((options) => planListen(options, ['shutdown', 'drainTimeout'])),
);
