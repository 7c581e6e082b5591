import { refuse } from '../../core/options/index.ts';
import { count, type NoteRow, type Row, type SegmentRow, type Story } from './story.ts';
import { columns, fit, Line, printable } from './terminal.ts';

const DEFAULT_WIDTH = 80;
/** Between two lifelines: `├─ SYN-ACK ─▶│`. */
const LEAST_GAP = 13;
const LONGEST_LEGEND = 20;

/** How many lifelines such a width has room for. */
export function lifelinesWithin(width = DEFAULT_WIDTH): number {
  // The times take 26 columns at most, as they are up to nine digits long.
  return Math.max(2, 1 + Math.floor((width - 26) / LEAST_GAP));
}

interface Grid {
  readonly width: number;
  /** Columns of the lifelines. */
  readonly places: readonly number[];
  /** Where the right column begins, with the times of arrival. */
  readonly right: number;
  readonly timeOf: (time: number) => string;
  readonly timeWidth: number;
}

/** A sequence chart for a terminal: a row an event, with the time at which it left on the left and that at which it arrived on the right. */
export function drawText(story: Story, width = DEFAULT_WIDTH): string {
  const grid = layOut(story, width);
  const { hosts, connections, rows } = story;
  const lines = [heading(grid, hosts), ...rows.map((row) => rowLine(row, grid, story))];
  if (rows.length === 0) lines.push('nothing happened');
  const legend = connections.length > 1 ? connections.slice(0, LONGEST_LEGEND) : [];
  const more = connections.length - legend.length;
  const remarks = [
    ...legend.map((connection, index) => `#${index + 1} ${printable(connection)}`),
    ...(legend.length > 0 && more > 0 ? [`and ${count(more, 'connection')} more`] : []),
    ...story.remarks,
  ];
  return [...lines, ...(remarks.length > 0 ? ['', ...remarks.map((remark) => fit(remark, width))] : [])].join('\n');
}

// ---- where things stand

function layOut({ hosts, rows }: Story, width: number): Grid {
  const segments = rows.filter((row) => row.type === 'segment');
  const left = [...rows.map(({ time }) => time), 0];
  const arrivals = segments.flatMap(({ lastArrives }) => lastArrives ?? []);
  const decimals = Math.max(...[...left, ...arrivals].map(decimalsOf));
  const timeOf = (time: number): string => time.toFixed(decimals);
  const timeWidth = Math.max(2, ...left.map((time) => timeOf(time).length));
  const rightWidth = Math.max(...['ms', 'lost', ...segments.map((row) => arrivalOf(row, timeOf))].map(columns));
  const first = timeWidth + 2;
  const right = width - rightWidth;
  const last = right - 3;
  const gaps = Math.max(1, hosts.length - 1);
  if ((last - first) / gaps < LEAST_GAP - 1)
    refuse('width', width, `at least ${width - (last - first) + gaps * LEAST_GAP} for ${count(hosts.length, 'host')}`);
  const places = hosts.map((_, index) => first + Math.round((index * (last - first)) / gaps));
  return { width, places, right, timeOf, timeWidth };
}

/** As few as tell the times apart, up to three. */
function decimalsOf(time: number): number {
  return [0, 1, 2].find((digits) => Math.abs(Number(time.toFixed(digits)) - time) < 0.000_5) ?? 3;
}

function arrivalOf({ fate, lastArrives }: SegmentRow, timeOf: (time: number) => string): string {
  return fate === 'lost' || fate === 'held' || fate === 'reset' || lastArrives === undefined
    ? fate
    : timeOf(lastArrives);
}

function heading({ width, places, timeWidth, right }: Grid, hosts: readonly string[]): string {
  const line = new Line(width);
  line.write(0, 'ms'.padStart(timeWidth));
  line.write(right, 'ms');
  for (const [index, name] of hosts.entries()) {
    const place = places[index] ?? 0;
    const gap = (places[1] ?? right) - (places[0] ?? 0);
    const isLast = index > 0 && index === hosts.length - 1;
    const text = fit(name, isLast || index === 0 ? Math.floor((gap * 2) / 3) : gap - 2);
    const length = columns(text);
    // The outer ones stay between the times.
    const start = index === 0 ? place : isLast ? place + 1 - length : place - Math.floor(length / 2);
    line.write(start, text);
  }
  return line.toString();
}

