// Listens, and then sleeps until it is killed: who connects fills its backlog.
import { writeSync } from 'node:fs';

import { createNodeTransport } from '../../../../src/core/node/index.ts';
import { say } from './talk.ts';

const port = Number(process.argv[2]);
createNodeTransport().bind(
  { host: '127.0.0.2', port },
  { backlog: 1 },
  {
    onListening() {
      // Said and asleep in one turn: whoever hears of it finds that nothing is accepted any more.
      writeSync(1, `${JSON.stringify('listening')}\n`);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    },
    onAccepted: () => undefined,
    onAcceptFailed() {},
    onClosed: (failure) => say(failure?.message ?? 'closed'),
  },
);
