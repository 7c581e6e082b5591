// The methods themselves, and how a request finds its own. A method that is not written here does not compile.
import { setTimeout } from 'node:timers/promises';

import { isLeft } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { PathReporter } from 'io-ts/lib/PathReporter.js';

import {
  failure,
  INTERNAL_ERROR,
  INVALID_PARAMS,
  INVALID_REQUEST,
  type Method,
  METHOD_NOT_FOUND,
  methods,
  type ParamsOf,
  Request,
  type Response,
  type ResultOf,
  success,
} from './protocol.ts';

/** A refusal that the caller is meant to see; anything else that is thrown is ours. */
class Refused extends Error {}

const service: { readonly [M in Method]: (params: ParamsOf<M>, signal: AbortSignal) => Promise<ResultOf<M>> } = {
  async divide({ dividend, divisor }) {
    if (divisor === 0) throw new Refused('a number can not be divided by 0');
    return dividend / divisor;
  },
  async reverse({ text }) {
    return [...text].toReversed().join('');
  },
  async wait({ ms }, signal) {
    if (!(ms >= 0 && ms <= 10_000)) throw new Refused('from 0 to 10000 ms');
    await setTimeout(ms, undefined, { signal });
    return `after ${ms} ms`;
  },
};

const why = (errors: t.Validation<unknown>): string => PathReporter.report(errors).join('; ');
const isMethod = (name: string): name is Method => Object.hasOwn(methods, name);

const call = async <M extends Method>(
  method: M,
  params: unknown,
  id: number,
  signal: AbortSignal,
): Promise<Response> => {
  // One codec of many, as the type of all of them: which one it is, the name says.
  const codec: t.Type<ParamsOf<M>, unknown> = methods[method].params as never;
  const decoded = codec.decode(params);
  if (isLeft(decoded)) return failure(id, INVALID_PARAMS, why(decoded));
  try {
    return success(id, await service[method](decoded.right, signal));
  } catch (error) {
    return failure(id, INTERNAL_ERROR, error instanceof Refused ? error.message : 'the service failed');
  }
};

/** Stands for what came instead of a message: it is answered, in its turn, and is the last. */
export class Unreadable {
  readonly code: number;
  readonly why: string;
  constructor(code: number, why: string) {
    this.code = code;
    this.why = why;
  }
}

/** The id under which a message is answered; null for what is no request at all, undefined for a notification. */
export const idOf = (message: unknown): number | null | undefined => (Request.is(message) ? message.id : null);

/** Answers one message. */
export const answer = async (message: unknown, signal: AbortSignal): Promise<Response> => {
  if (message instanceof Unreadable) return failure(null, message.code, message.why);
  const request = Request.decode(message);
  if (isLeft(request)) return failure(null, INVALID_REQUEST, why(request));
  const { id = 0, method, params } = request.right;
  if (!isMethod(method)) return failure(id, METHOD_NOT_FOUND, `there is no method "${method}"`);
  return call(method, params, id, signal);
};
