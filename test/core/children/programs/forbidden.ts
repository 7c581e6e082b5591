// Dials and binds where it may not.
import { createNodeTransport, type DriverName } from '../../../../src/core/node/index.ts';
import { facts, say } from './talk.ts';

const [, , driver, taken = '', free = ''] = process.argv;
const transport = createNodeTransport({ driver: driver as DriverName });
// Everything is loaded: from here on as somebody who may do little.
if (process.getuid?.() === 0) process.seteuid?.(65_534);
transport.dial(
  { path: taken },
  {},
  {
    onConnected: () => say('connected'),
    onData() {},
    onEnd() {},
    onWritten() {},
    onClosed(failure) {
      say(facts(failure));
      transport.bind(
        { path: free },
        {},
        {
          onListening: () => say('listening'),
          onAccepted: () => undefined,
          onAcceptFailed() {},
          onClosed: (reason) => say(facts(reason)),
        },
      );
    },
  },
);
process.stdin.destroy();
