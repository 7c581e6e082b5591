import { type MonoTypeOperatorFunction, type Observable, throwError } from 'rxjs';

import type {
  ConnectTimeout,
  ConsumerStalled,
  DeadlineExceeded,
  FirstByteTimeout,
  IdleTimeout,
  MessageTimeout,
  ReadTimeout,
  WriteTimeout,
} from '../../core/failures/index.ts';
import { checkDuration, refuseUnknown } from '../../core/options/index.ts';
import type { Op } from '../flow.ts';
import type { TimeSource } from '../internal/source-clock.ts';
import { connectTimeout } from './connect-timeout.ts';
import { deadline } from './deadline.ts';
import { firstByteTimeout } from './first-byte-timeout.ts';
import { idleTimeout } from './idle-timeout.ts';
import { messageTimeout } from './message-timeout.ts';
import { readTimeout } from './read-timeout.ts';
import { stallTimeout } from './stall-timeout.ts';
import { writeTimeout } from './write-timeout.ts';

/** What each key of `timeouts` adds. */
interface LimitFailures {
  readonly connect: ConnectTimeout;
  readonly idle: IdleTimeout;
  readonly read: ReadTimeout;
  readonly write: WriteTimeout;
  readonly firstByte: FirstByteTimeout;
  readonly message: MessageTimeout;
  readonly stall: ConsumerStalled;
  readonly deadline: DeadlineExceeded;
}

/** Several time limits, each in ms. */
export type TimeLimits = { readonly [Name in keyof LimitFailures]?: number };

const operators = {
  connect: connectTimeout,
  idle: idleTimeout,
  read: readTimeout,
  write: writeTimeout,
  firstByte: firstByteTimeout,
  message: messageTimeout,
  stall: stallTimeout,
  deadline,
};

const LIMIT_NAMES: readonly (keyof LimitFailures)[] = [
  'connect',
  'idle',
  'read',
  'write',
  'firstByte',
  'message',
  'stall',
  'deadline',
];

/**
 * Several time limits at once: `timeouts({ idle: 30_000, write: 5_000 })`. It adds exactly the
 * failures that its keys name.
 *
 * @param limits - `connect`, `idle`, `read`, `write`, `firstByte`, `message`, `stall`, `deadline`, in ms; see the operators of these names.
 * @param clock - a `Clock` or an RxJS scheduler. Default: the connection's clock, else RxJS's `asyncScheduler`.
 *
 * @example
 * ```ts
 * import { catchFailures, timeouts } from 'rxjs-net';
 * import { NEVER, of } from 'rxjs-net/rx';
 *
 * NEVER.pipe(
 *   timeouts({ idle: 20, deadline: 5_000 }),
 *   catchFailures({ IdleTimeout: () => of('idle'), DeadlineExceeded: () => of('late') }),
 * ).subscribe((text) => console.log(text)); // => idle
 * ```
 */
export function timeouts<A, const L extends TimeLimits>(
  limits: L & { readonly [Name in Exclude<keyof L, keyof LimitFailures>]: never },
  clock?: TimeSource,
): Op<A, A, LimitFailures[keyof L & keyof LimitFailures]> {
  return (source) => {
    let flow: Observable<A> = source;
    try {
      refuseUnknown(limits, LIMIT_NAMES);
      for (const name of LIMIT_NAMES) {
        const ms = (limits as TimeLimits)[name];
        // Checked here too, so that the failure names it as the caller did.
        if (ms === undefined) continue;
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the type of the whole speaks of the failures of each
        const limit = operators[name]<A>(checkDuration(name, ms), clock) as MonoTypeOperatorFunction<A>;
        flow = limit(flow);
      }
    } catch (failure) {
      return throwError(() => failure);
    }
    return flow;
  };
}
