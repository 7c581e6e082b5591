import { InvalidOptions } from '../core/failures/index.ts';
import { checkDuration, checkOneOf, refuse, refuseUnknown } from '../core/options/index.ts';
import type { FaultControl } from './fault-control.ts';
import { corrupt, cutAfter, delay, drop, type Fault, limitRate, reset, slice, slowClose, stall } from './faults.ts';
import type { FaultPlace } from './rules.ts';
import type { ScriptedTimeline } from './timeline.ts';

/** When something goes wrong. */
export interface FaultTime {
  /** How long after `play` was called, in ms. */
  readonly at: number;
  /** For how long, in ms. Default: for good. */
  readonly for?: number | undefined;
}

/** One thing that goes wrong for a while, as data: an entry of what `network.play` takes. */
export type ScheduledFault =
  | (FaultTime & FaultPlace & PlacedFault)
  | (FaultTime & { readonly fault: 'partition'; readonly between: readonly [string, string] })
  /** It is restarted when its time is over. */
  | (FaultTime & { readonly fault: 'crash'; readonly host: string });

/** A fault that has a place, by the name of the function that makes it, and with its parameters. */
export type PlacedFault =
  | { readonly fault: 'delay'; readonly ms: number }
  | { readonly fault: 'drop'; readonly chance?: number | undefined }
  | { readonly fault: 'stall' }
  | { readonly fault: 'reset' }
  | { readonly fault: 'cutAfter'; readonly bytes: number }
  | { readonly fault: 'slice'; readonly most: number; readonly least?: number | undefined }
  | { readonly fault: 'limitRate'; readonly bytesPerSecond: number }
  | { readonly fault: 'slowClose'; readonly ms?: number | undefined }
  | { readonly fault: 'corrupt'; readonly chance?: number | undefined };

/** The name of something that a schedule can make go wrong. */
export type FaultKind = ScheduledFault['fault'];

type Parameters = Readonly<Record<string, number | undefined>>;

/** What makes the faults that have a place; a number that is missing is refused by it. */
const makers: Readonly<Record<PlacedFault['fault'], (parameters: Parameters) => Fault>> = {
  delay: ({ ms }) => delay(ms ?? Number.NaN),
  drop: ({ chance }) => drop(chance),
  stall: () => stall(),
  reset: () => reset(),
  cutAfter: ({ bytes }) => cutAfter(bytes ?? Number.NaN),
  slice: ({ most, least }) => slice(most ?? Number.NaN, least),
  limitRate: ({ bytesPerSecond }) => limitRate(bytesPerSecond ?? Number.NaN),
  slowClose: ({ ms }) => slowClose(ms),
  corrupt: ({ chance }) => corrupt(chance),
};

const parametersOf: Readonly<Record<FaultKind, readonly string[]>> = {
  delay: ['ms'],
  drop: ['chance'],
  stall: [],
  reset: [],
  cutAfter: ['bytes'],
  slice: ['most', 'least'],
  limitRate: ['bytesPerSecond'],
  slowClose: ['ms'],
  corrupt: ['chance'],
  partition: ['between'],
  crash: ['host'],
};

export const FAULT_KINDS: readonly FaultKind[] = [
  'delay',
  'drop',
  'stall',
  'reset',
  'cutAfter',
  'slice',
  'limitRate',
  'slowClose',
  'corrupt',
  'partition',
  'crash',
];

/** Makes one thing go wrong; what is returned takes it back. */
type Install = () => () => void;

/** Puts a schedule on a timeline, all of it or, where something is wrong with it, nothing. */
export function playSchedule(
  timeline: ScriptedTimeline,
  control: FaultControl,
  now: number,
  schedule: readonly ScheduledFault[],
): void {
  if (!Array.isArray(schedule)) refuse('schedule', schedule, 'an array of faults with their times');
  const installs = schedule.map((entry, index) => within(`schedule[${index}]`, () => readEntry(control, entry)));
  for (const [index, { at, for: duration }] of schedule.entries()) {
    let takeBack: (() => void) | undefined;
    const end = (): void => takeBack?.();
    timeline.at(now + at, () => void (takeBack = installs[index]?.()));
    if (duration !== undefined) timeline.at(now + at + duration, end);
    timeline.onCancel(end);
  }
}

/** Failures name the entry too. */
function within<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InvalidOptions)) throw error;
    return refuse(error.option === 'options' ? name : `${name}.${error.option}`, error.value, error.allowed);
  }
}

function readEntry(control: FaultControl, entry: ScheduledFault): Install {
  refuseUnknown(entry, ['at', 'for', 'fault', 'from', 'to', 'port', ...Object.values(parametersOf).flat()]);
  const kind = checkOneOf('fault', entry.fault, FAULT_KINDS);
  const place = kind === 'partition' || kind === 'crash' ? [] : ['from', 'to', 'port'];
  refuseUnknown(entry, ['at', 'for', 'fault', ...place, ...parametersOf[kind]]);
  checkDuration('at', entry.at, { zero: true });
  if (entry.for !== undefined) checkDuration('for', entry.for, { zero: true });
  if (entry.fault === 'partition') {
    const between: readonly unknown[] = Array.isArray(entry.between) ? entry.between : [];
    if (between.length !== 2) refuse('between', entry.between, 'the names of two hosts');
    const [one, other] = entry.between;
    control.known(one, 'between[0]');
    control.known(other, 'between[1]');
    if (one === other) refuse('between', entry.between, 'the names of two different hosts');
    return () => control.partition(one, other);
  }
  if (entry.fault === 'crash') {
    const { host } = entry;
    control.known(host);
    return () => control.crash(host);
  }
  const { at, for: _duration, fault, from, to, port, ...parameters } = entry;
  const where: FaultPlace = { from, to, port };
  control.checkPlace(where);
  const make = (): Fault => makers[fault](parameters);
  // Wrong parameters are refused here; each playing has a fault of its own, for some count.
  void make();
  void at;
  return () => control.fault(where, make());
}

/** The schedule as code, to be pasted. */
export function scheduleAsCode(schedule: readonly ScheduledFault[]): string {
  return ['network.play([', ...schedule.map((entry) => `  ${entryAsCode(entry)},`), ']);'].join('\n');
}

function entryAsCode(entry: ScheduledFault): string {
  const parts = Object.entries(entry)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${valueAsCode(value)}`);
  return `{ ${parts.join(', ')} }`;
}

function valueAsCode(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(valueAsCode).join(', ')}]`;
  if (typeof value === 'string') return `'${value}'`;
  return String(value).replaceAll(/\B(?=(\d{3})+$)/g, '_');
}
