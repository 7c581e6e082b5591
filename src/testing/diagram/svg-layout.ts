import type { Row, SegmentRow, Story } from './story.ts';

/** Where a row is, from the top: of a segment both ends, and of several in one the last of them too. */
export interface RowPlace {
  readonly row: Row;
  y: number;
  lastY: number;
  arrivesY: number;
  lastArrivesY: number;
}

export interface Layout {
  readonly places: readonly RowPlace[];
  /** Times that are written on the left. */
  readonly ticks: readonly { readonly time: number; readonly y: number }[];
  readonly bottom: number;
  /** Where a moment is; undefined is beyond the end. */
  readonly yAt: (time: number | undefined) => number;
}

type Moment = 'y' | 'lastY' | 'arrivesY' | 'lastArrivesY';

interface Point {
  readonly time: number;
  readonly place: RowPlace;
  readonly moment: Moment;
  /** Of what happens at one time: what arrives comes before what it gives rise to. */
  readonly rank: number;
}

/** Between two labels at one lifeline. */
const ROW = 22;
const NOTE = 30;
/** Two times on the left. */
const TICK = 14;
/** What doesn't arrive sinks so far. */
const SINK = 14;

/**
 * Gives each moment a height. Time runs downwards, and its scale is logarithmic between one moment and the next: what takes longer is
 * seen to, and an hour of silence doesn't fill pages.
 */
export function layOutRows({ rows }: Story, top: number): Layout {
  const places = rows.map((row): RowPlace => ({ row, y: top, lastY: top, arrivesY: top, lastArrivesY: top }));
  const points = places.flatMap((place, index) => pointsOf(place, index)).toSorted(byTime);
  const ticks: { time: number; y: number }[] = [];
  /** The lowest label at each lifeline. */
  const labels = new Map<number, number>();
  let y = top;
  let previous: Point | undefined;
  for (const point of points) {
    if (previous !== undefined) y += distance(previous, point);
    const { row } = point.place;
    if (row.type === 'segment' && point.moment === 'y') {
      y = Math.max(y, (labels.get(row.from) ?? Number.NEGATIVE_INFINITY) + ROW);
      labels.set(row.from, y);
    }
    point.place[point.moment] = y;
    const last = ticks.at(-1);
    if (row.type !== 'gap' && (last === undefined || (last.time !== point.time && y - last.y >= TICK)))
      ticks.push({ time: point.time, y });
    previous = point;
  }
  for (const place of places) completeEnds(place);
  const bottom = Math.max(y, ...places.map(({ lastArrivesY }) => lastArrivesY)) + ROW;
  const yAt = (time: number | undefined): number => {
    if (time === undefined) return bottom;
    const before = points.findLast((point) => point.time <= time);
    return before === undefined ? top - ROW / 2 : before.place[before.moment];
  };
  return { places, ticks, bottom, yAt };
}

function pointsOf(place: RowPlace, index: number): readonly Point[] {
  const { row } = place;
  const leaves: Point = { time: row.time, place, moment: 'y', rank: index + 1 };
  if (row.type !== 'segment') return [leaves];
  const { lastTime, arrives, lastArrives } = row;
  // What takes no time arrives behind its own beginning.
  const rankOf = (time: number): number => (time > row.time ? 0 : index + 1.5);
  return [
    leaves,
    ...(lastTime > row.time ? [{ time: lastTime, place, moment: 'lastY', rank: index + 1 } as const] : []),
    ...(arrives === undefined ? [] : [{ time: arrives, place, moment: 'arrivesY', rank: rankOf(arrives) } as const]),
    ...(arrives === undefined || lastArrives === undefined || lastArrives === arrives
      ? []
      : [{ time: lastArrives, place, moment: 'lastArrivesY', rank: rankOf(lastArrives) } as const]),
  ];
}

function byTime(a: Point, b: Point): number {
  return a.time - b.time || a.rank - b.rank;
}

function distance(before: Point, after: Point): number {
  if (before.place.row.type !== 'segment' || after.place.row.type !== 'segment') return NOTE;
  const passed = after.time - before.time;
  if (passed > 0) return 16 + 10 * Math.log10(1 + passed);
  if (before.moment === 'y' && after.moment === 'y') return ROW;
  return sameEnd(before, after) ? ROW / 2 : 10;
}

/** Two that arrive at one host one after the other keep as much apart as they left. */
function sameEnd(before: Point, after: Point): boolean {
  const arriving = (point: Point): SegmentRow | undefined =>
    point.moment === 'arrivesY' && point.place.row.type === 'segment' ? point.place.row : undefined;
  return arriving(before) !== undefined && arriving(before)?.to === arriving(after)?.to;
}

/** What didn't happen, or happened once, is where what is known of it is. */
function completeEnds(place: RowPlace): void {
  const { row } = place;
  if (row.type !== 'segment') {
    place.lastY = place.arrivesY = place.lastArrivesY = place.y;
    return;
  }
  if (row.lastTime === row.time) place.lastY = place.y;
  if (row.arrives === undefined) {
    place.arrivesY = place.y + SINK;
    place.lastArrivesY = place.lastY + SINK;
  } else if (row.lastArrives === row.arrives) place.lastArrivesY = place.arrivesY;
}
