import type { ObservableInput } from 'rxjs';
import type { EmittedBy } from '../emitted-by.ts';

/** Any inputs of Observables, as the combining functions take them. */
export type Inputs = readonly ObservableInput<unknown>[];

/** One value of each input. */
export type ValuesOf<I extends Inputs> = { -readonly [K in keyof I]: EmittedBy<I[K]> };
