import process from 'node:process';

import { Defect } from './defect.ts';

/** The code of the warnings, for `process.on('warning')`. */
const CODE = 'RXJS_NET_DEFECT';
const MAX_PLACES = 1_000;
const LONGEST_MESSAGE = 200;

/**
 * The places that were warned of, oldest first: one that throws for each request must not fill the
 * log.
 */
const warned = new Set<string>();

/**
 * Reports an exception of the program that nothing else takes: a warning of the process
 * (`process.on('warning')`, by default printed on standard error), with the stack of what was
 * thrown, which is also its `cause`. Once per place that throws.
 */
export function warnOfDefect(defect: Defect): void {
  const stack = stackOf(defect.cause);
  const place = placeOf(stack) ?? defect.message.slice(0, LONGEST_MESSAGE);
  if (warned.has(place)) return;
  const [oldest] = warned;
  if (oldest !== undefined && warned.size >= MAX_PLACES) warned.delete(oldest);
  warned.add(place);
  const message = `${defect.message} (more of it from the same place is not reported)`;
  const warning = new Error(message, { cause: defect.cause });
  process.emitWarning(Object.assign(warning, { name: 'Defect', code: CODE, detail: stack ?? '' }));
}

/**
 * As `warnOfDefect`, for what a function threw where no flow, event or promise is left to take it.
 * It is no uncaught exception: one party's fault must not end a process that serves others.
 */
export function reportDefect(thrown: unknown, what = 'a function threw where nothing takes its exception'): void {
  for (const cause of causesOf(thrown)) warnOfDefect(new Defect(cause, what));
}

/**
 * The exceptions themselves, where RxJS has wrapped them: the stack of its `UnsubscriptionError`
 * says nothing of the functions that threw.
 */
export function causesOf(thrown: unknown): readonly [unknown, ...unknown[]] {
  try {
    if (!(thrown instanceof Error) || thrown.name !== 'UnsubscriptionError' || !('errors' in thrown)) return [thrown];
    const [first, ...rest] = Array.isArray(thrown.errors) ? thrown.errors.flatMap(causesOf) : [];
    return first === undefined ? [thrown] : [first, ...rest];
  } catch {
    return [thrown];
  }
}

function stackOf(thrown: unknown): string | undefined {
  try {
    return thrown instanceof Error && typeof thrown.stack === 'string' ? thrown.stack : undefined;
  } catch {
    // A getter of the caller's that throws.
    return undefined;
  }
}

/** A frame's file, line and column; what it is called depends on its caller. */
const LOCATION = /[^\s()]+:\d+:\d+(?=\)?$)/;

/**
 * The innermost line of the program itself: `JSON.parse` throws at one place for all of its
 * callers.
 */
function placeOf(stack: string | undefined): string | undefined {
  const frames = stack?.split('\n').filter((line) => line.trimStart().startsWith('at ')) ?? [];
  const locations = frames.flatMap((frame) => LOCATION.exec(frame) ?? []);
  return locations.find((location) => !location.startsWith('node:')) ?? locations[0];
}

/** Takes what a function of one party threw. */
export type Report = (thrown: unknown) => void;

/**
 * Calls `call` for each of several parties. An exception of one is reported, and the others are
 * called all the same.
 *
 * Not for each chunk: a loop over chunks guards itself, without a function for it.
 */
export function callEach<T>(parties: Iterable<T>, call: (party: T) => void, report: Report = reportDefect): void {
  for (const party of parties) {
    try {
      call(party);
    } catch (error) {
      report(error);
    }
  }
}

/**
 * Calls a function of one party before a step that has to happen in any case. An exception is
 * reported.
 */
export function guarded(call: () => void, report: Report = reportDefect): void {
  try {
    call();
  } catch (error) {
    report(error);
  }
}
