/**
 * RxJS's flattening and combining operators under their own names: with the failures of inner flows in the type, and
 * paced, so that none of them queues without a bound.
 *
 * @module
 */
export type { PacedOptions } from './observables/pacing/limits.ts';
export { combineLatest } from './observables/operators/combine-latest.ts';
export { concat } from './observables/operators/concat.ts';
export { concatMap } from './observables/operators/concat-map.ts';
export { defer } from './observables/operators/defer.ts';
export { exhaustMap } from './observables/operators/exhaust-map.ts';
export { from } from './observables/operators/from.ts';
export { merge } from './observables/operators/merge.ts';
export { mergeMap } from './observables/operators/merge-map.ts';
export { race } from './observables/operators/race.ts';
export { switchMap } from './observables/operators/switch-map.ts';
export { throwError } from './observables/operators/throw-error.ts';
export { zip } from './observables/operators/zip.ts';
export { groupBy, window, windowCount, windowTime, windowToggle, windowWhen } from './observables/operators/windows.ts';
