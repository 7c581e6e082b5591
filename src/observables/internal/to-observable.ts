import { from, Observable, type ObservableInput } from 'rxjs';

/** TEMPORARY until ../operators/from.ts is there. */
export function toObservable<A>(input: ObservableInput<A>): Observable<A> {
  return input instanceof Observable ? input : from(input);
}
