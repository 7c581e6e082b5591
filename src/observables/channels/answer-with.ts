import { Observable, type ObservableInput, type Subscriber } from 'rxjs';

import type { EmittedBy } from '../emitted-by.ts';
import type { BufferOverflow } from '../../core/failures/index.ts';
import { checkFunction, refuseUnknown } from '../../core/options/index.ts';
import { Defect } from '../failures/defect.ts';
import type { FailureOf, Op } from '../flow.ts';
import { isTagged } from '../internal/tagged.ts';
import { GuardedAbort } from '../../core/guarded-abort.ts';
import { guarded, warnOfDefect } from '../../core/report-defect.ts';
import { queueing } from '../rx/merge-map.ts';
import { toObservable } from '../rx/from.ts';
import { type ObservableOrList, severalOf } from '../one-chunk.ts';
import { type Limits, type PacedOptions, QUEUE_NAMES, readLimits } from '../pacing/limits.ts';
import { Mapping } from '../pacing/mapping.ts';
import type { Paced } from '../pacing/overflow.ts';
import { Receiver } from '../pacing/receiver.ts';
import { type Asked, REQUEST_MARK, RequestQueue } from './request-queue.ts';

/** Options of `answerWith` when requests are answered in their order. */
export interface AnswerOptions<Request, E, F> extends Omit<PacedOptions<Request>, 'concurrency'> {
  /**
   * How many requests may be in work at once. While so many are, no further one is begun, and the
   * source is paused once `highWaterMark` of them wait: 16 by default, 1,024 (or 1 MiB) with
   * `cancelOf`.
   *
   * @defaultValue 64
   */
  readonly concurrency?: number | undefined;
  /**
   * The message that answers a request whose handler failed, after the answers that it gave before;
   * what was thrown comes as a `Defect`. It may throw, too, and then that ends the connection.
   *
   * @defaultValue a failure of the handler ends the connection. What a handler throws does so by order, where the answers behind it would be taken
   * for its own. By id it ends its own request, without an answer, and is a warning of the process
   * with its stack, once per place.
   */
  readonly failed?: ((failure: E | Defect, request: Request) => F) | undefined;
}

/** Options of `answerWith` when requests and answers carry an id. */
export interface AnswerByIdOptions<Request, Id, Answer, Out, E, F, Z> extends AnswerOptions<Request, E, F> {
  /**
   * The id of a request. One whose id is `undefined` wants no answer: its handler runs, and nothing
   * that it emits is sent.
   */
  readonly idOf: (request: Request) => Id | undefined;
  /** The message that answers the request of this id. */
  readonly assign: (answer: Answer, id: Id) => Out;
  /**
   * The message that says that no more answers follow; not sent after the one of `failed`.
   *
   * @defaultValue none is sent
   */
  readonly end?: ((id: Id) => Z) | undefined;
  /**
   * The id that a message gives up, where it is no request but takes one back: the handler is
   * unsubscribed, its signal aborted, and nothing more is sent for it but what `cancelled` makes.
   * For any other message `undefined`.
   *
   * @defaultValue each message is a request
   */
  readonly cancelOf?: ((message: Request) => Id | undefined) | undefined;
  /**
   * The message that confirms that the request of this id was taken back and gets no more answers;
   * not sent when its last answer has left already. An `rpc` at the other end may then give the id
   * to another request.
   *
   * @defaultValue none is sent
   */
  readonly cancelled?: ((id: Id) => Z) | undefined;
}

/** Calls the handler with a signal only where it declares it. */
type Handler = (request: unknown, signal: AbortSignal) => ObservableInput<unknown>;

/**
 * The other side of `rpc`: each request is given to `handler`, and what comes of it is sent as its
 * answers, one or a stream.
 *
 * Without `idOf` answers leave in the order of the requests, whichever is ready first; with it as
 * they come. `concurrency` requests are in work at a time. While so many are, or the peer doesn't
 * take its answers, the source is paused once `highWaterMark` requests wait. With `cancelOf` that
 * is 1,024, or 1 MiB of them, so that requests can be taken back.
 *
 * `handler` returns what RxJS calls an input: an Observable, a promise, an iterable (an array is a
 * stream of answers). It is unsubscribed, and its `signal` aborted where it declares one, when the
 * connection goes, or when the peer takes the request back (`cancelOf`).
 *
 * A handler that fails ends this connection, as the output of a server does, unless `failed` makes
 * an answer of it. One that throws, by id, ends its own request alone, and the process is warned.
 * Adds the handler's failures, or with `failed` none of them, and `BufferOverflow` where requests
 * come from what can't be held. Wrong options fail on subscription.
 *
 * @example
 * ```ts
 * import { answerWith } from 'rxjs-net';
 * import { of } from 'rxjs-net/rx';
 *
 * of({ id: 1, square: 3 }, { id: 2, square: 5 })
 *   .pipe(
 *     answerWith(async ({ square }) => square * square, {
 *       idOf: ({ id }) => id,
 *       assign: (result, id) => ({ id, result }),
 *     }),
 *   )
 *   .subscribe((message) => console.log(message));
 * // => { id: 1, result: 9 }
 * // => { id: 2, result: 25 }
 * ```
 */
