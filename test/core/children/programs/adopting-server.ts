// Listens on the socket that it inherited as descriptor 3, answers one connection and stops.
import { createNodeTransport, type DriverName } from '../../../../src/core/node/index.ts';
import { facts, say } from './talk.ts';

const driver = process.argv[2] as DriverName;
const transport = createNodeTransport({ driver });
const binding = transport.bind(
  { fd: 3 },
  {},
  {
    onListening: (address) => say({ listening: address }),
    onAccepted(link) {
      link.startReading();
      binding.close();
      return {
        onData: (chunk) => void link.write(chunk),
        onEnd: () => link.end(),
        onWritten() {},
        onClosed: (failure) => say({ linkClosed: facts(failure) }),
      };
    },
    onAcceptFailed: (failure) => say({ acceptFailed: facts(failure) }),
    onClosed: (failure) => say({ closed: facts(failure) }),
  },
);
process.stdin.destroy();
