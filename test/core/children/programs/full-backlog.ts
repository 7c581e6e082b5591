// Listens, and then sleeps until it is killed: who connects fills its backlog.
import { createNodeTransport } from '../../../../src/core/node/index.ts';
import { say } from './talk.ts';

const port = Number(process.argv[2]);
createNodeTransport().bind(
  { host: '127.0.0.2', port },
  { backlog: 1 },
  {
    onListening() {
      say('listening');
      // What was said has to leave first.
      setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
    },
    onAccepted: () => undefined,
    onAcceptFailed() {},
    onClosed: (failure) => say(failure?.message ?? 'closed'),
  },
);
