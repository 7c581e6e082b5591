import { refuse } from '../../core/options/index.ts';
import { count, number, type NoteRow, type SegmentRow, type Story } from './story.ts';
import { layOutRows, type Layout, type RowPlace } from './svg-layout.ts';
import { COLOURS, STYLE } from './svg-style.ts';
import { fit, printable } from './terminal.ts';

/** How many lifelines are drawn unless they are named. */
export const MOST_LIFELINES = 16;

const GAP = 240;
const LEAST_GAP = 96;
const LEFT = 150;
const RIGHT = 84;
const HEAD = { top: 18, height: 30 };
const FIRST_ROW = 84;
/** Of the labels' font. */
const LETTER = 7.25;
const SMALL_LETTER = 6.65;
const LONGEST_LEGEND = 12;

/** A sequence chart as a picture. Nothing in it refers to anything outside of it. */
export function drawSvg(story: Story, seed: number, width = naturalWidth(story)): string {
  const { hosts } = story;
  const gap = hosts.length < 2 ? 0 : (width - LEFT - RIGHT) / (hosts.length - 1);
  if (hosts.length > 1 && gap < LEAST_GAP)
    refuse('width', width, `at least ${LEFT + RIGHT + LEAST_GAP * (hosts.length - 1)} for ${hosts.length} hosts`);
  const xs = hosts.map((_, index) => (hosts.length < 2 ? width / 2 : round(LEFT + index * gap)));
  const layout = layOutRows(story, FIRST_ROW);
  const parts = layout.places.map((place) => rowParts(place, xs, width));
  const remarks = remarksOf(story, seed);
  const foot = layout.bottom + 14;
  const height = Math.ceil(foot + remarks.length * 17 + 10);
  const title = `What happened between ${hosts.join(', ')}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="rxjs-net-diagram" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(title)}">`,
    `<title>${escaped(title)}</title>`,
    `<style>\n${STYLE}\n</style>`,
    `<rect class="paper" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>`,
    ...zones(story, layout, xs),
    ...layout.ticks.flatMap(({ time, y }) => tick(time, y)),
    ...xs.flatMap((x, host) => lifeline(story, layout, host, x)),
    // Text over all lines.
    ...parts.flatMap(({ lines }) => lines),
    ...parts.flatMap(({ texts }) => texts),
    ...xs.map((x, host) => header(hosts[host] ?? '', x, gap === 0 ? GAP : gap)),
    ...remarks.map(({ text, colour }, index) => remark(text, colour, round(foot + index * 17))),
    '</svg>\n',
  ].join('\n');
}

function naturalWidth({ hosts }: Story): number {
  return LEFT + RIGHT + GAP * Math.max(1, hosts.length - 1);
}

// ---- the frame

function header(name: string, x: number, gap: number): string {
  const shown = fit(name, Math.floor((Math.min(gap, 160) - 28) / 8));
  const width = Math.max(72, shown.length * 8 + 24);
  return (
    `<rect class="head" x="${round(x - width / 2)}" y="${HEAD.top}" width="${width}" height="${HEAD.height}" rx="6"/>` +
    `<text class="name" x="${x}" y="${HEAD.top + 20}">${escaped(shown)}</text>`
  );
}

function lifeline({ off }: Story, { yAt, bottom, places }: Layout, host: number, x: number): string[] {
  const parts: string[] = [];
  let from = HEAD.top + HEAD.height;
  const draw = (to: number, shape: string): void => {
    if (to > from) parts.push(`<path class="${shape}" d="M${x} ${from}V${round(to)}"/>`);
    from = Math.max(from, round(to));
  };
  for (const stretch of off.filter((each) => each.host === host)) {
    const began =
      stretch.begin === undefined ? from : (noteY(places, 'CRASH', stretch.begin, host) ?? yAt(stretch.begin));
    const ended =
      stretch.end === undefined ? bottom : (noteY(places, 'RESTART', stretch.end, host) ?? yAt(stretch.end));
    draw(began, 'lifeline');
    draw(ended, 'off bad');
  }
  draw(bottom, 'lifeline');
  return parts;
}

function noteY(places: readonly RowPlace[], kind: string, time: number, host: number): number | undefined {
  return places.find(({ row }) => row.type === 'note' && row.kind === kind && row.time === time && row.first === host)
    ?.y;
}

/** Where nothing passes. Between hosts that aren't neighbours it would seem to be about those in the middle. */
function zones({ partitions }: Story, { yAt, bottom, places }: Layout, xs: readonly number[]): string[] {
  return partitions
    .filter(({ first, last }) => last - first === 1)
    .map(({ first, last, begin, end }) => {
      const top =
        begin === undefined ? HEAD.top + HEAD.height : (noteY(places, 'PARTITION', begin, first) ?? yAt(begin));
      const low = end === undefined ? bottom : (noteY(places, 'HEAL', end, first) ?? yAt(end));
      const x = xs[first] ?? 0;
      const width = round((xs[last] ?? 0) - x);
      return `<rect class="zone" x="${x}" y="${round(top)}" width="${width}" height="${round(Math.max(0, low - top))}"/>`;
    });
}

