import { cases } from './support/tester.ts';

const declared = 'The plain Observable that is declared here forgets';

cases('flows that are put where a plain Observable is declared', {
  fine: {
    'a Flow that is declared':
      'const flow: Flow<number, TooHot> = hot;\nconst flows: Flow<unknown, TooHot | TooCold>[] = [hot, cold];',
    'no declared type':
      "import { of } from 'rxjs';\nconst flow = hot;\nlet either = true ? hot : of(1);\nconst flows = [hot, of(1)];",
    'a function that only subscribes':
      "import type { Observable } from 'rxjs';\nconst run = (source: Observable<unknown>): void => { source.subscribe(); };\nrun(hot);",
    'a function that keeps the type':
      "import type { Observable } from 'rxjs';\nconst logged = <F extends Observable<unknown>>(flow: F): F => flow;\nlogged(hot);",
    'functions of this library':
      "import type { ObservableInput } from 'rxjs';\nimport { serve, runFlow, orDie, toAsyncIterable } from 'rxjs-net';\nserve({ port: 0 }, (connection) => connection.incoming);\nrunFlow(hot.pipe(orDie()));\ntoAsyncIterable(hot);",
    'a handler of this library':
      "import type { HealthCheck } from 'rxjs-net';\nexport const check: HealthCheck = ({ incoming }) => incoming;",
    'a loop over a flow, and a generator that catches':
      "import { toAsyncIterable } from 'rxjs-net';\nasync function a() { for await (const n of toAsyncIterable(hot)) console.log(n); }\nasync function* b() { try { for await (const n of toAsyncIterable(hot)) yield n; } catch {} }\nvoid [a, b];",
    'a Map of flows': "new Map<string, Flow<number, TooHot>>().set('hot', hot);",
    anything: 'const anything: unknown = hot;\nconst any: any = hot;\nconsole.log(hot);\nPromise.resolve(hot);',
  },
  reported: {
    'a generator that doesn’t catch': {
      code: "import { toAsyncIterable } from 'rxjs-net';\nexport async function* readings() { try { for await (const n of toAsyncIterable(hot)) yield n; } finally {} }",
      says: ['This generator throws TooHot, and no type says so: catch them here, or handle them in the flow first.'],
    },
    'a variable': {
      code: "import type { Observable } from 'rxjs';\nconst flow: Observable<number> = hot;",
      says: [`${declared} TooHot: declare a Flow<A, TooHot>.`],
    },
    'an assignment': {
      code: "import { of } from 'rxjs';\nlet flow = of(1);\nflow = hot;",
      says: [`${declared} TooHot: declare a Flow<A, TooHot>.`],
    },
    'what functions return': {
      code: "import type { Observable } from 'rxjs';\nfunction a(): Observable<number> { return hot; }\nconst b = (): Observable<unknown> => (true ? hot : cold);\nclass C { d(): Observable<number> { return hot; } }",
      says: ['TooHot', 'TooHot', 'TooCold', 'TooHot'].map((name) => `${declared} ${name}: declare a Flow<A, ${name}>.`),
    },
    'a field, a default, a member of an object or list': {
      code: "import type { Observable } from 'rxjs';\nclass C { readonly flow: Observable<number> = hot; }\nconst d = (flow: Observable<number> = hot) => flow;\nconst e: { f: Observable<number> } = { f: hot };\nconst g: Observable<number>[] = [hot];",
      says: [1, 2, 3, 4].map(() => `${declared} TooHot: declare a Flow<A, TooHot>.`),
    },
    'a list, a map, a function, an operator': {
      code: "import type { Observable, OperatorFunction } from 'rxjs';\ndeclare const flows: Flow<number, TooHot>[];\nconst a: Observable<number>[] = flows;\ndeclare const map: Map<string, Flow<number, TooHot>>;\nconst b: Map<string, Observable<number>> = map;\nconst c: () => Observable<number> = () => hot;\nconst d: OperatorFunction<number, number> = atMost(30);",
      says: [
        `${declared} TooHot: declare a Flow<A, TooHot>.`,
        `${declared} TooHot: declare a Flow<A, TooHot>.`,
        `${declared} TooHot: declare an Op<A, B, TooHot>.`,
        `${declared} TooHot: declare an Op<A, B, TooHot>.`,
      ],
    },
    'a cast': {
      code: "import type { Observable } from 'rxjs';\nconst flow = hot as Observable<number>;",
      says: [`${declared} TooHot: declare a Flow<A, TooHot>.`],
    },
    'what keeps it': {
      code: "import type { Observable } from 'rxjs';\nnew Map<string, Observable<number>>().set('hot', hot);\nconst list: Observable<number>[] = [];\nlist.push(hot);\nclass C { constructor(readonly flow: Observable<number>) {} }\nnew C(hot);",
      says: [1, 2, 3].map(
        () => 'What keeps this flow declares a plain Observable and forgets TooHot: declare a Flow<A, TooHot>.',
      ),
    },
    'a function that gives it back': {
      code: "import type { Observable } from 'rxjs';\nconst logged = <A>(source: Observable<A>): Observable<A> => source;\nlogged(hot);",
      says: [
        'This call gives a plain Observable back and forgets TooHot: let it take <F extends Observable<A>>, or a Flow.',
      ],
    },
  },
});

