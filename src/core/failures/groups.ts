import type {
  AddressInUse,
  AddressNotAvailable,
  ConnectionRefused,
  HostNotFound,
  HostUnreachable,
  NetworkUnreachable,
  PathNotFound,
  PermissionDenied,
  TooManyFiles,
} from './connecting.ts';
import type {
  AlreadySubscribed,
  BrokenPipe,
  BufferOverflow,
  ConnectionAborted,
  ConnectionClosed,
  ConnectionReset,
  ConnectionTimedOut,
  PossiblyDelivered,
} from './established.ts';
import { isFailureWithTag } from './failure-shape.ts';
import type { DecodeFailed, FrameTooLarge, FrameTruncated } from './framing.ts';
import type { InvalidOptions } from './invalid-options.ts';
import type { PoolExhausted } from './pool.ts';
import type { SystemFailure } from './system-failure.ts';
import type {
  ConnectTimeout,
  ConsumerStalled,
  DeadlineExceeded,
  FirstByteTimeout,
  IdleTimeout,
  MessageTimeout,
  ReadTimeout,
  WriteTimeout,
} from './timeouts.ts';

// Each failure is in exactly one group. So a union of groups keeps their names in an editor: the
// compiler shows the names of unions that don't overlap, and lists the members of those that do.

/**
 * No connection came about: nobody listens there, or there is no way there. Another address, or a
 * later time, may do.
 */
export type Unreachable =
  ConnectionRefused | ConnectTimeout | HostNotFound | HostUnreachable | NetworkUnreachable | PathNotFound;

/** An established connection ended otherwise than in order. A new one may do. */
export type ConnectionLost = BrokenPipe | ConnectionAborted | ConnectionClosed | ConnectionReset | ConnectionTimedOut;

/** A time limit over a connection was passed. */
export type TimeLimit =
  ConsumerStalled | DeadlineExceeded | FirstByteTimeout | IdleTimeout | MessageTimeout | ReadTimeout | WriteTimeout;

/** The peer sent what is no message of the protocol. */
export type ProtocolFailure = DecodeFailed | FrameTooLarge | FrameTruncated;

/**
 * This machine or this program stands in the way: wrong options, an address in use, permissions,
 * descriptors.
 */
export type LocalFailure =
  AddressInUse | AddressNotAvailable | InvalidOptions | PermissionDenied | SystemFailure | TooManyFiles;

/**
 * More was asked of a connection than it takes: more bytes or items than its queue holds, a second
 * subscriber.
 */
export type Overload = AlreadySubscribed | BufferOverflow;

/**
 * Nobody answered: no connection of a pool was free for the request, or the connection ended before
 * the answer came.
 */
export type Unanswered = PoolExhausted | PossiblyDelivered;

/**
 * Some failures that are handled alike, told apart by their tags. `catchFailure` takes one in place
 * of a tag.
 */
export interface FailureGroup {
  readonly tags: readonly string[];
}

/** The failures `F` as a value. */
export interface GroupOf<F extends { readonly _tag: string }> extends FailureGroup {
  /** The tags of all its failures. */
  readonly tags: readonly F['_tag'][];
  /** Whether a failure, or any other value, is one of the group. */
  has(failure: unknown): failure is F;
}

/** A record rather than a list, so that the compiler sees when a tag is missing. */
function groupOf<F extends { readonly _tag: string }>(record: Readonly<Record<F['_tag'], true>>): GroupOf<F> {
  const tags = Object.freeze(Object.keys(record) as F['_tag'][]);
  const known: ReadonlySet<unknown> = new Set(tags);
  return Object.freeze({ tags, has: (failure: unknown): failure is F => isFailureWithTag(failure, known) });
}

/**
 * The failures of {@link Unreachable}: no connection came about.
 *
 * @example
 * ```ts
 * import { catchFailure, connect, orDie, runFlow, unreachable } from 'rxjs-net';
 * import { map, of } from 'rxjs-net/rx';
 *
 * const state = connect({ host: '127.0.0.1', port: 9 }).pipe(
 *   map(() => 'up'),
 *   catchFailure(unreachable, (failure) => of(`down: ${failure._tag}`)),
 *   orDie(),
 * );
 * console.log(await runFlow(state)); // => down: ConnectionRefused
 * ```
 */
