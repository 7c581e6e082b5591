import type {
  ConnectionLost,
  DeadlineExceeded,
  InvalidOptions,
  Overload,
  PossiblyDelivered,
  SystemFailure,
} from '../../core/failures/index.ts';
import type { Flow } from '../flow.ts';
import type { TimeSource } from '../internal/source-clock.ts';
import type { EncodeOutcome } from './channel.ts';

/**
 * What asking can fail with: `PossiblyDelivered` when the connection went while the request was
 * under way; the reason as it is (`ConnectionClosed`, `ConnectionReset` …) when the request never
 * left; `BufferOverflow` when too many wait; `AlreadySubscribed` when somebody else reads the
 * connection. With a deadline `DeadlineExceeded` comes on top.
 */
export type RequestFailure = FailureOfRequest['failure'];

/** A union that has no name of its own, as `FailureByPhase`. */
interface FailureOfRequest {
  readonly failure: ConnectionLost | InvalidOptions | Overload | PossiblyDelivered | SystemFailure;
}

/**
 * What an incoming message is to its request: an answer after which `more` follow, the `last` one,
 * or the `end` marker, which is no answer itself.
 */
export type AnswerPart = 'more' | 'last' | 'end';

/** Options of `rpc` when answers come in the order of the requests. */
export interface RpcOptions<In> {
  /**
   * How many requests may be under way at once; more of them wait. A request that was given up
   * counts until its answer came where answers come in order.
   *
   * @defaultValue 1,024; by id not more than half of the ids
   */
  readonly maxInFlight?: number | undefined;
  /**
   * How many requests may wait for their turn; one more fails with `BufferOverflow`. 0 lets none
   * wait. Whoever delivers what a request is made of is held meanwhile, so this is only reached by
   * what can't be held.
   *
   * @defaultValue 1,024
   */
  readonly maxWaiting?: number | undefined;
  /**
   * How long each request may take, in ms, from its subscription to its last answer; then it fails
   * with `DeadlineExceeded`. A request may have one of its own.
   *
   * @defaultValue no limit
   */
  readonly deadline?: number | undefined;
  /**
   * Says of an incoming message whether more answers to the same request follow.
   *
   * @defaultValue each is the `last`: one answer for a request
   */
  readonly part?: ((message: In) => AnswerPart) | undefined;
  /**
   * How many answers may be kept, over all requests, for consumers that hold them.
   *
   * @defaultValue 1,024
   */
  readonly maxKept?: number | undefined;
  /**
   * What happens when so many are kept: `hold` stops reading the connection until some were taken,
   * so that the peer has to wait, and all other requests too; `fail` gives up the request whose
   * consumer is behind, with `BufferOverflow`. With `hold` no consumer may wait for another request
   * on the same channel while it holds a stream of answers: they would wait for each other.
   *
   * @defaultValue `'hold'`
   */
  readonly whenBehind?: 'hold' | 'fail' | undefined;
  /**
   * Is given the messages that no request waits for: what the peer says of its own accord, a second
   * answer, an id that was never given out. Late answers to requests that were given up are none of
   * them: these are dropped. What it feeds can pause these messages: they are queued then, up to
   * `maxUnmatched`, and answers are read on. With no request in flight the connection is paused,
   * once 16 of them wait.
   *
   * @defaultValue such a message ends the connection, with `DecodeFailed`
   */
  readonly unmatched?: ((message: In) => void) | undefined;
  /**
   * How long requests wait for answers to requests that were given up, in ms, where these keep
   * every id (by order: every place) and none of them is answered. Then those that wait fail with
   * `BufferOverflow`; the connection goes on.
   *
   * @defaultValue 30,000 ms
   */
  readonly owedTimeout?: number | undefined;
  /**
   * How many messages for `unmatched` may wait while requests are in flight; one more ends the
   * connection, with `BufferOverflow`. So do more than 16 MiB of them.
   *
   * @defaultValue 1,024
   */
  readonly maxUnmatched?: number | undefined;
  /**
   * Where the time for deadlines comes from.
   *
   * @defaultValue the connection's clock
   */
  readonly clock?: TimeSource | undefined;
}

/** Options of `rpc` when requests and answers carry an id. */
export interface RpcByIdOptions<Request, In, Out> extends RpcOptions<In> {
  /**
   * The message that asks `request` under this id: a whole number from 1. No other request in
   * flight has it, and no request that was given up and whose answer may still come. Where ids are
   * text, it is `String(id)`, and `idOf` makes a number of it again.
   */
  readonly assign: (request: Request, id: number) => Out;
  /**
   * The id of the request that a message answers; `undefined`, or an id that nobody waits for,
   * makes it unmatched.
   */
  readonly idOf: (message: In) => number | undefined;
  /**
   * The largest id. After it they begin again with 1, and leave out those that are in use and those
   * that are owed an answer. When none is left, requests wait for their turn, as with
   * `maxInFlight`.
   *
   * @defaultValue 2,147,483,647
   */
  readonly largestId?: number | undefined;
  /**
   * How long after a request was given up its answer may still come, in ms. After that time its id
   * may be given to another request: an answer that comes later still would be taken for that
   * request's. For peers that never answer what was cancelled.
   *
   * @defaultValue without end: an id is given out again when its answer has come
   */
  readonly lateAnswerTimeout?: number | undefined;
  /**
   * The message that tells the peer that a request was given up: unsubscribed, aborted, too late.
   * Its answers are dropped in any case. Its id stays in use until the peer has answered, or until
   * `lateAnswerTimeout`; see `cancelled` of `answerWith`.
   *
   * @defaultValue the peer is told nothing
   */
  readonly cancel?: ((id: number) => Out) | undefined;
}

/** Options of one request. */
export interface RequestOptions {
  /** Instead of the deadline of the `rpc`, in ms. */
  readonly deadline?: number | undefined;
  /**
   * Gives the request up when it is aborted: it fails with `ConnectionAborted`, the connection goes
   * on.
   */
  readonly signal?: AbortSignal | undefined;
}

/** Requests and answers over one channel. */
export interface Rpc<Request, Answer, E> {
  /**
   * Asks, and emits what is answered; completes after the last answer.
   *
   * Cold: each subscription asks anew. Unsubscribing gives the request up; its answers are dropped
   * when they come. Held, it keeps the answers of that request (`maxKept`) while the other requests
   * go on.
   */
  request(message: Request): Flow<Answer, E>;
  request(message: Request, options: RequestOptions & { readonly deadline?: undefined }): Flow<Answer, E>;
  request(message: Request, options: RequestOptions): Flow<Answer, E | DeadlineExceeded>;
  /** How many requests are under way, those included that were given up and still take a place. */
  readonly inFlight: number;
  /** How many requests wait for their turn. */
  readonly waiting: number;
  /**
   * Stops reading, and leaves the connection as it is, for another use. Requests under way fail
   * with `PossiblyDelivered`, those that wait with `ConnectionClosed`, and so do later ones.
   */
  release(): void;
}

/**
 * What a request of an `rpc` with these options fails with; a member that is looked up, so that an
 * editor shows the union.
 */
export interface RequestOutcome<X, O> {
  readonly failures:
    | RequestFailure
    | EncodeOutcome<X>['failures']
    | ('deadline' extends keyof O ? (O['deadline'] extends undefined ? never : DeadlineExceeded) : never);
}
