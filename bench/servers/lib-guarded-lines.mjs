import { map } from 'rxjs';
import { lines, messageTimeout, serve } from 'rxjs-net';

import { failed, listening, settings, socketOptions } from './host.mjs';

// Lines, with every limit that a server in the open has; none of them is reached.
serve(
  { ...settings.listen, ...socketOptions, firstByteTimeout: 120_000, readTimeout: 120_000, deadline: 600_000 },
  (connection) =>
    connection.incoming.pipe(
      lines(),
      messageTimeout(300_000),
      map((line) => `${line}\n`),
    ),
).subscribe({
  next(event) {
    if (event.type === 'listening') listening(event.address);
    else if (event.type === 'failed') failed(event.failure);
  },
  error(error) {
    throw error;
  },
});
