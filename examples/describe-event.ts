import { formatAddress, type Defect, type NetFailure, type ServeEvent } from 'rxjs-net';

const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** What happened on a server, as one line. */
export const describeEvent = (event: ServeEvent<NetFailure | Defect>): string => {
  switch (event.type) {
    case 'listening':
      return `listening on ${formatAddress(event.address)}`;
    case 'opened':
      return `client connected: ${formatAddress(event.connection.remote)}`;
    case 'closed': {
      const { bytesRead, bytesWritten, lifetime } = event.info;
      return `client disconnected: ${bytesRead} bytes in, ${bytesWritten} out, ${Math.round(lifetime)} ms`;
    }
    case 'failed':
      return `a connection failed: ${event.failure.message}`;
    case 'dropped':
      return `a connection was dropped: ${event.failure?.message ?? event.reason}`;
    case 'draining':
      return `no longer listening; ${plural(event.open, 'connection')} may take ${event.deadline} ms to finish`;
    case 'stopped': {
      const { finished, cut, duration } = event.report;
      const pending = cut.reduce((sum, { bytesPending }) => sum + bytesPending, 0);
      const cuts = cut.length === 0 ? 'none cut' : `${cut.length} cut with ${pending} bytes unsent`;
      return `stopped after ${Math.round(duration)} ms: ${plural(finished, 'connection')} finished, ${cuts}`;
    }
    default:
      return event satisfies never;
  }
};