export const unreachable: GroupOf<Unreachable> = groupOf<Unreachable>({
  ConnectTimeout: true,
  ConnectionRefused: true,
  HostNotFound: true,
  HostUnreachable: true,
  NetworkUnreachable: true,
  PathNotFound: true,
});

/**
 * The failures of {@link ConnectionLost}: an established connection ended otherwise than in order.
 *
 * @example
 * ```ts
 * import { catchFailure, connectionLost, ConnectionReset, type Flow, type ReadFailure } from 'rxjs-net';
 * import { defer, of } from 'rxjs-net/rx';
 *
 * const text: Flow<string, ReadFailure> = defer(() => {
 *   throw new ConnectionReset();
 * });
 *
 * text.pipe(catchFailure(connectionLost, () => of('(cut off)'))).subscribe((line) => console.log(line)); // => (cut off)
 * ```
 */
export const connectionLost: GroupOf<ConnectionLost> = groupOf<ConnectionLost>({
  BrokenPipe: true,
  ConnectionAborted: true,
  ConnectionClosed: true,
  ConnectionReset: true,
  ConnectionTimedOut: true,
});

/**
 * The failures of {@link TimeLimit}: a time limit over a connection was passed.
 *
 * @example
 * ```ts
 * import { IdleTimeout, timeLimit } from 'rxjs-net';
 *
 * console.log(timeLimit.has(new IdleTimeout({ limit: 5_000 }))); // => true
 * ```
 */
export const timeLimit: GroupOf<TimeLimit> = groupOf<TimeLimit>({
  ConsumerStalled: true,
  DeadlineExceeded: true,
  FirstByteTimeout: true,
  IdleTimeout: true,
  MessageTimeout: true,
  ReadTimeout: true,
  WriteTimeout: true,
});

/**
 * The failures of {@link ProtocolFailure}: the peer sent what is no message of the protocol.
 *
 * @example
 * ```ts
 * import { FrameTooLarge, protocolFailure } from 'rxjs-net';
 *
 * console.log(protocolFailure.has(new FrameTooLarge({ limit: 100, size: 101 }))); // => true
 * ```
 */
export const protocolFailure: GroupOf<ProtocolFailure> = groupOf<ProtocolFailure>({
  DecodeFailed: true,
  FrameTooLarge: true,
  FrameTruncated: true,
});

/**
 * The failures of {@link LocalFailure}: this machine or this program stands in the way.
 *
 * @example
 * ```ts
 * import { AddressInUse, localFailure } from 'rxjs-net';
 *
 * console.log(localFailure.has(new AddressInUse({ port: 8124 }))); // => true
 * ```
 */
export const localFailure: GroupOf<LocalFailure> = groupOf<LocalFailure>({
  AddressInUse: true,
  AddressNotAvailable: true,
  InvalidOptions: true,
  PermissionDenied: true,
  SystemFailure: true,
  TooManyFiles: true,
});

/**
 * The failures of {@link Overload}: more was asked of a connection than it takes.
 *
 * @example
 * ```ts
 * import { BufferOverflow, overload } from 'rxjs-net';
 *
 * console.log(overload.has(new BufferOverflow({ limit: 16, queued: 17, unit: 'items' }))); // => true
 * ```
 */
export const overload: GroupOf<Overload> = groupOf<Overload>({ AlreadySubscribed: true, BufferOverflow: true });

/**
 * The failures of {@link Unanswered}: nobody answered. After `PossiblyDelivered` the peer may have
 * acted on the request.
 *
 * @example
 * ```ts
 * import { PossiblyDelivered, unanswered } from 'rxjs-net';
 *
 * console.log(unanswered.has(new PossiblyDelivered())); // => true
 * ```
 */
export const unanswered: GroupOf<Unanswered> = groupOf<Unanswered>({ PoolExhausted: true, PossiblyDelivered: true });
