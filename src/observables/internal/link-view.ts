import type { Address } from '../../core/endpoint.ts';
import type { FailureDetails } from '../../core/failures/index.ts';
import { checkBoolean, checkDuration } from '../../core/options/index.ts';
import type { Link } from '../../core/transport.ts';

/** What a connection answers, and does, by its link alone. */
export abstract class LinkView {
  declare link: Link;

  // ---- addresses and counters

  get local(): Address | undefined {
    return this.link.local;
  }

  get remote(): Address | undefined {
    return this.link.remote;
  }

  get bytesRead(): number {
    return this.link.bytesRead;
  }

  get bytesWritten(): number {
    return this.link.bytesWritten;
  }

  /** Whether any byte came in, or left. */
  get hasMoved(): boolean {
    return this.bytesRead > 0 || this.bytesWritten > 0;
  }

  /** The remote end, as failures name it. */
  failureDetails(): FailureDetails {
    const { remote } = this;
    if (remote === undefined) return {};
    if ('path' in remote) return { address: remote.path };
    return { address: remote.address, port: remote.port };
  }

  // ---- the socket's switches

  setNoDelay(enable = true): this {
    checkBoolean('enable', enable);
    this.link.setNoDelay(enable);
    return this;
  }

  setKeepAlive(enable = false, initialDelay = 0): this {
    checkBoolean('enable', enable);
    if (initialDelay !== 0) checkDuration('initialDelay', initialDelay);
    this.link.setKeepAlive(enable, initialDelay);
    return this;
  }

  ref(): this {
    this.link.ref();
    return this;
  }

  unref(): this {
    this.link.unref();
    return this;
  }
}
