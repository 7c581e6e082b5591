import { type Arbitrary, array, boolean, constantFrom, integer, record, tuple } from 'fast-check';
import type { Observable, ObservableInput, OperatorFunction } from '../../../src/rx.ts';
import * as rxjs from 'rxjs';

import { mapAsync } from '../../../src/observables/map-async.ts';
import * as ours from '../../../src/rx.ts';

/** What an inner of a stage does with its value. */
type Inner = 'array' | 'of' | 'empty' | 'later' | 'spread' | 'feeds' | 'fails' | 'nested' | 'iterator';

interface Stage {
  readonly operator: 'mergeMap' | 'mergeMapN' | 'concatMap' | 'switchMap' | 'exhaustMap' | 'mapAsync';
  readonly concurrency: number;
  readonly inner: Inner;
  readonly count: number;
}

/** How sources become one: subjects by a combining operator, each fed by the consumer. */
type Join = 'none' | 'merge' | 'concat' | 'race' | 'zip' | 'combineLatest';

/** A program whose consumer, stages and inners feed its own sources. */
export interface Program {
  readonly join: Join;
  readonly stages: readonly Stage[];
  /** For the n-th value that the consumer gets: what it sends, to which source, at once or later. */
  readonly feedback: readonly (readonly [offset: number, source: number, later: boolean])[];
  /** What is sent from outside. */
  readonly seeds: readonly (readonly [value: number, source: number, later: boolean])[];
  readonly completes: boolean;
  /** The value decides what the consumer sends, and not how many came before it. */
  readonly byValue?: boolean;
}

