import { type Observable, type Operator, type OperatorFunction, type Subscriber } from 'rxjs';

/** Subscribes to the source of an operator. */
type Start<A, B> = (source: Observable<A>, subscriber: Subscriber<B>) => void;

/**
 * Returns an operator that is made as those of RxJS are: by the `lift` of its source. So a subclass
 * of Observable that has a `lift` of its own stays one.
 */
export function operator<A, B>(start: Start<A, B>): OperatorFunction<A, B> {
  const lifting: Operator<A, B> = {
    call(subscriber: Subscriber<B>, source: Observable<A>): void {
      try {
        start(source, subscriber);
      } catch (error) {
        subscriber.error(error);
      }
    },
  };
  return (source) => {
    if (!canLift(source)) throw new TypeError('an operator takes an Observable of RxJS as its source');
    return source.lift(lifting);
  };
}

function canLift<A>(source: Observable<A> | undefined): source is Observable<A> {
  return typeof source?.lift === 'function';
}
