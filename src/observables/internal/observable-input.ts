import { isObservable, type ObservableInput } from 'rxjs';

/** Whether RxJS's `from` would take it. */
export function isObservableInput(value: unknown): value is ObservableInput<unknown> {
  if (typeof value === 'string') return false;
  if (isObservable(value)) return true;
  if (typeof value !== 'object' || value === null) return false;
  return (
    Symbol.iterator in value ||
    Symbol.asyncIterator in value ||
    ('then' in value && typeof value.then === 'function') ||
    ('getReader' in value && typeof value.getReader === 'function') ||
    (typeof Symbol.observable === 'symbol' && Symbol.observable in value)
  );
}
