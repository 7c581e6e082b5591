import { cases } from './support/tester.ts';

const rx = "import it from 'rxjs-net/rx'.";

cases('functions of RxJS that are given a flow', {
  fine: {
    'functions that lose nothing':
      "import { map, share, take, tap } from 'rxjs';\nhot.pipe(map(String), take(1), tap(console.log), share());",
    'flows with no failures':
      "import { merge, mergeMap, of } from 'rxjs';\nmerge(safe, of(1)).pipe(mergeMap(() => safe));",
    'the same names of rxjs-net/rx':
      "import { merge, mergeMap } from 'rxjs-net/rx';\nmerge(hot, cold);\nhot.pipe(mergeMap(() => cold));",
    'flows as values':
      "import { map, of, from } from 'rxjs';\nof(hot, cold);\nfrom([hot]);\nsafe.pipe(map(() => hot));",
    'what the declared type names':
      "import { merge } from 'rxjs';\nconst both: Flow<unknown, TooHot | TooCold> = merge(hot, cold);",
    'a pipe whose declared type names it':
      "import { map, switchMap } from 'rxjs';\nconst both: Flow<string, TooHot | TooCold> = hot.pipe(switchMap(() => cold), map(String));",
    'an operator whose declared type names it':
      "import { switchMap } from 'rxjs';\nconst then: Op<number, string, TooCold> = switchMap(() => cold);",
    'functions of the same names': 'const merge = (...flows: unknown[]) => flows;\nmerge(hot, cold);',
    'catchError that always throws':
      "import { catchError } from 'rxjs';\nhot.pipe(catchError((error) => { console.log(error); throw error; }));",
    'catchError behind handled failures':
      "import { catchError, EMPTY } from 'rxjs';\nimport { orDie } from 'rxjs-net';\nhot.pipe(orDie(), catchError(() => EMPTY));",
    'plain Observables':
      "import { of, mergeMap, firstValueFrom } from 'rxjs';\nfirstValueFrom(of(1).pipe(mergeMap(() => of(2))));",
  },
  reported: {
    'a notifier': {
      code: "import { takeUntil } from 'rxjs';\nhot.pipe(takeUntil(cold));",
      says: [`takeUntil of rxjs forgets TooCold of its notifier: ${rx}`],
      suggests: "import { takeUntil } from 'rxjs-net/rx';\nhot.pipe(takeUntil(cold));",
    },
    'a name among others': {
      code: "import { map, switchMap as then } from 'rxjs';\nhot.pipe(then(() => cold), map(String));",
      says: [`switchMap of rxjs forgets TooCold of an inner flow: ${rx}`],
      suggests:
        "import { map } from 'rxjs';\nimport { switchMap as then } from 'rxjs-net/rx';\nhot.pipe(then(() => cold), map(String));",
    },
    'a name that joins others of rxjs-net/rx': {
      code: "import { of } from 'rxjs-net/rx';\nimport { map, zipWith } from 'rxjs';\nhot.pipe(zipWith(cold), map(String));\nof(1);",
      says: [`zipWith of rxjs forgets TooCold of a source: ${rx}`],
      suggests:
        "import { of, zipWith } from 'rxjs-net/rx';\nimport { map } from 'rxjs';\nhot.pipe(zipWith(cold), map(String));\nof(1);",
    },
    'rxjs/operators': {
      code: "import { mergeWith } from 'rxjs/operators';\nhot.pipe(mergeWith(cold));",
      says: [`mergeWith of rxjs forgets TooCold of a source: ${rx}`],
      suggests: "import { mergeWith } from 'rxjs-net/rx';\nhot.pipe(mergeWith(cold));",
    },
    'a namespace': {
      code: "import * as rxjs from 'rxjs';\nrxjs.merge(hot, cold);",
      says: [`merge of rxjs forgets TooHot, TooCold of a source: ${rx}`],
    },
    'lists, spread lists and records': {
      code: "import * as rxjs from 'rxjs';\nrxjs.zip([hot, cold]);\nrxjs.concat(...[hot, hot]);\nrxjs.forkJoin({ hot });",
      says: [
        `zip of rxjs forgets TooHot, TooCold of a source: ${rx}`,
        `concat of rxjs forgets TooHot of a source: ${rx}`,
        `forkJoin of rxjs forgets TooHot of a source: ${rx}`,
      ],
    },
    options: {
      code: "import * as rxjs from 'rxjs';\nsafe.pipe(rxjs.retry({ delay: () => cold }), rxjs.timeout({ each: 5, with: () => hot }));",
      says: [
        `retry of rxjs forgets TooCold of its notifier: ${rx}`,
        `timeout of rxjs forgets TooHot of an inner flow: ${rx}`,
      ],
    },
    'flows that are flattened later': {
      code: "import * as rxjs from 'rxjs';\nsafe.pipe(rxjs.map(() => cold), rxjs.mergeAll());\nrxjs.of(hot).pipe(rxjs.concatAll());",
      says: [
        `mergeAll of rxjs forgets TooCold of the flows that it flattens: ${rx}`,
        `concatAll of rxjs forgets TooHot of the flows that it flattens: ${rx}`,
      ],
    },
    'catchError, in both directions': {
      code: "import * as rxjs from 'rxjs';\nhot.pipe(rxjs.catchError(() => rxjs.EMPTY));\nhot.pipe(rxjs.catchError(() => cold));",
      says: [
        "catchError of rxjs handles TooHot, which its type keeps: import it from 'rxjs-net/rx', or use catchFailure.",
        `catchError of rxjs forgets TooCold of an inner flow: ${rx}`,
      ],
    },
    'errors of one’s own': {
      code: "import * as rxjs from 'rxjs';\nrxjs.throwError(() => new TooHot());\nsafe.pipe(rxjs.throwIfEmpty(() => new TooCold()));",
      says: [
        `throwError of rxjs forgets TooHot of the error that it is given: ${rx}`,
        `throwIfEmpty of rxjs forgets TooCold of the error that it is given: ${rx}`,
      ],
    },
    'a declared type that names some of them': {
      code: "import * as rxjs from 'rxjs';\nconst both: Flow<unknown, TooHot> = rxjs.merge(hot, cold);",
      says: [`merge of rxjs forgets TooHot, TooCold of a source: ${rx}`],
    },
    'many failures': {
      code: "import * as rxjs from 'rxjs';\ndeclare const four: Flow<1, A | B | C | D>;\nclass A { readonly _tag = 'A'; }\nclass B { readonly _tag = 'B'; }\nclass C { readonly _tag = 'C'; }\nclass D { readonly _tag = 'D'; }\nrxjs.from(four);",
      says: [`from of rxjs forgets A, B, C and 1 more of a source: ${rx}`],
    },
    'a failure that is a type parameter': {
      code: "import * as rxjs from 'rxjs';\nexport const both = <A, E>(flow: Flow<A, E>) => rxjs.merge(flow, safe);",
      says: [`merge of rxjs forgets E of a source: ${rx}`],
    },
  },
});