export function answerWith<Request, R extends ObservableOrList, Answer, Id, Out, F, Z = never>(
  handler: (request: Request, signal: AbortSignal) => R & ObservableInput<Answer>,
  options: AnswerByIdOptions<Request, Id, Answer, Out, FailureOf<R>, F, Z> & {
    readonly failed: (failure: FailureOf<R> | Defect, request: Request) => F;
  },
): Op<Request, Out | F | Z, BufferOverflow>;
export function answerWith<Request, R extends ObservableOrList, Answer, Id, Out, Z = never>(
  handler: (request: Request, signal: AbortSignal) => R & ObservableInput<Answer>,
  options: AnswerByIdOptions<Request, Id, Answer, Out, FailureOf<R>, never, Z> & {
    readonly failed?: undefined;
  },
): Op<Request, Out | Z, Paced<R>['failures']>;
export function answerWith<Request, R extends ObservableOrList, F>(
  handler: (request: Request, signal: AbortSignal) => R,
  options: AnswerOptions<Request, FailureOf<R>, F> & {
    readonly failed: (failure: FailureOf<R> | Defect, request: Request) => F;
  },
): Op<Request, EmittedBy<R> | F, BufferOverflow>;
export function answerWith<Request, R extends ObservableOrList>(
  handler: (request: Request, signal: AbortSignal) => R,
  options?: AnswerOptions<Request, FailureOf<R>, never> & { readonly failed?: undefined },
): Op<Request, EmittedBy<R>, Paced<R>['failures']>;
export function answerWith(handler: Handler, options: object = {}): Op<unknown, unknown, unknown> {
  return (source) =>
    new Observable((subscriber) => {
      const plan = readPlan(handler, options);
      const { idOf, cancelOf, limits } = plan;
      if (idOf === undefined) {
        new Mapping(subscriber, workOf(plan), limits).subscribeTo(source);
      } else if (cancelOf === undefined) {
        subscriber.add(queueing(workOf(plan), () => limits)(source).subscribe(subscriber));
      } else {
        const requests = new Observable<Asked>((receiver) => {
          const reader = { idOf, cancelOf, confirms: plan.cancelled !== undefined };
          const queue = new RequestQueue(receiver, reader, limits);
          receiver.add(queue);
          source.subscribe(queue.source);
        });
        const work = (asked: Asked): Observable<unknown> => answersToAsked(asked, plan);
        // What waits does so in the queue of requests, where it can be taken back.
        subscriber.add(queueing(work, () => ({ ...limits, highWaterMark: 1 }))(requests).subscribe(subscriber));
      }
    });
}

function workOf(plan: AnswerPlan): (request: unknown) => Observable<unknown> {
  const { handler, idOf, failed } = plan;
  // What a handler emits is sent as it is.
  if (idOf === undefined && failed === undefined && handler.length < 2) {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one that declares no second parameter doesn't see it
    return (request) => toObservable(severalOf(handler(request, undefined as never), WHAT));
  }
  return (request) => answersTo(request, plan);
}

/** The options of one `answerWith`, checked. */
interface AnswerPlan {
  readonly handler: Handler;
  readonly limits: Limits;
  readonly failed: ((failure: unknown, request: unknown) => unknown) | undefined;
  readonly idOf: ((request: unknown) => unknown) | undefined;
  readonly assign: ((answer: unknown, id: unknown) => unknown) | undefined;
  readonly end: ((id: unknown) => unknown) | undefined;
  readonly cancelOf: ((message: unknown) => unknown) | undefined;
  readonly cancelled: ((id: unknown) => unknown) | undefined;
}

const WHAT = 'a handler of answerWith';

const PACED = ['concurrency', ...QUEUE_NAMES] as const;
const BY_ID = ['idOf', 'assign', 'end', 'cancelOf', 'cancelled'] as const;

const DEFAULT_CONCURRENCY = 64;

function readPlan(handler: Handler, options: object): AnswerPlan {
  checkFunction('handler', handler);
  refuseUnknown(options, [...PACED, 'failed', ...BY_ID]);
  const byId = BY_ID.some((name) => has(options, name));
  return {
    handler,
    limits: readLimits('answerWith', pacedOptions(options, has(options, 'cancelOf')), DEFAULT_CONCURRENCY),
    failed: has(options, 'failed') ? readFunction(options, 'failed') : undefined,
    idOf: byId ? readFunction(options, 'idOf') : undefined,
    assign: byId ? readFunction(options, 'assign') : undefined,
    end: has(options, 'end') ? readFunction(options, 'end') : undefined,
    cancelOf: has(options, 'cancelOf') ? readFunction(options, 'cancelOf') : undefined,
    cancelled: has(options, 'cancelled') ? readFunction(options, 'cancelled') : undefined,
  };
}

