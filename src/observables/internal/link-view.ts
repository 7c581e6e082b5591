import type { Address } from '../../core/endpoint.ts';
import type { FailureDetails } from '../../core/failures/index.ts';
import { checkBoolean, checkDuration } from '../../core/options/index.ts';
import type { Link } from '../../core/transport.ts';
import { type Switches, UNTOUCHED } from './switches.ts';

/** What a connection answers, and does, by its link alone. */
export abstract class LinkView {
  declare link: Link;
  /** Made with the first switch. */
  protected switches: Switches | undefined = undefined;

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

  protected getSwitches(): Switches {
    return (this.switches ??= { ...UNTOUCHED });
  }

  setNoDelay(enable = true): this {
    checkBoolean('enable', enable);
    this.link.setNoDelay(enable);
    this.getSwitches().noDelay = enable;
    return this;
  }

  setKeepAlive(enable = false, initialDelay = 0): this {
    checkBoolean('enable', enable);
    if (initialDelay !== 0) checkDuration('initialDelay', initialDelay);
    this.link.setKeepAlive(enable, initialDelay);
    const switches = this.getSwitches();
    switches.keepAlive = enable;
    if (enable && initialDelay > 0) switches.keepAliveDelay = initialDelay;
    return this;
  }

  ref(): this {
    this.link.ref();
    this.getSwitches().isReferenced = true;
    return this;
  }

  unref(): this {
    this.link.unref();
    this.getSwitches().isReferenced = false;
    return this;
  }
}
