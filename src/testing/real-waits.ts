/** What a process waits for, by name, and how often. */
export type RealWaits = ReadonlyMap<string, number>;

/** Turns of the event loop, not waiting. */
export const IMMEDIATE = 'Immediate';
const TIMER = 'Timeout';
const SOCKETS = /^(TCP|Pipe|UDP|TLS|GetAddrInfo|QueryReq|Channel)/;

// Other runtimes may not say.
const canTell = typeof Reflect.get(process, 'getActiveResourcesInfo') === 'function';

/** The names of what keeps the event loop of the process alive, one for each. */
export function activeResources(): readonly string[] {
  return canTell ? process.getActiveResourcesInfo() : [];
}

/** What the process waits for now, of the operating system's. */
export function realWaits(): RealWaits {
  const waits = new Map<string, number>();
  for (const name of activeResources()) waits.set(name, (waits.get(name) ?? 0) + 1);
  return waits;
}

/** What has been added since, as what it most likely is; undefined when there is nothing. */
export interface AddedWaits {
  /** Timers of the process, whose time is not the network's. */
  readonly timers: number;
  /** Sockets, servers, and lookups of names. */
  readonly sockets: number;
  /** Files, children, workers, by name. */
  readonly others: readonly string[];
}

export function addedSince(before: RealWaits): AddedWaits {
  let timers = 0;
  let sockets = 0;
  const others: string[] = [];
  for (const [name, count] of realWaits()) {
    const added = count - (before.get(name) ?? 0);
    if (added <= 0 || name === IMMEDIATE) continue;
    if (name === TIMER) timers += added;
    else if (SOCKETS.test(name)) sockets += added;
    else others.push(name);
  }
  return { timers, sockets, others };
}

const OUT_OF_REACH =
  'of node:timers/promises, or of a function that was taken before the run, which { globalTimers } does not reach';

/** What is likely wrong with a program that waits for these. */
export function explain({ timers, sockets, others }: AddedWaits, hasGlobalTimers: boolean): string {
  const parts: string[] = [];
  if (timers > 0)
    parts.push(
      `${timers} real timer(s) are pending, whose time is not this network's: ${hasGlobalTimers ? OUT_OF_REACH : 'wait with network.sleep(), give network.scheduler to operators of RxJS, or run the program with { globalTimers: true }'}`,
    );
  if (sockets > 0)
    parts.push(
      `${sockets} real socket(s) are open: a connection, a server or a lookup that was not given the transport of a host of this network`,
    );
  if (others.length > 0) parts.push(`the process waits for ${others.join(', ')}`);
  return parts.join('; ');
}
