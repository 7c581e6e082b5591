import { lengthPrefixed, serveFramed } from 'rxjs-net';

import { failed, listening, settings, socketOptions } from './host.mjs';

/**
 * Starts a server of the library that speaks frames with a length of 4 bytes in front.
 *
 * @param {(channel: import('rxjs-net').Channel<Buffer, import('rxjs-net').Chunk>) => import('rxjs').ObservableInput<Buffer>} handler
 */
export function libFramedServer(handler) {
  serveFramed({ ...settings.listen, ...socketOptions }, lengthPrefixed({ bytes: 4 }), handler).subscribe({
    next(event) {
      if (event.type === 'listening') listening(event.address);
      else if (event.type === 'failed') failed(event.failure);
    },
    error(error) {
      throw error;
    },
  });
}
