// The methods themselves, and how a request finds its own. A method that is not written here does not compile.
import { setTimeout } from 'node:timers/promises';

import { isLeft } from 'fp-ts/lib/Either.js';
import type * as t from 'io-ts';
import { PathReporter } from 'io-ts/lib/PathReporter.js';

import {
  failure,
  INTERNAL_ERROR,
  INVALID_PARAMS,
  INVALID_REQUEST,
  isMethod,
  type Method,
  METHOD_NOT_FOUND,
  methods,
  type MethodType,
  Request,
  type Response,
  success,
} from './protocol.ts';

/** A refusal that the caller is meant to see, with its code; anything else that is thrown is ours. */
class Refused extends Error {
  readonly code: number;
  constructor(message: string, code = INTERNAL_ERROR) {
    super(message);
    this.code = code;
  }
}

const problemsOf = (validation: t.Validation<unknown>): string => PathReporter.report(validation).join('; ');

type Run = (params: unknown, signal: AbortSignal) => Promise<unknown>;

const implement =
  <P, R>({ params }: MethodType<P, R>, work: (params: P, signal: AbortSignal) => R | Promise<R>): Run =>
  async (given, signal) => {
    const decoded = params.decode(given);
    if (isLeft(decoded)) throw new Refused(problemsOf(decoded), INVALID_PARAMS);
    return work(decoded.right, signal);
  };

const service: Readonly<Record<Method, Run>> = {
  divide: implement(methods.divide, ({ dividend, divisor }) => {
    if (divisor === 0) throw new Refused('a number can not be divided by 0');
    return dividend / divisor;
  }),
  reverse: implement(methods.reverse, ({ text }) => Array.from(text).toReversed().join('')),
  wait: implement(methods.wait, async ({ ms }, signal) => {
    if (!(ms >= 0 && ms <= 10_000)) throw new Refused('from 0 to 10000 ms');
    await setTimeout(ms, undefined, { signal });
    return `after ${ms} ms`;
  }),
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
  if (isLeft(request)) return failure(null, INVALID_REQUEST, problemsOf(request));
  const { id = 0, method, params } = request.right;
  if (!isMethod(method)) return failure(id, METHOD_NOT_FOUND, `there is no method "${method}"`);
  try {
    return success(id, await service[method](params, signal));
  } catch (error) {
    if (error instanceof Refused) return failure(id, error.code, error.message);
    return failure(id, INTERNAL_ERROR, 'the service failed');
  }
};
