import { filter, map } from 'rxjs';

import { libServer } from './lib-server.mjs';

// The price of RxJS itself: three operators that do nothing, on every chunk.
libServer((connection) =>
  connection.incoming.pipe(
    map((chunk) => chunk),
    filter(() => true),
    map((chunk) => chunk),
  ),
);
