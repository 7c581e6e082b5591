import { map } from 'rxjs';
import { lines } from 'rxjs-net';

import { libServer } from './lib-server.mjs';

libServer((connection) =>
  connection.incoming.pipe(
    lines(),
    map((line) => `you said ${line}\n`),
  ),
);
