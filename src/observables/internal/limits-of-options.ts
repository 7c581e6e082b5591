import {
  ConsumerStalled,
  DeadlineExceeded,
  FirstByteTimeout,
  IdleTimeout,
  type NetFailure,
  ReadTimeout,
  type TimeoutDetails,
  WriteTimeout,
} from '../../core/failures/index.ts';
import type { Clock } from '../../core/clock.ts';
import type { LiveConnection } from './live-connection.ts';
import { DeadlineWatch, FirstByteWatch, IdleWatch, ReadWatch, StallWatch, WriteWatch, type Watch } from './watches.ts';

/** One kind of time limit: how it watches a connection, and what it fails with. */
export interface LimitKind<F> {
  readonly Watch: new (connection: LiveConnection, clock: Clock, limit: number, expire: () => void) => Watch;
  readonly Failure: new (details: TimeoutDetails) => F;
  /** Whether, as an operator, it is about what is sent to as well as about what feeds it. */
  readonly watchesSinks: boolean;
  /** Whether its watch is told of the items that pass. */
  readonly countsItems?: true;
  /** More details of its failure, when its time is up. */
  readonly detailsOf?: (connection: LiveConnection) => object;
}

export const limitKinds = {
  idleTimeout: { Watch: IdleWatch, Failure: IdleTimeout, watchesSinks: false },
  readTimeout: { Watch: ReadWatch, Failure: ReadTimeout, watchesSinks: false },
  writeTimeout: { Watch: WriteWatch, Failure: WriteTimeout, watchesSinks: true },
  firstByteTimeout: { Watch: FirstByteWatch, Failure: FirstByteTimeout, watchesSinks: false },
  stallTimeout: {
    Watch: StallWatch,
    Failure: ConsumerStalled,
    watchesSinks: false,
    detailsOf: (connection: LiveConnection): object => ({ operator: connection.stall?.operator }),
  },
  deadline: { Watch: DeadlineWatch, Failure: DeadlineExceeded, watchesSinks: false },
} as const;

/** The failure of a limit that has passed. */
export function failureOf<F>(
  kind: LimitKind<F>,
  connection: LiveConnection | undefined,
  limit: number,
  message?: string,
): F {
  const more = connection === undefined ? undefined : kind.detailsOf?.(connection);
  return new kind.Failure({ ...connection?.failureDetails(), ...more, limit, message });
}

export type LimitName = keyof typeof limitKinds;

const LIMIT_NAMES: readonly LimitName[] = [
  'idleTimeout',
  'readTimeout',
  'writeTimeout',
  'firstByteTimeout',
  'stallTimeout',
  'deadline',
];

/** Attaches the limits that are given to a connection; undefined when none is. */
export function limitsOf(
  limits: Readonly<Record<LimitName, number | undefined>>,
): ((connection: LiveConnection) => void) | undefined {
  const given = LIMIT_NAMES.flatMap((name) => {
    const limit = limits[name];
    return limit === undefined ? [] : [{ kind: limitKinds[name], limit }];
  });
  if (given.length === 0) return undefined;
  return (connection) => {
    for (const { kind, limit } of given) {
      const expire = (): void => connection.fail(failureOf<NetFailure>(kind, connection, limit));
      connection.addWatch(new kind.Watch(connection, connection.settings.clock, limit, expire));
    }
  };
}
