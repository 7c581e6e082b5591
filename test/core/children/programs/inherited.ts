// Takes over the connection that it inherited as descriptor 3, and answers each chunk in capitals.
import { createNodeTransport, type DriverName } from '../../../../src/core/node/index.ts';
import { facts, say } from './talk.ts';

const driver = process.argv[2] as DriverName;
const transport = createNodeTransport({ driver });
const events: string[] = [];
const link = transport.dial(
  { fd: 3 },
  { noDelay: true, keepAlive: true, keepAliveInitialDelay: 600_000 },
  {
    onConnected() {
      say({ connected: events, local: link.local ?? null, remote: link.remote ?? null, bytesRead: link.bytesRead });
      // What waits already is to be read only now.
      setImmediate(() => setImmediate(() => link.startReading()));
    },
    onData(chunk) {
      events.push('data');
      link.write(chunk.toString().toUpperCase());
    },
    onEnd() {
      events.push('end');
      link.end();
    },
    onWritten() {},
    onClosed(failure) {
      say({ closed: facts(failure), events, bytesRead: link.bytesRead, bytesWritten: link.bytesWritten });
    },
  },
);
say({ early: events });
if (process.argv[3] === 'destroy') link.destroy();
// Only the link keeps the process alive.
process.stdin.destroy();
