// JSON-RPC 2.0 (https://www.jsonrpc.org/specification), one message per line; and the methods of one service, as io-ts types.
import * as t from 'io-ts';

const version = t.literal('2.0');
const id = t.number;

/** Without an id it is a notification, which is not answered. */
export const Request = t.intersection([
  t.type({ jsonrpc: version, method: t.string }),
  t.partial({ id, params: t.unknown }),
]);
export type Request = t.TypeOf<typeof Request>;

const Success = t.type({ jsonrpc: version, id, result: t.unknown });
const Failure = t.type({
  jsonrpc: version,
  id: t.union([id, t.null]),
  error: t.type({ code: t.number, message: t.string }),
});
export const Response = t.union([Success, Failure]);
export type Response = t.TypeOf<typeof Response>;

/** Whatever may stand in a line. */
export const Message = t.union([Request, Response]);
export type Message = t.TypeOf<typeof Message>;

/** The codes of the specification, section 5.1. */
export const PARSE_ERROR = -32_700;
export const INVALID_REQUEST = -32_600;
export const METHOD_NOT_FOUND = -32_601;
export const INVALID_PARAMS = -32_602;
export const INTERNAL_ERROR = -32_603;

export const success = (to: number, result: unknown): Response => ({ jsonrpc: '2.0', id: to, result });
export const failure = (to: number | null, code: number, message: string): Response => ({
  jsonrpc: '2.0',
  id: to,
  error: { code, message },
});

/** What a method takes and gives. */
export interface MethodType<P, R> {
  readonly params: t.Decoder<unknown, P>;
  readonly result: t.Decoder<unknown, R>;
}

/** The methods of the service. Server and client are both made from this. */
export const methods = {
  divide: { params: t.type({ dividend: t.number, divisor: t.number }), result: t.number },
  reverse: { params: t.type({ text: t.string }), result: t.string },
  /** Answers after a while: answers overtake each other. */
  wait: { params: t.type({ ms: t.number }), result: t.string },
} as const satisfies Readonly<Record<string, MethodType<unknown, unknown>>>;
export type Method = keyof typeof methods;
export const isMethod = (name: string): name is Method => Object.hasOwn(methods, name);
