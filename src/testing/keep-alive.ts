import type { SimulatedLink } from './link.ts';
import type { Network } from './network.ts';
import type { SegmentFate } from './trace.ts';

/** Linux's `tcp_keepalive_time`, `tcp_keepalive_intvl` and `tcp_keepalive_probes`. */
const SYSTEM = { idle: 7_200_000, interval: 75_000, probes: 9 };
/** What libuv sets beside a delay of one's own (`TCP_KEEPINTVL`, `TCP_KEEPCNT`). */
const BESIDE_A_DELAY = { interval: 1_000, probes: 10 };
/** How long a system keeps a connection that its program has closed and whose peer has not: Linux's `tcp_fin_timeout`. */
const FIN_TIMEOUT = 60_000;

/** Asks a peer that has been silent whether it is still there, and gives the connection up when it isn't. */
export class KeepAlive {
  private readonly network: Network;
  private readonly link: SimulatedLink;
  private settings = SYSTEM;
  private enabled = false;
  /** When anything last came from the peer. */
  private heardAt: number;
  private unanswered = 0;
  private cancelTimer: (() => void) | undefined = undefined;

  constructor(network: Network, link: SimulatedLink) {
    this.network = network;
    this.link = link;
    this.heardAt = network.clock.now();
  }

  /** @param initialDelay - in ms, of which whole seconds count; less than one leaves what is set. */
  set(enable: boolean, initialDelay: number): void {
    const seconds = Math.trunc(initialDelay / 1_000);
    if (enable && seconds > 0) this.settings = { idle: seconds * 1_000, ...BESIDE_A_DELAY };
    this.enabled = enable;
    this.stop();
    if (enable) this.wait(this.settings.idle - this.silence);
  }

  private get silence(): number {
    return this.network.clock.now() - this.heardAt;
  }

  /** Something has come from the peer, or will at that moment: an acknowledgement is no segment of its own here. */
  heard(time: number): void {
    this.heardAt = time;
    this.unanswered = 0;
  }

  /** The connection is over. */
  stop(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
  }

  private wait(ms: number): void {
    this.cancelTimer = this.network.clock.after(ms, () => this.check());
  }

  private check(): void {
    const { link, settings } = this;
    if (!this.enabled || link.isOver || link.broken !== undefined) return;
    // What waits for its acknowledgement is sent again as it is, and finds out too.
    if (link.state !== 'open' || link.out.owes) this.wait(settings.idle);
    else if (this.silence < settings.idle) this.wait(settings.idle - this.silence);
    else if (this.unanswered >= settings.probes) link.onGivenUp();
    else {
      this.unanswered++;
      // Who stalls the network wants nobody to give up.
      if (this.probe() === 'held') this.unanswered--;
      this.wait(settings.interval);
    }
  }

  private probe(): SegmentFate {
    const { network, link } = this;
    return network.sendOnce(link, { kind: 'KEEP-ALIVE' }, () => {
      const { peer } = link;
      if (peer === undefined) return;
      const lingers = peer.endedFirst && network.clock.now() - peer.closedAt < FIN_TIMEOUT;
      if (peer.isOver && !lingers) {
        network.answerWithReset(peer);
        return;
      }
      peer.keepAlive?.heard(network.clock.now());
      network.sendOnce(peer, { kind: 'ACK' }, () => this.heard(network.clock.now()));
    });
  }
}
