import { serve } from 'rxjs-net';

import { failed, listening, settings, socketOptions } from './host.mjs';

/**
 * Starts a server of the library for one of its variants.
 *
 * @param {Parameters<typeof serve>[1]} handler
 */
export function libServer(handler) {
  serve({ ...settings.listen, ...socketOptions }, handler).subscribe({
    next(event) {
      if (event.type === 'listening') listening(event.address);
      else if (event.type === 'failed') failed(event.failure);
    },
    error(error) {
      throw error;
    },
  });
}
