import { mostTelling } from './aggregate.ts';
import type { FailureDetails } from './base.ts';
import {
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
import { accusedOptions, errnoTable, type MappedTag, temporaryLookups } from './errno.ts';
import { BrokenPipe, ConnectionAborted, ConnectionClosed, ConnectionReset, ConnectionTimedOut } from './established.ts';
import { InvalidOptions } from './invalid-options.ts';
import { isNetFailure } from './is-net-failure.ts';
import type { Phase } from './unions.ts';
import { type ErrorFacts, readError } from './read-error.ts';
import { SystemFailure } from './system-failure.ts';
import { ConnectTimeout } from './timeouts.ts';
import type { FailureByTag, NetFailure } from './unions.ts';

/** What is known about an error that it may not say itself. */
export interface FailureContext {
  readonly phase: Phase;
  readonly address?: string | undefined;
  readonly port?: number | undefined;
  readonly syscall?: string | undefined;
}

/** A closed record, so that a tag in the table without a maker does not compile. */
const makers: { readonly [T in MappedTag]: (details: FailureDetails, facts: ErrorFacts) => FailureByTag[T] } = {
  AddressInUse: (details) => new AddressInUse(details),
  AddressNotAvailable: (details) => new AddressNotAvailable(details),
  BrokenPipe: (details) => new BrokenPipe(details),
  ConnectTimeout: (details) => new ConnectTimeout(details),
  ConnectionAborted: (details) => new ConnectionAborted(details),
  ConnectionClosed: (details) => new ConnectionClosed(details),
  ConnectionRefused: (details) => new ConnectionRefused(details),
  ConnectionReset: (details) => new ConnectionReset(details),
  ConnectionTimedOut: (details) => new ConnectionTimedOut(details),
  HostNotFound: (details, facts) =>
    new HostNotFound({
      ...details,
      host: facts.hostname ?? details.address,
      temporary: facts.code !== undefined && temporaryLookups.has(facts.code),
    }),
  HostUnreachable: (details) => new HostUnreachable(details),
  InvalidOptions: (details, facts) =>
    new InvalidOptions({ ...details, option: accusedOption(facts), value: undefined, allowed: 'valid' }),
  NetworkUnreachable: (details) => new NetworkUnreachable(details),
  PathNotFound: (details) => new PathNotFound(details),
  PermissionDenied: (details) => new PermissionDenied(details),
  SystemFailure: (details) => new SystemFailure(details),
  TooManyFiles: (details) => new TooManyFiles(details),
};

/** Node's argument errors name what is wrong in quotes: `The "options.fd" property must be …`. */
const QUOTED_NAME = /["'](?:options\.)?(\w+)["']/;

function accusedOption({ code, message }: ErrorFacts): string {
  const known = code === undefined ? undefined : accusedOptions[code];
  return known ?? QUOTED_NAME.exec(message ?? '')?.[1] ?? 'options';
}

/** Node reports a failed lookup as the error of the dial or of the listening that asked for it. */
function phaseOf({ syscall }: ErrorFacts, phase: Phase): Phase {
  const ofLookup = syscall === 'getaddrinfo' || syscall === 'getnameinfo' || syscall?.startsWith('query') === true;
  return ofLookup && (phase === 'connect' || phase === 'listen') ? 'lookup' : phase;
}

function tagOf(facts: ErrorFacts, phase: Phase): MappedTag {
  const { code } = facts;
  if (code === undefined || !Object.hasOwn(errnoTable, code)) return 'SystemFailure';
  return errnoTable[code]?.[phaseOf(facts, phase)] ?? 'SystemFailure';
}

function make(
  tag: MappedTag,
  facts: ErrorFacts,
  context: FailureContext,
  cause: unknown,
  message = facts.message,
): NetFailure {
  const details: FailureDetails = {
    message,
    code: facts.code,
    syscall: facts.syscall ?? context.syscall,
    // A port belongs to its address: where the error has an address of its own, only its own port
    // counts.
    address: facts.address ?? context.address,
    port: facts.port ?? (facts.address === undefined ? context.port : undefined),
    cause,
  };
  const failure = makers[tag](details, facts);
  showBriefly(failure, adviceFor(tag, details, context.phase));
  return failure;
}

/** What a person can do about it, as the end of a sentence. */
function adviceFor(tag: MappedTag, { port, address }: FailureDetails, phase: Phase): string {
  if (phase !== 'listen') return '';
  if (tag === 'AddressInUse' && port !== undefined) {
    return ': stop the program that listens there, or choose another port (0 is any that is free)';
  }
  if (tag === 'AddressInUse' && address !== undefined) {
    return ': stop the program that listens there; where none does, remove that file, which one has left behind';
  }
  if (tag === 'PermissionDenied' && port !== undefined && port < 1_024) {
    return ': ports below 1024 need a privilege, choose a higher one';
  }
  return '';
}

/**
 * Where such a failure ends a program uncaught, Node prints its stack and all that it has: a line
 * should say it. The frames are those of Node and of this library alone, and the cause of one error
 * says the same once more.
 */
function showBriefly(failure: NetFailure, advice: string): void {
  const { cause } = failure;
  failure.stack = `${failure.name}: ${failure.message}${advice}`;
  if (cause instanceof Error && !(cause instanceof AggregateError)) {
    Object.defineProperty(failure, 'cause', { get: () => cause, enumerable: false, configurable: true });
  }
}

/** Aggregates may hold aggregates, and in theory themselves. */
const DEEPEST = 4;

function attemptsOf(error: unknown, depth = 0): unknown[] {
  const { errors } = readError(error);
  return errors.length === 0 || depth === DEEPEST
    ? [error]
    : errors.flatMap((attempt) => attemptsOf(attempt, depth + 1));
}

const MOST_OTHERS = 3;

function withOthers(message: string | undefined, others: readonly ErrorFacts[]): string | undefined {
  if (message === undefined || others.length === 0) return message;
  const shown = others.slice(0, MOST_OTHERS).map((facts) => facts.message ?? facts.code ?? 'an unknown error');
  if (others.length > MOST_OTHERS) shown.push(`${others.length - MOST_OTHERS} more`);
  return `${message} (other attempts: ${shown.join('; ')})`;
}

function fromAttempts(aggregate: unknown, context: FailureContext): NetFailure {
  const attempts = attemptsOf(aggregate).map((error) => {
    const facts = readError(error);
    return { error, facts, _tag: isNetFailure(error) ? error._tag : tagOf(facts, context.phase) };
  });
  const best = mostTelling(attempts);
  if (best === undefined) return make('SystemFailure', readError(aggregate), context, aggregate);
  if (isNetFailure(best.error)) return best.error;
  const others = attempts.filter((attempt) => attempt !== best).map((attempt) => attempt.facts);
  const tag = tagOf(best.facts, context.phase);
  return make(tag, best.facts, context, aggregate, withOthers(best.facts.message, others));
}

/**
 * The failure that an error of the system, or of Node, stands for, whose `cause` is then that
 * error. Its message stays as it is. What the error does not say is filled in from the context.
 *
 * - The same code means different things in different phases (`ETIMEDOUT`); `errno.ts` has the table.
 * - When several addresses were tried (`AggregateError`), it is the failure of the attempt that came
 *   farthest, and its `cause` is the aggregate.
 * - A `NetFailure` is returned as it is. A value that says nothing becomes `SystemFailure`. It never throws.
 *
 * It is for errors that a transport meets. What a caller's own function threw is a defect, and must
 * not be passed through here.
 */
export function toNetFailure(error: unknown, context: FailureContext): NetFailure {
  if (isNetFailure(error)) return error;
  const facts = readError(error);
  if (facts.errors.length > 0) return fromAttempts(error, context);
  return make(tagOf(facts, context.phase), facts, context, error);
}