function pacedOptions(options: PacedOptions, canTakeBack: boolean): PacedOptions {
  const { concurrency, highWaterMark, maxBuffered, maxBufferedBytes, sizeOf } = options;
  const mark = canTakeBack ? Math.min(REQUEST_MARK, maxBuffered ?? REQUEST_MARK) : undefined;
  return { concurrency, highWaterMark: highWaterMark ?? mark, maxBuffered, maxBufferedBytes, sizeOf };
}

const has = (options: object, name: string): boolean => Reflect.get(options, name) !== undefined;

const readFunction = (options: object, name: string): ((...given: unknown[]) => unknown) =>
  checkFunction(name, Reflect.get(options, name));

/** The messages that answer one request. */
function answersTo(request: unknown, plan: AnswerPlan): Observable<unknown> {
  return new Observable((subscriber) => {
    // A function of the caller's that throws: RxJS hands it to the subscriber.
    const answering = new Answering(subscriber, request, plan, plan.idOf?.(request));
    subscriber.add(answering);
    answering.begin();
  });
}

/** The messages that answer one request which may be taken back; none when it has been. */
function answersToAsked(asked: Asked, plan: AnswerPlan): Observable<unknown> {
  return new Observable((subscriber) => {
    const answering = new Answering(subscriber, asked.request, plan, asked.id);
    asked.answering = answering;
    subscriber.add(answering);
    subscriber.add(() => asked.leave());
    if (asked.isCancelled) answering.cancel();
    else answering.begin();
  });
}

/** One request in work. */
class Answering extends Receiver<unknown> {
  private readonly subscriber: Subscriber<unknown>;
  private readonly request: unknown;
  private readonly plan: AnswerPlan;
  private readonly id: unknown;
  private readonly wantsNoAnswer: boolean;
  /** By itself: its signal is not aborted then. */
  private hasEnded = false;

  constructor(subscriber: Subscriber<unknown>, request: unknown, plan: AnswerPlan, id: unknown) {
    super();
    this.subscriber = subscriber;
    this.request = request;
    this.plan = plan;
    this.id = id;
    this.wantsNoAnswer = plan.idOf !== undefined && id === undefined;
  }

  begin(): void {
    const { handler } = this.plan;
    const abort = handler.length < 2 ? undefined : new GuardedAbort();
    if (abort !== undefined) this.add(() => this.hasEnded || abort.abort());
    try {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one that declares no second parameter doesn't see it
      toObservable(severalOf(handler(this.request, abort?.signal as AbortSignal), WHAT)).subscribe(this);
    } catch (error) {
      this.error(error);
    }
  }

  /** The peer has taken the request back. */
  cancel(): void {
    // A teardown that throws is no reason to keep the place of the request.
    guarded(() => this.unsubscribe());
    const { cancelled } = this.plan;
    if (cancelled === undefined) this.subscriber.complete();
    else this.finishWith(() => cancelled(this.id));
  }

  protected onNext(answer: unknown): void {
    if (this.wantsNoAnswer) return;
    const { assign } = this.plan;
    if (assign === undefined) {
      this.subscriber.next(answer);
      return;
    }
    let message: unknown;
    try {
      message = assign(answer, this.id);
    } catch (error) {
      this.giveUp(error);
      return;
    }
    this.subscriber.next(message);
  }

  protected onError(error: unknown): void {
    this.hasEnded = true;
    const { failed, idOf } = this.plan;
    if (failed !== undefined) {
      this.finishWith(() => failed(isTagged(error) ? error : new Defect(error, 'a handler failed'), this.request));
    } else if (idOf === undefined || (isTagged(error) && error._tag !== 'Defect')) {
      // By order, the answers behind it would be taken for its own.
      this.subscriber.error(error);
    } else {
      // The other requests can't help it. Its own ends without an answer: not with `end`, which
      // would say that all of it came.
      warnOfDefect(error instanceof Defect ? error : new Defect(error, 'a handler of answerWith failed'));
      this.subscriber.complete();
    }
  }

  protected onComplete(): void {
    this.hasEnded = true;
    const { end } = this.plan;
    if (end === undefined) this.subscriber.complete();
    else this.finishWith(() => end(this.id));
  }

  private finishWith(make: () => unknown): void {
    let message: unknown;
    try {
      message = make();
    } catch (error) {
      this.subscriber.error(error);
      return;
    }
    if (!this.wantsNoAnswer) this.subscriber.next(message);
    this.subscriber.complete();
  }

  /** One of the options' functions threw: that is no failure of the handler's. */
  private giveUp(error: unknown): void {
    this.unsubscribe();
    this.subscriber.error(error);
  }
}
