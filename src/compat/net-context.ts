import type { StreamTransport } from '../core/stream-link.ts';
import type { Transport } from '../core/transport.ts';
import type { SocketConstructor } from './socket.ts';

/**
 * Whose word counts where the specification and today's Node disagree: `spec` is the specification's, `node` the `net` of the
 * Node that runs.
 */
export type Behaviour = 'spec' | 'node';

/** What all the sockets and servers of one `net` share. */
export interface NetContext {
  readonly transport: Transport;
  readonly streams: StreamTransport;
  readonly behaviour: Behaviour;
  readonly coalesceWrites: boolean;
  /** The class of its sockets; it is there once the net is made. */
  Socket: SocketConstructor;
}