cases('promises, Subjects, helpers and what is thrown', {
  fine: {
    'promises of flows that can’t fail':
      "import { firstValueFrom } from 'rxjs';\nfirstValueFrom(safe);\nsafe.forEach(() => undefined);",
    'a Subject that is subscribed':
      "import { Subject } from 'rxjs';\nsafe.subscribe(new Subject<number>());\nhot.subscribe({ error: (failure: TooHot) => console.log(failure) });",
    'an operator that declares its failures':
      "import { Observable } from 'rxjs';\nexport const same = <A, E>(source: Flow<A, E>): Flow<A, E> => new Observable((subscriber) => source.subscribe(subscriber));",
    'a thrown failure that is declared':
      "import { map } from 'rxjs';\nexport const checked: Op<number, number, TooHot> = map((degrees: number) => { if (degrees > 30) throw new TooHot(); return degrees; });",
    'a thrown failure that is caught':
      "import { map } from 'rxjs';\nsafe.pipe(map(() => { try { throw new TooHot(); } catch { return 0; } }));",
    'other errors that are thrown': "import { map } from 'rxjs';\nsafe.pipe(map(() => { throw new Error('no'); }));",
    'a thrown failure elsewhere':
      'export const check = (): never => { throw new TooHot(); };\nif (hot) throw new TooHot();',
    'the pipe helper without failures, or with the last one':
      "import { map, pipe } from 'rxjs';\npipe(map((n: number) => n), map(String));",
  },
  reported: {
    promises: {
      code: "import * as rxjs from 'rxjs';\nrxjs.firstValueFrom(hot);\nrxjs.lastValueFrom(cold);\nhot.toPromise();\nhot.forEach(() => undefined);",
      says: [
        ['firstValueFrom', 'TooHot'],
        ['lastValueFrom', 'TooCold'],
        ['toPromise()', 'TooHot'],
        ['forEach()', 'TooHot'],
      ].map(
        ([name, failure]) =>
          `${name} forgets ${failure}, for a promise has no type for failures: handle them first, with catchFailure or orDie.`,
      ),
    },
    'a Subject in between': {
      code: "import { Subject } from 'rxjs';\nconst subject = new Subject<number>();\nhot.subscribe(subject);",
      says: ['A Subject between forgets TooHot of the flow that it subscribes to: use share(), or handle them first.'],
    },
    'a Subject of rxjs-net/rx in between': {
      code: "import { BehaviorSubject } from 'rxjs-net/rx';\nhot.subscribe(new BehaviorSubject(0));",
      says: ['A Subject between forgets TooHot of the flow that it subscribes to: use share(), or handle them first.'],
    },
    'new Observable': {
      code: "import { Observable } from 'rxjs';\nexport const same = new Observable<number>((subscriber) => hot.subscribe(subscriber));",
      says: ['new Observable() forgets TooHot of the flow that it subscribes to: declare a Flow<A, TooHot>.'],
    },
    'a thrown failure': {
      code: "import { map } from 'rxjs';\nsafe.pipe(map((degrees) => { if (degrees > 30) throw new TooHot(); return degrees; }));",
      says: ['No type knows that TooHot is thrown here: declare the operator as Op<A, B, TooHot>.'],
    },
    'operators in a plain pipe': {
      code: "import { of } from 'rxjs';\nof(1).pipe(atMost(30));",
      says: ["A plain Observable forgets TooHot of this operator: begin with from(source) of 'rxjs-net/rx'."],
    },
  },
});