// ---- the rows

function rowLine(row: Row, grid: Grid, story: Story): string {
  const line = new Line(grid.width);
  if (row.type === 'gap') {
    const [first = 0] = grid.places;
    for (const place of grid.places) line.put(place, '⋮');
    line.write(first + 2, `⋯ ${row.text} ⋯`);
    return line.toString();
  }
  line.write(0, grid.timeOf(row.time).padStart(grid.timeWidth));
  for (const [host, place] of grid.places.entries()) line.put(place, isOff(story, host, row) ? '┊' : '│');
  if (row.type === 'note') putNote(line, row, grid);
  else {
    if (row.from === row.to) putBeside(line, `↻ ${row.label}`, row.from, grid);
    else putArrow(line, row, grid);
    line.write(grid.right, arrivalOf(row, grid.timeOf));
  }
  return line.toString();
}

/** Off from the crash on, whose own row shows the host as it was. */
function isOff({ off }: Story, host: number, { time, type }: Row): boolean {
  return off.some(
    ({ host: which, begin, end }) =>
      which === host &&
      (begin === undefined || time > begin || (time === begin && type === 'segment')) &&
      (end === undefined || time < end),
  );
}

/** Beside one lifeline, on the side where there is room. */
function putBeside(line: Line, text: string, host: number, { places, right }: Grid): void {
  const place = places[host] ?? 0;
  const isLast = host > 0 && host === places.length - 1;
  const room = isLast ? place - (places[host - 1] ?? 0) - 4 : (places[host + 1] ?? right) - place - 4;
  const shown = fit(printable(text), room);
  line.put(place, isLast ? '┤' : '├');
  line.write(isLast ? place - 1 - columns(shown) : place + 2, shown);
}

function putNote(line: Line, { first, last, text }: NoteRow, grid: Grid): void {
  const from = grid.places[first] ?? 0;
  const to = grid.places[last] ?? 0;
  if (from === to) {
    putBeside(line, text, first, grid);
    return;
  }
  line.fill(from + 1, to - 1, '╌');
  line.put(from, '├');
  line.put(to, '┤');
  for (let host = first + 1; host < last; host++) line.put(grid.places[host] ?? 0, '┼');
  const shown = ` ${fit(printable(text), to - from - 5)} `;
  line.write(from + Math.round((to - from - columns(shown)) / 2), shown);
}

const ENDS = { lost: '×', held: '‖', reset: '↯' };

function putArrow(line: Line, { from, to, label, fate }: SegmentRow, { places }: Grid): void {
  const source = places[from] ?? 0;
  const target = places[to] ?? 0;
  const step = target > source ? 1 : -1;
  const length = Math.abs(target - source);
  const shown = ` ${fit(printable(label), length - 8)} `;
  const labelled = 2 + columns(shown);
  // What doesn't arrive ends on the way, behind its label.
  const reach =
    fate === 'lost' || fate === 'held'
      ? Math.min(length - 2, Math.max(labelled + 1, Math.round(length * 0.6)))
      : length - 1;
  const at = (distance: number): number => source + step * distance;
  line.put(source, step > 0 ? '├' : '┤');
  for (let distance = 1; distance < reach; distance++) line.put(at(distance), '─');
  for (const place of places.slice(Math.min(from, to) + 1, Math.max(from, to))) {
    if (Math.abs(place - source) < reach) line.put(place, '┼');
  }
  line.put(at(reach), fate === 'arrives' || fate === 'corrupted' ? (step > 0 ? '▶' : '◀') : ENDS[fate]);
  line.write(step > 0 ? source + 3 : source - 2 - columns(shown), shown);
}
