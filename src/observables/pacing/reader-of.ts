import type { ObservableInput } from 'rxjs';

import type { Late } from '../failures/report-late.ts';

/** As RxJS has it, which doesn't export the name. */
export type ReadableStreamLike<A> = Extract<ObservableInput<A>, { getReader(): unknown }>;

/**
 * A `ReadableStream` as an iterator, with a cancel that doesn't wait for the chunk that was asked
 * for.
 */
export function readerOf<A>(
  stream: ReadableStreamLike<A>,
  late: Late,
): {
  readonly iterator: AsyncIterator<A>;
  readonly cancel: () => void;
} {
  const reader = stream.getReader();
  return {
    iterator: {
      next: async () => {
        let isAtEnd = true;
        try {
          const result = await reader.read();
          if (result.done) return { done: true, value: undefined };
          isAtEnd = false;
          return { done: false, value: result.value };
        } finally {
          if (isAtEnd) reader.releaseLock();
        }
      },
    },
    cancel: () => {
      // RxJS's type of a stream has no `cancel`; every real one does.
      if ('cancel' in reader && typeof reader.cancel === 'function') {
        Promise.resolve(reader.cancel()).catch(late);
      }
      reader.releaseLock();
    },
  };
}
