import type { Observable, ObservableInput } from 'rxjs';

import type { FailureOf, Flow, Outcome } from '../../flow.ts';
import type { Everything } from '../../failures-left.ts';

/** Any input of an Observable. */
export type Input = ObservableInput<unknown>;

/**
 * An input of which no failure is expected. It stands for the input where a program gives RxJS's
 * type arguments, which have none for it: a flow that can fail does not compile there, and so is
 * not forgotten.
 */
export type Inert<A = unknown> = Flow<A> | Exclude<ObservableInput<A>, Observable<A>>;

/**
 * An operator that leaves none of its source's failures over. It adds none, and so forgets none of
 * a plain Observable.
 */
export type Healing<A, B> = (source: Observable<A>) => Observable<B> & Outcome<never, Everything>;

/**
 * The failures of `I` that a type knows. What an `any` stands for is what was caught and is passed
 * on.
 */
export type KnownFailureOf<I> = I extends unknown ? (unknown extends FailureOf<I> ? never : FailureOf<I>) : never;
