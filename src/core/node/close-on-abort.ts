import { ConnectionAborted } from '../failures/index.ts';
import { onAbort } from '../on-abort.ts';
import type { SocketLink } from './socket-link.ts';

/**
 * Closes the link when the signal is aborted, for as long as the link lives.
 *
 * @returns false when it is aborted already.
 */
export function closeOnAbort(link: SocketLink, signal: AbortSignal | undefined): boolean {
  if (signal === undefined) return true;
  const abort = (): void => {
    link.fail(
      new ConnectionAborted({
        message: 'the connection was aborted by its signal',
        code: 'ABORT_ERR',
        cause: signal.reason,
        ...link.place,
      }),
    );
  };
  if (signal.aborted) {
    abort();
    return false;
  }
  link.beforeClosed(onAbort(signal, abort));
  return true;
}
