import { checkCount, checkDuration, checkOneOf, refuse, refuseUnknown } from '../../core/options/index.ts';
import { TRACE_KINDS, type TraceKind } from '../trace.ts';

/** Options of `network.diagram`. */
export interface DiagramOptions {
  /** Text for a terminal, or a picture. Default: `text`. */
  readonly format?: 'text' | 'svg' | undefined;
  /** What left before that time is not shown, in ms of virtual time. Default: 0. */
  readonly from?: number | undefined;
  /** What left after that time is not shown, in ms of virtual time. Default: no limit. */
  readonly to?: number | undefined;
  /** Whose lines are drawn, in that order. Default: all hosts, in the order in which they were made. */
  readonly hosts?: readonly string[] | undefined;
  /** What is shown, such as `['DATA', 'RST']`. Default: everything. */
  readonly kinds?: readonly TraceKind[] | undefined;
  /** How many rows it has at most; of a longer run the middle is left out. Default: 200. */
  readonly rows?: number | undefined;
  /** Columns of the text (at least 40; default 80), or pixels of the picture (at least 320; default: by the number of hosts). */
  readonly width?: number | undefined;
}

/** The options, checked. */
export interface DiagramSettings {
  readonly format: 'text' | 'svg';
  readonly from: number;
  readonly to: number;
  readonly hosts: readonly string[] | undefined;
  readonly kinds: ReadonlySet<TraceKind>;
  readonly rows: number;
  readonly width: number | undefined;
}

const NAMES = ['format', 'from', 'to', 'hosts', 'kinds', 'rows', 'width'];
/** A diagram that nobody could look at. */
const MOST_ROWS = 10_000;
const MOST_PIXELS = 20_000;
const LEAST_WIDTH = { text: 40, svg: 320 };

export function readDiagramOptions(options: DiagramOptions, known: readonly string[]): DiagramSettings {
  refuseUnknown(options, NAMES);
  const { format = 'text', from = 0, to = Number.POSITIVE_INFINITY, hosts, kinds = TRACE_KINDS, rows, width } = options;
  const checkedFormat = checkOneOf('format', format, ['text', 'svg']);
  const checkedFrom = checkDuration('from', from, { zero: true });
  const checkedTo = checkDuration('to', to, { zero: true, infinity: true });
  if (checkedTo < checkedFrom) refuse('to', to, `at least "from", which is ${checkedFrom}`);
  return {
    format: checkedFormat,
    from: checkedFrom,
    to: checkedTo,
    hosts: hosts === undefined ? undefined : checkHosts(hosts, known),
    kinds: new Set(checkList('kinds', kinds).map((kind) => checkOneOf('kinds', kind, TRACE_KINDS))),
    rows: rows === undefined ? 200 : atMost('rows', checkCount('rows', rows), MOST_ROWS),
    width: width === undefined ? undefined : checkWidth(width, checkedFormat),
  };
}

function checkHosts(hosts: unknown, known: readonly string[]): readonly string[] {
  const names = checkList('hosts', hosts).map((host) => checkOneOf('hosts', host, known));
  if (new Set(names).size < names.length) refuse('hosts', hosts, 'each host once');
  return names;
}

function checkList(name: string, value: unknown): readonly (string | number | boolean)[] {
  if (!Array.isArray(value) || value.length === 0) return refuse(name, value, 'an array that is not empty');
  return value as readonly (string | number | boolean)[];
}

function checkWidth(width: unknown, format: 'text' | 'svg'): number {
  const checked = atMost('width', checkCount('width', width), MOST_PIXELS);
  const least = LEAST_WIDTH[format];
  return checked >= least ? checked : refuse('width', width, `at least ${least}`);
}

function atMost(name: string, value: number, most: number): number {
  return value <= most ? value : refuse(name, value, `at most ${most}`);
}
