import { ConnectionClosed } from '../../core/failures/index.ts';

/** What whoever asks a pool that is closed for a connection is told, and whoever works with one that it cut. */
export function poolClosed(): ConnectionClosed {
  return new ConnectionClosed({ message: 'the pool is closed' });
}
