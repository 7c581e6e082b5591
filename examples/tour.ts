import type { Defect, Flow, NetFailure } from 'rxjs-net';
import { concat, defer, finalize } from 'rxjs-net/rx';

import { echoServer } from './tour/echo-server.ts';
import { gracefulShutdown } from './tour/graceful-shutdown.ts';
import { idleTimeoutPart } from './tour/idle-timeout.ts';
import { ipcClient } from './tour/ipc-client.ts';
import { lineProtocol } from './tour/line-protocol.ts';
import type { Part } from './tour/part.ts';
import { refusedConnection } from './tour/refused-connection.ts';
import { slowConsumer } from './tour/slow-consumer.ts';

const parts: readonly Part[] = [
  echoServer,
  ipcClient,
  lineProtocol,
  slowConsumer,
  idleTimeoutPart,
  refusedConnection,
  gracefulShutdown,
];

/** Every part after the one before it, under its heading. */
export const tour: Flow<unknown, NetFailure | Defect> = concat(
  ...parts.map(({ title, about, run }, index) =>
    defer(() => {
      console.log(`\n${index + 1}. ${title}\n   ${about}\n`);
      return run;
    }),
  ),
).pipe(finalize(() => console.log('')));
