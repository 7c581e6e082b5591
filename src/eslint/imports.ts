import { forgetful } from './forgetful.ts';

/**
 * Functions and classes of RxJS whose Observables have no place for the failures of the operators
 * behind them.
 */
const plainStarts = [
  'AsyncSubject',
  'BehaviorSubject',
  'EMPTY',
  'NEVER',
  'ReplaySubject',
  'Subject',
  'animationFrames',
  'bindCallback',
  'bindNodeCallback',
  'empty',
  'fromEvent',
  'fromEventPattern',
  'generate',
  'interval',
  'never',
  'of',
  'pairs',
  'range',
  'timer',
] as const;

/** Their types keep failures that are gone, or bring back none that are there. */
const retyped = [
  'ConnectableObservable',
  'Observable',
  'dematerialize',
  'materialize',
  'onErrorResumeNext',
  'onErrorResumeNextWith',
  'pipe',
  'publishBehavior',
  'publishLast',
  'publishReplay',
] as const;

/** Operators that hold their source otherwise in `rxjs-net/rx`. */
const paced = ['windowCount', 'windowTime'] as const;

/** The names of RxJS that are something else in `rxjs-net/rx`. */
export const restrictedNames: readonly string[] = [...forgetful, ...plainStarts, ...paced, ...retyped].toSorted();

/** An entry of ESLint's own rule `no-restricted-imports`. */
export interface RestrictedImport {
  name: string;
  importNames: string[];
  message: string;
}

/** Options of ESLint's `no-restricted-imports`. */
export const restrictedImports = (): { paths: RestrictedImport[] } => ({
  paths: ['rxjs', 'rxjs/operators'].map((name) => ({
    name,
    importNames: [...restrictedNames],
    message: 'Take it from rxjs-net/rx, where its type keeps the failures of flows.',
  })),
});
