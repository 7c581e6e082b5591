import type { ObservedValueOf } from 'rxjs';

/**
 * What an input of an Observable emits, as RxJS's `ObservedValueOf` says it. That compares all
 * methods of a Flow with all of an Observable, for each Flow anew; this asks an Observable for one.
 */
export type EmittedBy<I> = I extends {
  forEach(next: (value: infer A) => void, promiseCtor?: PromiseConstructorLike): Promise<void>;
}
  ? A
  : ObservedValueOf<I>;
