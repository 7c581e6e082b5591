import { callMethod } from '../core/node/call-method.ts';
import { DuplexLink } from '../observables/interop/duplex-link.ts';

/** The link of a stream that may be a socket of `net`, and then has a reset. */
export class SocketDuplexLink extends DuplexLink {
  override reset(): void {
    try {
      callMethod(this.duplex, 'resetAndDestroy', []);
    } catch {
      // It has no reset: IPC.
    }
    this.destroy();
  }
}
