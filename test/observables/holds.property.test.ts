import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Flow } from '../../src/observables/flow.ts';
import { mapAsync } from '../../src/observables/map-async.ts';
import {
  combineLatest,
  concat,
  concatMap,
  exhaustMap,
  map,
  merge,
  merge as rxMerge,
  mergeMap,
  Observable,
  race,
  Subject,
  switchMap,
  tap,
  zip,
} from '../../src/rx.ts';
import { FakeUpstream, SlowConsumer } from './support/fake-upstream.ts';

// Whatever happens in whatever order: each hold is released exactly once, nothing stays held or subscribed to after the
// end, nothing is emitted after it, nothing is lost or doubled before it.

/** The world around one operator: two sources that can be held, and inners of every kind. */
class World {
  readonly sources = [new FakeUpstream(12, 0, 0), new FakeUpstream(12, 1_000, 0)] as const;
  readonly upstreams: FakeUpstream[] = [...this.sources];
  readonly open: { subject: Subject<string>; name: string; next: number }[] = [];
  readonly expected: string[] = [];
  active = 0;
  most = 0;

  /** Of each four values one is answered at once, one by an upstream, and two by hand, later. */
  readonly inner = (value: number): Observable<string> => {
    const kind = value % 4;
    const make = (subscribe: (subscriber: Subject<string>) => () => void): Observable<string> =>
      new Observable((subscriber) => {
        this.most = Math.max(this.most, ++this.active);
        const subject = new Subject<string>();
        subscriber.add(() => this.active--);
        subscriber.add(subject.subscribe(subscriber));
        return subscribe(subject);
      });
    if (kind === 0) {
      return make((subject) => {
        for (const n of [0, 1]) this.emit(subject, `${value}.${n}`);
        subject.complete();
        return () => undefined;
      });
    }
    if (kind === 1) {
      const upstream = new FakeUpstream(3);
      this.upstreams.push(upstream);
      return new Observable((subscriber) => {
        this.most = Math.max(this.most, ++this.active);
        subscriber.add(() => this.active--);
        upstream.values
          .pipe(
            map((n) => `${value}.${n}`),
            tap((each) => this.expected.push(each)),
          )
          .subscribe(subscriber);
      });
    }
    return make((subject) => {
      this.open.push({ subject, name: String(value), next: 0 });
      return () => undefined;
    });
  };

  private emit(to: { next(value: string): void; readonly closed: boolean }, value: string): void {
    if (to.closed) return;
    this.expected.push(value);
    to.next(value);
  }

  speak(index: number): void {
    const each = this.open[index % Math.max(1, this.open.length)];
    if (each !== undefined && each.subject.observed) this.emit(each.subject, `${each.name}.${each.next++}`);
  }

  finish(index: number): void {
    const [each] = this.open.splice(index % Math.max(1, this.open.length), 1);
    each?.subject.complete();
  }

  fail(index: number): void {
    this.open[index % Math.max(1, this.open.length)]?.subject.error(new Error('inner'));
  }
}

type Build = (world: World) => Observable<unknown>;
const source = (world: World): Flow<number> => rxMerge(world.sources[0].values, world.sources[1].values);
const pair = (world: World): [Observable<number>, Observable<number>] => [
  world.sources[0].values,
  world.sources[1].values,
];

/** `complete`: whether it emits all that its inners do. */
const builds: Record<string, { readonly build: Build; readonly concurrency?: number; readonly complete?: boolean }> = {
  mergeMap: { build: (w) => source(w).pipe(mergeMap(w.inner)), complete: true },
  'mergeMap of 3': { build: (w) => source(w).pipe(mergeMap(w.inner, 3)), concurrency: 3, complete: true },
  concatMap: { build: (w) => source(w).pipe(concatMap(w.inner)), concurrency: 1, complete: true },
  switchMap: { build: (w) => source(w).pipe(switchMap(w.inner)), concurrency: 1 },
  exhaustMap: { build: (w) => source(w).pipe(exhaustMap(w.inner)), concurrency: 1, complete: true },
  mapAsync: { build: (w) => source(w).pipe(mapAsync(w.inner)), concurrency: 1, complete: true },
  'mapAsync of 3': {
    build: (w) => source(w).pipe(mapAsync(w.inner, { concurrency: 3 })),
    concurrency: 3,
    complete: true,
  },
  'concatMap of mergeMap of 2': {
    build: (w) =>
      source(w).pipe(
        mergeMap(w.inner, 2),
        concatMap((each) => [each]),
      ),
    complete: true,
  },
  'mapAsync of mapAsync': {
    build: (w) =>
      source(w).pipe(
        mapAsync(w.inner, { concurrency: 2 }),
        mapAsync(async (each) => each),
      ),
  },
  merge: { build: (w) => merge(...pair(w)) },
  concat: { build: (w) => concat(...pair(w)) },
  race: { build: (w) => race(...pair(w)) },
  combineLatest: { build: (w) => combineLatest(pair(w)) },
  zip: { build: (w) => zip(pair(w)) },
};