export const program: Arbitrary<Program> = record({
  join: constantFrom<Join>('none', 'none', 'merge', 'concat', 'race', 'zip', 'combineLatest'),
  stages: array(
    record({
      operator: constantFrom<Stage['operator']>(
        'mergeMap',
        'mergeMapN',
        'concatMap',
        'switchMap',
        'exhaustMap',
        'mapAsync',
      ),
      concurrency: integer({ min: 1, max: 3 }),
      inner: constantFrom<Inner>(
        'array',
        'array',
        'of',
        'empty',
        'later',
        'later',
        'spread',
        'feeds',
        'nested',
        'iterator',
        'fails',
      ),
      count: integer({ min: 1, max: 4 }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  feedback: array(tuple(integer({ min: 1, max: 9 }), integer({ min: 0, max: 1 }), boolean()), {
    maxLength: 12,
  }),
  seeds: array(tuple(integer({ min: 0, max: 99 }), integer({ min: 0, max: 1 }), boolean()), {
    minLength: 1,
    maxLength: 6,
  }),
  completes: boolean(),
});

/** A program whose values do not depend on how its sources interleave. */
export const orderless: Arbitrary<Program> = program.map((made) => ({
  ...made,
  byValue: true,
  join: made.join === 'merge' ? 'merge' : 'none',
  seeds: made.seeds.map(([value, , later]) => [value, 0, later] as const),
  stages: bounded(
    made.stages.map((stage) => ({
      ...stage,
      operator: stage.operator === 'switchMap' || stage.operator === 'exhaustMap' ? 'concatMap' : stage.operator,
      inner: stage.inner === 'feeds' || stage.inner === 'fails' ? 'spread' : stage.inner,
      count: stage.count * 3,
    })),
  ),
}));

/** What all stages make of one value, at most: far more than any high-water mark here. */
const MAX_VALUES = 300;

/** Stages multiply: the later ones make fewer values where the earlier ones make many. */
function bounded(stages: readonly Stage[]): Stage[] {
  let values = 1;
  return stages.map((stage) => {
    const each = stage.inner === 'nested' ? 2 : 1;
    const count = Math.max(1, Math.min(stage.count, Math.floor(MAX_VALUES / (values * each))));
    values *= count * each;
    return { ...stage, count };
  });
}

export interface Outcome {
  readonly values: readonly number[];
  readonly end: string | undefined;
}

type Loose = (...given: unknown[]) => OperatorFunction<number, number>;

/** How a program is run: on the operators of RxJS, or on the paced ones with a high-water mark. */
export interface Setting {
  readonly paced: boolean;
  readonly highWaterMark?: number;
}

/** Runs a program to its end. */
export function run(made: Program, { paced, highWaterMark }: Setting): Outcome {
  // The names are the same; the types of the two are too different for a union of them to be called.
  const library = (paced ? ours : rxjs) as unknown as typeof rxjs;
  const pending: (() => void)[] = [];
  const later = (action: () => void): void => void pending.push(action);
  const sources = [new rxjs.Subject<number>(), new rxjs.Subject<number>()] as const;
  const send = (value: number, source: number): void =>
    sources[source as 0 | 1].next(made.byValue === true ? value : value % 1_000);
  let fuel = 8;

  const innerOf = (stage: Stage, value: number): ObservableInput<number> => {
    const values = Array.from({ length: stage.count }, (_, index) => value * 10 + index);
    switch (stage.inner) {
      case 'array':
        return values;
      case 'of':
        return rxjs.of(...values);
      case 'empty':
        return rxjs.EMPTY;
      case 'later':
        return new rxjs.Observable((subscriber) => {
          later(() => {
            for (const each of values) subscriber.next(each);
            subscriber.complete();
          });
        });
      case 'spread':
        return new rxjs.Observable((subscriber) => {
          const step = (index: number): void => {
            if (subscriber.closed) return;
            const each = values[index];
            if (each === undefined) {
              subscriber.complete();
              return;
            }
            subscriber.next(each);
            later(() => step(index + 1));
          };
          later(() => step(0));
        });
      case 'feeds':
        return new rxjs.Observable((subscriber) => {
          subscriber.next(value);
          if (fuel-- > 0) send(value + 7, 0);
          subscriber.complete();
        });
      case 'nested':
        return library.from(values).pipe(library.concatMap((each) => library.from([each, each + 1])));
      case 'iterator':
        return library.from(new Set(values));
      case 'fails':
      default:
        return value % 5 === 4 ? rxjs.throwError(() => new Error(`fails at ${value}`)) : rxjs.of(value);
    }
  };

  const options = paced ? [{ highWaterMark }] : [];
  const operatorOf = (stage: Stage): OperatorFunction<number, number> => {
    const project = (value: number): ObservableInput<number> => innerOf(stage, value);
    switch (stage.operator) {
      case 'mergeMap':
        return (library.mergeMap as Loose)(project, ...options);
      case 'mergeMapN':
        return (library.mergeMap as Loose)(
          project,
          paced ? { concurrency: stage.concurrency, highWaterMark } : stage.concurrency,
        );
      case 'mapAsync':
        return paced
          ? (mapAsync((value: number) => ours.from(project(value)), { highWaterMark }) as OperatorFunction<
              number,
              number
            >)
          : rxjs.concatMap(project);
      case 'concatMap':
        return (library.concatMap as Loose)(project, ...options);
      case 'switchMap':
        return library.switchMap(project);
      case 'exhaustMap':
      default:
        return library.exhaustMap(project);
    }
  };

  const [first, second] = sources;
  const joined: Record<Join, () => Observable<unknown>> = {
    none: () => first,
    merge: () => library.merge(first, second),
    concat: () => library.concat(first.pipe(rxjs.take(3)), second),
    race: () => library.race(first, second),
    zip: () => library.zip([first, second]),
    combineLatest: () => library.combineLatest([first, second]),
  };
  const numbers = joined[made.join]().pipe(
    rxjs.map((value) => (Array.isArray(value) ? (value as number[]).reduce((sum, each) => sum + each, 0) : value)),
  ) as Observable<number>;
  const flow = made.stages.reduce((source, stage) => source.pipe(operatorOf(stage)), numbers);

  const values: number[] = [];
  let end: string | undefined;
  flow.subscribe({
    next: (value) => {
      values.push(value);
      const feedback = made.feedback[made.byValue === true ? value % 64 : values.length - 1];
      if (feedback === undefined || (made.byValue === true && value > 100)) return;
      const [offset, source, isLater] = feedback;
      if (isLater) later(() => send(value + offset, source));
      else send(value + offset, source);
    },
    error: (error: unknown) => (end = `error ${String(error)}`),
    complete: () => (end = 'complete'),
  });
  for (const [value, source, isLater] of made.seeds) {
    if (isLater) later(() => send(value, source));
    else send(value, source);
  }
  for (let turns = 0; pending.length > 0 && turns < 20_000; turns++) pending.shift()?.();
  if (made.completes) for (const source of sources) source.complete();
  for (let turns = 0; pending.length > 0 && turns < 20_000; turns++) pending.shift()?.();
  return { values, end };
}
