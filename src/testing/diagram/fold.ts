import type { TraceEntry } from '../trace.ts';

/** Segments of one kind and direction in a row, which a diagram shows as one; mostly it is one. */
export type Run = readonly [TraceEntry, ...TraceEntry[]];

/** As many in a row are shown one by one. */
const FEW = 2;

interface Item {
  readonly order: number;
  readonly entry: TraceEntry;
}

/**
 * Puts together what repeats itself: data that is sent one way in many segments, the windows that answer it, and a segment that is
 * lost again and again. Whatever else happens on the connection, or to the network, comes between.
 */
export function foldRuns(entries: readonly TraceEntry[]): readonly Run[] {
  const done: [Item, ...Item[]][] = [];
  /** By connection, then by kind and direction. */
  const open = new Map<string, Map<string, [Item, ...Item[]]>>();

  const close = (connection: string): void => {
    const runs = open.get(connection);
    if (runs === undefined) return;
    done.push(...runs.values());
    open.delete(connection);
  };

  for (const [order, entry] of entries.entries()) {
    if (entry.fate === undefined) {
      for (const connection of open.keys()) close(connection);
      done.push([{ order, entry }]);
      continue;
    }
    const connection = connectionOf(entry);
    const key = keyOf(entry, order);
    const runs = open.get(connection);
    const present = runs?.get(key);
    if (runs !== undefined && present !== undefined) {
      present.push({ order, entry });
      continue;
    }
    const goesOn = runs !== undefined && [...runs.keys()].every((other) => goTogether(key, other));
    if (!goesOn) close(connection);
    const mine = open.get(connection) ?? new Map<string, [Item, ...Item[]]>();
    mine.set(key, [{ order, entry }]);
    open.set(connection, mine);
  }
  for (const connection of open.keys()) close(connection);

  return done
    .flatMap((items) => (items.length <= FEW ? items.map((item): [Item] => [item]) : [items]))
    .toSorted(([a], [b]) => a.order - b.order)
    .map(([first, ...others]): Run => [first.entry, ...others.map(({ entry }) => entry)]);
}

/** Both directions of it. */
export function connectionOf({ from, to }: TraceEntry): string {
  return from < to ? `${from} – ${to}` : `${to} – ${from}`;
}

function keyOf({ from, what, fate, size }: TraceEntry, order: number): string {
  if (fate === 'arrives' && (what === 'DATA' || what === 'WINDOW')) return `${what} ${from}`;
  // What is sent again has the same size; what is not lost happens once.
  return fate === 'lost' ? `lost ${what} ${size} ${from}` : `once ${order}`;
}

/** Whether a segment leaves a run as it is: windows, beside data that goes one way. */
function goTogether(key: string, other: string): boolean {
  return (
    [key, other].every((each) => /^(DATA|WINDOW) /.test(each)) &&
    [key, other].some((each) => each.startsWith('WINDOW '))
  );
}
