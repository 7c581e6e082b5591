import type { TraceEntry, TraceKind } from '../trace.ts';
import { connectionOf, foldRuns, type Run } from './fold.ts';
import type { DiagramSettings } from './options.ts';

/** One or more segments of one kind, from host to host. */
export interface SegmentRow {
  readonly type: 'segment';
  readonly time: number;
  /** When the last of them left. */
  readonly lastTime: number;
  readonly from: number;
  readonly to: number;
  readonly kind: TraceKind;
  readonly label: string;
  readonly fate: 'arrives' | 'lost' | 'held' | 'reset' | 'corrupted';
  /** When the first and the last of them arrive; undefined when they don't. */
  readonly arrives: number | undefined;
  readonly lastArrives: number | undefined;
  /** Its place in the list of connections. */
  readonly connection: number;
}

/** Something that happens to the hosts from `first` to `last`. */
export interface NoteRow {
  readonly type: 'note';
  readonly time: number;
  readonly kind: TraceKind;
  readonly first: number;
  readonly last: number;
  readonly text: string;
}

/** What was left out. */
export interface GapRow {
  readonly type: 'gap';
  readonly time: number;
  readonly text: string;
}

export type Row = SegmentRow | NoteRow | GapRow;

/** A stretch of time; undefined where it reaches beyond what is shown. */
export interface Stretch {
  readonly begin: number | undefined;
  readonly end: number | undefined;
}

/** What a diagram shows, however it is drawn. */
export interface Story {
  readonly hosts: readonly string[];
  readonly rows: readonly Row[];
  /** `a:32768 – b:80`, in the order of their first segments. */
  readonly connections: readonly string[];
  /** When a host is off. */
  readonly off: readonly (Stretch & { readonly host: number })[];
  /** When nothing passes between two hosts. */
  readonly partitions: readonly (Stretch & { readonly first: number; readonly last: number })[];
  /** What else is to be said, a line each. */
  readonly remarks: readonly string[];
}

/** Makes of a trace what a diagram shows. `forgotten`: how many entries the trace has dropped, before these. */
export function tellStory(
  entries: readonly TraceEntry[],
  forgotten: number,
  hosts: readonly string[],
  hidden: readonly string[],
  settings: DiagramSettings,
): Story {
  const place = new Map(hosts.map((name, index) => [name, index]));
  const placeOf = (end: string): number | undefined => place.get(hostOf(end));
  const shown = entries.filter(
    (entry) =>
      entry.time >= settings.from &&
      entry.time <= settings.to &&
      settings.kinds.has(entry.what) &&
      concerned(entry, placeOf),
  );
  const runs = foldRuns(shown);
  const { kept, gap } = cut(runs, settings.rows);
  const connections = [...new Set(kept.filter(isSegment).map(([first]) => connectionOf(first)))];
  const rows = kept.map((run) => rowOf(run, placeOf, hosts.length, connections));
  if (gap !== undefined) rows.splice(gap.place, 0, gap.row);
  return {
    hosts,
    rows,
    connections,
    off: settings.kinds.has('CRASH') ? stretchesOff(entries, settings, placeOf) : [],
    partitions: settings.kinds.has('PARTITION') ? stretchesApart(entries, settings, placeOf) : [],
    remarks: [
      ...(forgotten > 0 ? [`the trace has dropped ${count(forgotten, 'event')} from before (see traceLimit)`] : []),
      ...(hidden.length > 0 ? [`not shown: ${list(hidden)} (see "hosts")`] : []),
    ],
  };
}

const isSegment = ([first]: Run): boolean => first.fate !== undefined;

/** Whether the hosts that it is about are drawn; `*` is all of them. */
function concerned({ from, to }: TraceEntry, placeOf: (end: string) => number | undefined): boolean {
  return [from, to].every((end) => end === '' || end === '*' || placeOf(end) !== undefined);
}

/** The middle of a long run is left out: how it began and how it ended is what one looks for. */
function cut(
  runs: readonly Run[],
  most: number,
): { readonly kept: readonly Run[]; readonly gap?: { readonly place: number; readonly row: GapRow } } {
  if (runs.length <= most) return { kept: runs };
  const place = Math.ceil(most / 2);
  const head = runs.slice(0, place);
  const tail = runs.slice(runs.length - (most - place));
  const left = runs.slice(place, runs.length - tail.length);
  const events = left.reduce((sum, run) => sum + run.length, 0);
  const text = `${count(events, 'event')} left out`;
  return { kept: [...head, ...tail], gap: { place, row: { type: 'gap', time: left[0]?.[0].time ?? 0, text } } };
}

function rowOf(
  run: Run,
  placeOf: (end: string) => number | undefined,
  hosts: number,
  connections: readonly string[],
): Row {
  const [first] = run;
  const last = run.at(-1) ?? first;
  const { time, what: kind, fate } = first;
  if (fate === undefined) {
    const ends = [first.from, first.to].filter((end) => end !== '');
    const places = ends.includes('*') ? [0, hosts - 1] : ends.map((end) => placeOf(end) ?? 0);
    return {
      type: 'note',
      time,
      kind,
      first: Math.min(...places),
      last: Math.max(...places),
      text: NOTES[kind]?.(first) ?? kind,
    };
  }
  const connection = connections.indexOf(connectionOf(first));
  return {
    type: 'segment',
    time,
    lastTime: last.time,
    from: placeOf(first.from) ?? 0,
    to: placeOf(first.to) ?? 0,
    kind,
    label: labelOf(run, connections.length > 1 ? `#${connection + 1}` : ''),
    fate,
    arrives: first.arrives,
    lastArrives: last.arrives,
    connection,
  };
}

