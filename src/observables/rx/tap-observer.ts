import type { Observer } from 'rxjs';

/** RxJS's `TapObserver`, which 7.8.0 does not export: what `tap` takes. */
export interface TapObserver<A> extends Observer<A> {
  subscribe: () => void;
  unsubscribe: () => void;
  finalize: () => void;
}