type Action = readonly [
  what: 'allow' | 'speak' | 'finish' | 'release' | 'hold' | 'let' | 'fail' | 'failSource' | 'unsubscribe',
  which: number,
];
const action = (rare: boolean): fc.Arbitrary<Action> =>
  fc.tuple(
    fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom('allow', 'speak', 'finish', 'release') },
      { weight: 2, arbitrary: fc.constantFrom('hold', 'let') },
      { weight: rare ? 1 : 0, arbitrary: fc.constantFrom('fail', 'failSource', 'unsubscribe') },
    ),
    fc.nat(7),
  );

const microtasks = async (): Promise<void> => {
  for (let i = 0; i < 8; i++) await Promise.resolve();
};

async function play(
  { build, concurrency = Infinity }: { readonly build: Build; readonly concurrency?: number },
  actions: readonly Action[],
  toTheEnd: boolean,
): Promise<{ readonly world: World; readonly consumer: SlowConsumer<unknown> }> {
  const world = new World();
  const consumer = new SlowConsumer<unknown>();
  const subscription = build(world).subscribe(consumer.observer);
  const perform = ([what, which]: Action): void => {
    if (what === 'allow') world.sources[which % 2]?.allow(1 + (which >> 1));
    else if (what === 'speak') world.speak(which);
    else if (what === 'finish') world.finish(which);
    else if (what === 'release') consumer.release();
    else if (what === 'hold') consumer.holding = true;
    else if (what === 'let') consumer.holding = false;
    else if (what === 'fail') world.fail(which);
    else if (what === 'failSource') world.sources[which % 2]?.fail(new Error('source'));
    else subscription.unsubscribe();
  };
  for (const each of actions) {
    perform(each);
    await microtasks();
    expect(world.most).toBeLessThanOrEqual(concurrency);
  }
  if (toTheEnd) {
    consumer.drain();
    for (const each of world.sources) each.allow(100);
    for (let i = 0; i < 100 && !consumer.completed; i++) {
      world.finish(0);
      await microtasks();
    }
  } else {
    subscription.unsubscribe();
  }
  await microtasks();
  const { length } = consumer.values;
  for (let i = 0; i < 3; i++) {
    world.speak(i);
    consumer.drain();
    for (const each of world.sources) each.allow(5);
    await microtasks();
  }
  expect(consumer.values).toHaveLength(length);
  for (const upstream of world.upstreams) {
    expect(upstream.held).toBe(0);
    expect(upstream.releases).toBe(upstream.holds);
    expect(upstream.repeatedReleases).toBe(0);
    expect(upstream.unsubscribed).toBe(upstream.subscribed);
  }
  expect(world.active).toBe(0);
  return { world, consumer };
}

describe('holds', () => {
  for (const [name, each] of Object.entries(builds)) {
    it(`${name}: each is released once, however it ends`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(action(true), { maxLength: 40 }), async (actions) => {
          await play(each, actions, false);
        }),
        { numRuns: 120 },
      );
    });

    it(`${name}: goes on to its end, and loses nothing`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(action(false), { maxLength: 40 }), async (actions) => {
          const { world, consumer } = await play(each, actions, true);
          expect(consumer.error).toBeUndefined();
          expect(consumer.completed).toBe(true);
          if (each.complete !== true) return;
          expect(consumer.values).toHaveLength(world.expected.length);
          expect(new Set(consumer.values)).toEqual(new Set(world.expected));
          // What one inner emits stays in its order.
          const next = new Map<string | undefined, number>();
          for (const value of consumer.values as string[]) {
            const [inner, number] = value.split('.');
            expect(Number(number)).toBe(next.get(inner) ?? 0);
            next.set(inner, Number(number) + 1);
          }
        }),
        { numRuns: 120 },
      );
    });
  }
});
