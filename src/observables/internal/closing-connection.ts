import type { Incoming } from './incoming.ts';
import { MAX_KEPT } from './settings.ts';
import { CloseWatch } from './watches.ts';
import { WritableConnection } from './writable-connection.ts';

/**
 * How a connection closes in order, and what is read while nobody reads.
 *
 * After its FIN it reads, and discards what nobody reads, until the peer's FIN. A `CloseWatch` ends
 * that by force when the peer shows no sign of life. To close earlier would make the system answer
 * the next byte of the peer with a reset, at which the peer's system drops what the peer has not
 * read yet.
 */
export abstract class ClosingConnection extends WritableConnection {
  protected reader: Incoming | undefined = undefined;
  /** The peer's FIN was read. */
  peerHasEnded = false;
  protected discarding = false;
  /** Whatever comes is discarded once nobody reads. */
  protected mustDiscard = false;
  /** Reading only to see whether the peer ends. */
  protected peeking = false;
  private chunksKept = 0;

  abstract getReader(): Incoming;
  abstract get hasReader(): boolean;
  /** Closes it by force. */
  abstract cut(): void;

  // ---- closing

  /**
   * Closes in order, for who has ended the write side: reads, and drops what comes while nobody
   * reads it, until the peer's FIN.
   */
  discard(): void {
    if (this.stage !== 'open') return;
    this.mustDiscard = true;
    if (!this.hasReader) this.startDiscarding();
  }

  /** Ends the write side and waits for the peer's end, also while somebody reads. */
  closeInOrder(): void {
    this.end();
    this.discard();
    this.watchClose();
  }

  protected startDiscarding(): void {
    this.peeking = false;
    this.reader?.stopLingering();
    if (!this.peerHasEnded) {
      this.discarding = true;
      this.link.startReading();
    }
    this.watchClose();
  }

  /** From here on it is closed by force when it shows no sign of life. */
  protected watchClose(): void {
    if (this.stage === 'closed' || this.isClosingAtOnce) return;
    const { closeTimeout, clock } = this.settings;
    const extras = this.getExtras();
    if (extras.closing !== undefined) return;
    const watch = new CloseWatch(this, clock, closeTimeout, () => this.closeExpired());
    watch.countsIn = this.stage === 'open';
    extras.closing = watch;
    this.addWatch(watch);
  }

  /**
   * Nothing is left that could keep it: a server of many short connections starts no timer for
   * each.
   */
  private get isClosingAtOnce(): boolean {
    return this.peerHasEnded && this.hasEndedInOrder && this.link.closesAtOnce === true;
  }

  private closeExpired(): void {
    if (this.stage === 'open' && !this.mustDiscard && !this.peeking && this.settings.closeTimeout > 0) {
      // More came than is kept, and nobody took it. Behind it there is the rest, and the peer's
      // FIN.
      this.mustDiscard = true;
      this.reader?.fail(true);
      this.startDiscarding();
      this.extras?.closing?.restart();
    } else this.cut();
  }

  // ---- what comes while nobody reads

  protected onWriteSideEnded(): void {
    if (this.hasReader || this.mustDiscard || this.peerHasEnded || this.stage !== 'open') return;
    this.peek();
    this.watchClose();
  }

  /**
   * Nobody reads: without a look nobody would ever see that the peer ends. What comes instead is
   * kept for who reads later. Once our side has ended, more than one chunk of it is kept, since the
   * FIN is behind.
   */
  protected peek(): void {
    if (this.reader?.hasLeftovers === true) return;
    this.peeking = true;
    this.link.startReading();
  }

  protected keepUnread(chunk: Buffer): void {
    const kept = this.getReader().keepUnread(chunk);
    const onUnread = this.extras?.onUnread;
    if (onUnread !== undefined || this.isWritable || kept >= MAX_KEPT || ++this.chunksKept >= MAX_CHUNKS_KEPT) {
      this.peeking = false;
      this.link.stopReading();
    }
    if (this.extras !== undefined) this.extras.onUnread = undefined;
    onUnread?.();
  }

  /**
   * Reads while nobody else does, so that the peer's end and a reset are seen. Bytes that come are
   * kept, and `told` is called, once; no more of them is read then.
   */
  lookOut(told: () => void): void {
    if (this.stage !== 'open' || this.hasReader) return;
    this.getExtras().onUnread = told;
    this.peek();
  }

  /** Ends `lookOut`: nothing is read any more until somebody wants it. */
  lookAway(): void {
    if (this.extras !== undefined) this.extras.onUnread = undefined;
    if (!this.peeking) return;
    this.peeking = false;
    this.link.stopReading();
  }
}

/** Of very small ones: each is a copy of all that came before. */
const MAX_CHUNKS_KEPT = 64;
