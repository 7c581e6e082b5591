import { ignoreElements, tap } from 'rxjs';

import { byteCheck } from './host.mjs';
import { libServer } from './lib-server.mjs';

libServer((connection) => connection.incoming.pipe(tap(byteCheck()), ignoreElements()));