function tick(time: number, y: number): string[] {
  return [
    `<text class="time" x="74" y="${round(y + 4)}">${written(time)}</text>`,
    `<path class="tick" d="M80 ${round(y)}h6"/>`,
  ];
}

/** `12.345 ms`, `1,234.5 ms`, `90.45 s`: as exact as there is room for. */
function written(time: number): string {
  const [value, unit] = time < 10_000 ? ([time, 'ms'] as const) : ([time / 1_000, 's'] as const);
  const digits = value < 100 ? 3 : value < 1_000 ? 2 : value < 100_000 ? 1 : 0;
  const [whole = '', rest] = value.toFixed(digits).split('.');
  const fraction = rest?.replace(/0+$/, '') ?? '';
  return `${number(Number(whole))}${fraction === '' ? '' : `.${fraction}`} ${unit}`;
}

interface Remark {
  readonly text: string;
  /** Of a connection. */
  readonly colour?: number;
}

function remarksOf({ connections, remarks }: Story, seed: number): readonly Remark[] {
  const legend = connections.length > 1 ? connections.slice(0, LONGEST_LEGEND) : [];
  const more = connections.length - legend.length;
  return [
    ...legend.map((connection, index) => ({ text: `#${index + 1} ${connection}`, colour: index % COLOURS })),
    ...(legend.length > 0 && more > 0 ? [{ text: `and ${count(more, 'connection')} more` }] : []),
    ...remarks.map((text) => ({ text })),
    { text: `seed ${seed}; virtual time runs downwards, long waits are drawn shorter` },
  ];
}

function remark(text: string, colour: number | undefined, y: number): string {
  const mark = colour === undefined ? '' : `<path class="arrow data c${colour}" d="M24 ${y - 4}h16"/>`;
  return `${mark}<text class="small" x="${colour === undefined ? 24 : 48}" y="${y}">${escaped(text)}</text>`;
}

// ---- the rows

/** What is drawn for a row. */
interface Parts {
  readonly lines: readonly string[];
  readonly texts: readonly string[];
}

function rowParts(place: RowPlace, xs: readonly number[], width: number): Parts {
  const { row, y } = place;
  if (row.type === 'gap') {
    const middle = ((xs[0] ?? 0) + (xs.at(-1) ?? 0)) / 2;
    return { lines: [], texts: [pill(`⋯ ${row.text} ⋯`, middle, y, 'plain', width)] };
  }
  if (row.type === 'note') return note(row, y, xs, width);
  return row.from === row.to ? loop(row, place, xs, width) : arrow(row, place, xs);
}

const TONES: Readonly<Partial<Record<NoteRow['kind'], string>>> = {
  CRASH: 'bad',
  PARTITION: 'bad',
  RESTART: 'good',
  HEAL: 'good',
  FAULT: 'warning',
  'BACKLOG-FULL': 'warning',
};

function note({ kind, first, last, text }: NoteRow, y: number, xs: readonly number[], width: number): Parts {
  const tone = TONES[kind] ?? 'plain';
  const from = xs[first] ?? 0;
  const to = xs[last] ?? 0;
  const span = from === to ? [] : [`<path class="span ${tone}" d="M${from} ${round(y)}H${to}"/>`];
  return { lines: span, texts: [pill(text, (from + to) / 2, y, tone, width)] };
}

function pill(text: string, x: number, y: number, tone: string, room: number): string {
  const shown = fit(printable(text), 44);
  const width = round(shown.length * SMALL_LETTER + 18);
  // Within the picture.
  const middle = Math.min(Math.max(x, width / 2 + 6), room - width / 2 - 6);
  return (
    `<rect class="pill ${tone}" x="${round(middle - width / 2)}" y="${round(y - 10)}" width="${width}" height="20" rx="10"/>` +
    `<text class="pill-text f-${tone}" x="${round(middle)}" y="${round(y + 4)}">${escaped(shown)}</text>`
  );
}

/** How a segment's line looks, and what colour its text and marks have. */
function lookOf({ kind, fate, connection }: SegmentRow): { readonly shape: string; readonly fill: string } {
  const isBad = fate === 'lost' || fate === 'reset' || kind === 'RST';
  const isHeld = fate === 'held' || fate === 'corrupted';
  const colour = isBad ? 'bad' : isHeld ? 'warning' : `c${connection % COLOURS}`;
  const weight = kind === 'DATA' ? ' data' : kind === 'WINDOW' ? ' window' : '';
  const fill = isBad ? 'f-bad' : isHeld ? 'f-warning' : `f${connection % COLOURS}`;
  return { shape: `arrow${weight}${fate === 'lost' || fate === 'held' ? ' gone' : ''} ${colour}`, fill };
}

/** How far what doesn't arrive gets. */
const PART = 0.62;

