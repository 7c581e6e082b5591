// The functions of RxJS whose types have no word for the failures of a flow that they are given.

/** What a function forgets about. */
export type Role = 'an inner flow' | 'its notifier' | 'a source' | 'the error that it is given';

const inner = [
  'bufferWhen',
  'concatMap',
  'concatMapTo',
  'connect',
  'defer',
  'exhaustMap',
  'expand',
  'flatMap',
  'groupBy',
  'iif',
  'mergeMap',
  'mergeMapTo',
  'mergeScan',
  'multicast',
  'publish',
  'switchMap',
  'switchMapTo',
  'switchScan',
  'timeout',
  'timeoutWith',
  'using',
] as const;

const notifiers = [
  'audit',
  'buffer',
  'bufferToggle',
  'debounce',
  'delayWhen',
  'distinct',
  'repeat',
  'repeatWhen',
  'retry',
  'retryWhen',
  'sample',
  'skipUntil',
  'takeUntil',
  'throttle',
  'window',
  'windowToggle',
  'windowWhen',
] as const;

const sources = [
  'combineLatest',
  'combineLatestWith',
  'concat',
  'concatWith',
  'connectable',
  'forkJoin',
  'from',
  'merge',
  'mergeWith',
  'partition',
  'race',
  'raceWith',
  'scheduled',
  'sequenceEqual',
  'withLatestFrom',
  'zip',
  'zipWith',
] as const;

const errors = ['throwError', 'throwIfEmpty'] as const;

/** Flatten the items of their source, which are Observables. */
const flatteners = [
  'combineAll',
  'combineLatestAll',
  'concatAll',
  'exhaust',
  'exhaustAll',
  'mergeAll',
  'switchAll',
  'zipAll',
] as const;

/** Make a promise, which has no type for what it is rejected with. */
const promises = ['firstValueFrom', 'lastValueFrom'] as const;

const entries = (names: readonly string[], role: Role): [string, Role][] => names.map((name) => [name, role]);

/** By name, what a function loses of the flows in its arguments. */
export const roles: ReadonlyMap<string, Role> = new Map([
  ...entries(inner, 'an inner flow'),
  ...entries(notifiers, 'its notifier'),
  ...entries(sources, 'a source'),
  ...entries(errors, 'the error that it is given'),
]);

const listTakers: ReadonlySet<string> = new Set([
  'combineLatest',
  'combineLatestWith',
  'forkJoin',
  'race',
  'raceWith',
  'zip',
  'zipWith',
]);

/** Whether a list of flows, as one argument, means the flows and not the list's items. */
export const takesLists = (name: string): boolean => listTakers.has(name);

export const isFlattener = (name: string): boolean => (flatteners as readonly string[]).includes(name);
export const isPromise = (name: string): boolean => (promises as readonly string[]).includes(name);

/** All of them, and `catchError`, which forgets in both directions. */
export const forgetful: readonly string[] = [
  ...inner,
  ...notifiers,
  ...sources,
  ...errors,
  ...flatteners,
  ...promises,
  'catchError',
].toSorted();