function labelOf(run: Run, suffix: string): string {
  const [{ what, size, fate, from, to }] = run;
  const parts: string[] = [what];
  if (fate === 'lost') {
    if (size > 0) parts.push(number(size));
    if (run.length > 1) parts.push(`(${run.length} times)`);
  } else {
    const sum = run.reduce((total, entry) => total + entry.size, 0);
    if (sum > 0) parts.push(number(sum));
    if (run.length > 1) parts.push(`in ${run.length}`);
  }
  if (fate === 'corrupted') parts.push('corrupted');
  if (suffix !== '') parts.push(suffix);
  // Within one host the arrow says nothing of the direction.
  if (hostOf(from) === hostOf(to)) parts.push(`to ${restOf(to)}`);
  return parts.join(' ');
}

const NOTES: Readonly<Partial<Record<TraceKind, (entry: TraceEntry) => string>>> = {
  LISTEN: ({ from }) => `listens on ${restOf(from)}`,
  'BACKLOG-FULL': ({ from }) => `backlog full on ${restOf(from)}`,
  CRASH: () => 'crash',
  RESTART: () => 'restart',
  PARTITION: () => 'partition',
  HEAL: () => 'healed',
  FAULT: ({ detail, from, to }) => `${detail}${between(from, to)}`,
  'FAULT-END': ({ detail, from, to }) => `end of ${detail}${between(from, to)}`,
};

const between = (from: string, to: string): string => (from === '*' && to === '*' ? '' : `, ${from} → ${to}`);

/** The hosts that entries are about. */
export function hostsIn(entries: readonly TraceEntry[]): ReadonlySet<string> {
  return new Set(entries.flatMap(({ from, to }) => [hostOf(from), hostOf(to)]));
}

/** `b` of `b:80` and of `b:/run/b.sock`. */
function hostOf(end: string): string {
  const colon = end.indexOf(':');
  return colon < 0 ? end : end.slice(0, colon);
}

function restOf(end: string): string {
  return end.slice(hostOf(end).length + 1);
}

type PlaceOf = (end: string) => number | undefined;

function stretchesOff(entries: readonly TraceEntry[], settings: DiagramSettings, placeOf: PlaceOf): Story['off'] {
  return stretches(entries, settings, 'CRASH', 'RESTART', ({ from }) => from).flatMap(({ begin, end, entry }) => {
    const host = placeOf(entry.from);
    return host === undefined ? [] : [{ begin, end, host }];
  });
}

function stretchesApart(
  entries: readonly TraceEntry[],
  settings: DiagramSettings,
  placeOf: PlaceOf,
): Story['partitions'] {
  return stretches(entries, settings, 'PARTITION', 'HEAL', connectionOf).flatMap(({ begin, end, entry }) => {
    const places = [placeOf(entry.from), placeOf(entry.to)].filter((place) => place !== undefined);
    return places.length < 2 ? [] : [{ begin, end, first: Math.min(...places), last: Math.max(...places) }];
  });
}

/** From an entry of one kind to the next one of another, of the same thing; as far as they are within what is shown. */
function stretches(
  entries: readonly TraceEntry[],
  { from, to }: DiagramSettings,
  begins: TraceKind,
  ends: TraceKind,
  keyOf: (entry: TraceEntry) => string,
): (Stretch & { readonly entry: TraceEntry })[] {
  const found: (Stretch & { readonly entry: TraceEntry })[] = [];
  const open = new Map<string, TraceEntry>();
  const add = (entry: TraceEntry, end: number): void => {
    if (entry.time > to || end < from) return;
    found.push({
      entry,
      begin: entry.time < from ? undefined : entry.time,
      end: Number.isFinite(end) && end <= to ? end : undefined,
    });
  };
  for (const entry of entries) {
    const key = keyOf(entry);
    if (entry.what === begins) open.set(key, entry);
    const began = open.get(key);
    if (entry.what !== ends || began === undefined) continue;
    open.delete(key);
    add(began, entry.time);
  }
  for (const entry of open.values()) add(entry, Number.POSITIVE_INFINITY);
  return found;
}

export function number(value: number): string {
  return String(value).replaceAll(/\B(?=(\d{3})+(?!\d))/g, ',');
}

export function count(value: number, what: string): string {
  return `${number(value)} ${what}${value === 1 ? '' : 's'}`;
}

const LONGEST_LIST = 4;

/** A few of them, and how many more there are. */
export function list(names: readonly string[]): string {
  const shown = names.slice(0, LONGEST_LIST).join(', ');
  return names.length > LONGEST_LIST ? `${shown} and ${number(names.length - LONGEST_LIST)} more` : shown;
}