function arrow(row: SegmentRow, place: RowPlace, xs: readonly number[]): Parts {
  const { shape, fill } = lookOf(row);
  const isOnItsWay = row.fate === 'lost' || row.fate === 'held';
  const source = xs[row.from] ?? 0;
  const end = round(source + ((xs[row.to] ?? 0) - source) * (isOnItsWay ? PART : 1));
  const lines = [[place.y, place.arrivesY] as const];
  const isMany = place.lastY !== place.y || place.lastArrivesY !== place.arrivesY;
  if (isMany) lines.push([place.lastY, place.lastArrivesY]);
  const target = isOnItsWay ? place.y + (place.arrivesY - place.y) / PART : place.arrivesY;
  const band =
    `M${source} ${round(place.y)}L${end} ${round(place.arrivesY)}` +
    `V${round(place.lastArrivesY)}L${source} ${round(place.lastY)}Z`;
  return {
    lines: [
      ...(isMany ? [`<path class="band${row.kind === 'WINDOW' ? ' faint' : ''} ${fill}" d="${band}"/>`] : []),
      ...lines.map(([from, to]) => `<path class="${shape}" d="M${source} ${round(from)}L${end} ${round(to)}"/>`),
      ...lines.map(([from, to]) => endMark(row, { x: source, y: from }, { x: end, y: to }, shape, fill)),
    ],
    texts: [label(row, { x: source, y: place.y }, { x: xs[row.to] ?? 0, y: target }, fill)],
  };
}

interface Spot {
  readonly x: number;
  readonly y: number;
}

function endMark({ fate }: SegmentRow, from: Spot, to: Spot, shape: string, fill: string): string {
  const stroke = shape.replace(' gone', '').replace(' window', '');
  const x = round(to.x);
  const y = round(to.y);
  if (fate === 'lost' || fate === 'reset')
    return `<path class="${stroke} data" d="M${round(x - 5)} ${round(y - 5)}l10 10m0-10l-10 10"/>`;
  if (fate === 'held') return `<path class="${stroke} data" d="M${round(x - 3)} ${round(y - 6)}v12m6-12v12"/>`;
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const along = { x: (to.x - from.x) / length, y: (to.y - from.y) / length };
  const back = { x: to.x - 9 * along.x, y: to.y - 9 * along.y };
  const corner = (side: number): string =>
    `${round(back.x - side * 4.5 * along.y)} ${round(back.y + side * 4.5 * along.x)}`;
  return `<path class="${fill}" d="M${x} ${y}L${corner(1)}L${corner(-1)}Z"/>`;
}

/** Steeper than this, a label isn't turned along its arrow. */
const STEEP = 28;

/** Near the end from which it comes, so that those of arrows that cross don't. */
function label({ label: text, fate }: SegmentRow, from: Spot, to: Spot, fill: string): string {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const isRightwards = to.x > from.x;
  const [left, right] = isRightwards ? [from, to] : [to, from];
  const angle = (Math.atan2(right.y - left.y, right.x - left.x) * 180) / Math.PI;
  const turned = Math.abs(angle) <= STEEP ? round(angle) : 0;
  const full = fate === 'reset' ? `${text} (reset)` : text;
  // Behind the head of the arrow that it may answer; what gets lost has less room.
  const isOnItsWay = fate === 'lost' || fate === 'held';
  const way = isOnItsWay ? 14 : 40;
  const room = isOnItsWay ? length * PART - 8 : length - 20;
  const shown = fit(printable(full), Math.floor((room - way) / LETTER));
  const x = round(from.x + ((to.x - from.x) * way) / length);
  const y = round(from.y + ((to.y - from.y) * way) / length - 5);
  const anchor = isRightwards ? '' : ' text-anchor="end"';
  const turn = turned === 0 ? '' : ` transform="rotate(${turned} ${x} ${round(y + 5)})"`;
  return `<text class="label ${fill}" x="${x}" y="${y}"${anchor}${turn}>${escaped(shown)}</text>`;
}

/** Within one host: out and back in, on the side where there is room. */
function loop(row: SegmentRow, place: RowPlace, xs: readonly number[], width: number): Parts {
  const { shape, fill } = lookOf(row);
  const x = xs[row.from] ?? 0;
  const side = row.from > 0 && row.from === xs.length - 1 ? -1 : 1;
  const { y } = place;
  const low = Math.max(place.lastArrivesY, y + 8);
  const neighbour = xs[row.from + side] ?? (side > 0 ? width : 0);
  const shown = fit(printable(row.label), Math.floor((Math.abs(neighbour - x) - 52) / LETTER));
  const anchor = side < 0 ? ' text-anchor="end"' : '';
  return {
    lines: [
      `<path class="${shape}" d="M${x} ${round(y)}h${side * 24}V${round(low)}H${round(x + side * 8)}"/>`,
      endMark(row, { x: x + side * 20, y: low }, { x, y: low }, shape, fill),
    ],
    texts: [
      `<text class="label ${fill}" x="${x + side * 32}" y="${round((y + low) / 2 + 4)}"${anchor}>${escaped(shown)}</text>`,
    ],
  };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return printable(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
