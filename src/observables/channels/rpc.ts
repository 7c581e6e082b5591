import { Observable } from 'rxjs';

import { refuse } from '../../core/options/index.ts';
import type { Flow } from '../flow.ts';
import type { Channel, EncodeOutcome } from './channel.ts';
import { isChannel } from './framed.ts';
import { Requester } from './requester.ts';
import { readRpcPlan } from './rpc-plan.ts';
import type { RequestFailure, RequestOutcome, RequestOptions, Rpc, RpcByIdOptions, RpcOptions } from './rpc-types.ts';

/**
 * Requests and answers over a channel, many under way at once.
 *
 * Answers are matched to their requests by their order, or, with `assign` and `idOf`, by an id. The
 * first request begins to read the channel, and it is read until the connection ends or `release()`
 * is called: nobody else may read it meanwhile.
 *
 * - A request whose connection goes before its answer came fails with `PossiblyDelivered`: the peer may have acted on it. One that never
 *   left fails with what ended the connection.
 * - A request that is unsubscribed, aborted or too late is given up, and the connection goes on. Answered by id, its late answers are dropped;
 *   answered by order, it keeps its place until its answer has come.
 * - A message that the framing refuses fails its own request alone. A message of the peer that can't be understood, or that answers
 *   nothing (see `unmatched`), ends the connection; an exception out of one of the options' functions does too, and reaches
 *   the requests as it is.
 *
 * Wrong options fail each request, with `InvalidOptions`.
 *
 * @example
 * ```ts
 * import { connect, endpointOf, answerWith, framed, lines, rpc, serveFramed } from 'rxjs-net';
 * import { merge, mergeMap } from 'rxjs-net/rx';
 *
 * const server = serveFramed({ port: 0, host: '127.0.0.1' }, lines(), (channel) =>
 *   channel.incoming.pipe(answerWith((question) => [`${question}? Yes.`])),
 * ).subscribe((event) => {
 *   if (event.type !== 'listening') return;
 *   connect(endpointOf(event.address))
 *     .pipe(
 *       mergeMap((connection) => {
 *         const client = rpc(framed(connection, lines()), { deadline: 5_000 });
 *         return merge(client.request('Is it raining'), client.request('Is it cold'));
 *       }),
 *     )
 *     .subscribe((answer) => {
 *       console.log(answer);
 *       if (answer.startsWith('Is it cold')) server.unsubscribe();
 *     });
 * });
 * // => Is it raining? Yes.
 * // => Is it cold? Yes.
 * ```
 */
export function rpc<Request, In, Out, X, const O extends RpcByIdOptions<Request, In, Out>>(
  channel: Channel<In, Out, X>,
  options: O & RpcByIdOptions<Request, In, Out> & Only<O, keyof RpcByIdOptions<Request, In, Out>>,
): Rpc<Request, In, RequestOutcome<X, O>['failures']>;
export function rpc<In, Out, X, const O extends RpcOptions<In>>(
  channel: Channel<In, Out, X>,
  options: O & Only<O, keyof RpcOptions<In>>,
): Rpc<Out, In, RequestOutcome<X, O>['failures']>;
export function rpc<In, Out, X>(
  channel: Channel<In, Out, X>,
): Rpc<Out, In, RequestFailure | EncodeOutcome<X>['failures']>;
export function rpc(channel: unknown, options: object = {}): Rpc<unknown, unknown, unknown> {
  return new ChannelRpc(channel, options);
}

/** Refuses other names: a type that is inferred takes any. */
type Only<O, Names> = { readonly [Name in Exclude<keyof O, Names>]: never };

class ChannelRpc implements Rpc<unknown, unknown, unknown> {
  private readonly requester: Requester | undefined = undefined;
  private readonly refused: unknown = undefined;

  constructor(channel: unknown, options: object) {
    try {
      if (!isChannel(channel)) refuse('channel', channel, 'a channel: what framed() returns');
      this.requester = new Requester(channel, readRpcPlan(options));
    } catch (failure) {
      this.refused = failure;
    }
  }

  request(message: unknown, options?: RequestOptions): Flow<unknown, unknown> {
    return new Observable((subscriber) => {
      if (this.requester !== undefined) return this.requester.begin(subscriber, message, options);
      subscriber.error(this.refused);
      return undefined;
    });
  }

  get inFlight(): number {
    return this.requester?.inFlight ?? 0;
  }

  get waiting(): number {
    return this.requester?.waiting ?? 0;
  }

  release(): void {
    this.requester?.release();
  }
}
