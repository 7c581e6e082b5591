import type { Clock } from '../../core/clock.ts';
import type { Stall } from '../../core/stall.ts';

/** What moved when a connection tells its watches of a change: bytes in, bytes out, or nothing but its state. */
export type Moved = 'in' | 'out' | 'nothing';

/** A connection, as far as its time limits look at it. */
export interface Watched {
  readonly bytesRead: number;
  /** Who reads it can take no more. */
  readonly isHeld: boolean;
  /** Bytes are wanted, and can be taken. */
  readonly isWanting: boolean;
  readonly hasUnsentBytes: boolean;
  /** What a pause of it waits for; undefined when it is not paused. */
  readonly stall: Stall | undefined;
  /**
   * Finds out whether bytes have left within an outstanding write; if so, all watches are told
   * before.
   */
  checkProgress(told: () => void): void;
  /** The peer's FIN has come. */
  readonly peerHasEnded: boolean;
  removeWatch(watch: Watch): void;
}

/**
 * One time limit over one connection. A subclass says when time counts; whenever it doesn't, the limit starts anew.
 *
 * Activity only notes the time: the timer is set anew when it fires, not with every chunk. Bytes
 * that leave within an outstanding write tell nothing of themselves. They are asked for when the
 * timer fires, which is more often while any wait.
 */
export abstract class Watch {
  protected readonly connection: Watched;
  private readonly clock: Clock;
  private readonly limit: number;
  private readonly expire: () => void;
  private since: number;
  private counting = false;
  private cancelTimer: (() => void) | undefined = undefined;
  private disposed = false;
  /** Called once, when it is disposed of: by whoever made it, or by its connection when that has closed. */
  whenDisposed: (() => void) | undefined = undefined;

  constructor(connection: Watched, clock: Clock, limit: number, expire: () => void) {
    this.connection = connection;
    this.clock = clock;
    this.limit = limit;
    this.expire = expire;
    this.since = clock.now();
  }

  /** The connection has taken it on. */
  start(): void {
    this.changed('nothing');
  }

  /** Whether the time that passes now counts against the limit. */
  protected abstract counts(): boolean;

  /** Whether this movement is what the limit asks for. */
  protected abstract isProgress(moved: Moved): boolean;

  /** Whether the process has to wait for it. */
  protected get keepsAlive(): boolean {
    return false;
  }

  /** Whether bytes that leave are what the limit asks for. */
  get countsOut(): boolean {
    return this.isProgress('out');
  }

  /** How long to the next look, at most. */
  private get step(): number {
    return this.connection.hasUnsentBytes && this.countsOut ? Math.ceil(this.limit / LOOKS) : this.limit;
  }

  changed(moved: Moved): void {
    if (this.disposed) return;
    const counts = this.counts();
    if (counts && (!this.counting || this.isProgress(moved))) this.since = this.clock.now();
    this.counting = counts;
    if (!counts) this.stopTimer();
    else if (this.cancelTimer === undefined) this.startTimer(this.step);
  }

  /** Starts over, after it has expired. */
  restart(): void {
    this.counting = false;
    this.changed('nothing');
  }

  /** An item has passed where the limit stands in a pipe. */
  itemPassed(): void {
    // Most limits go by bytes.
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.stopTimer();
    this.connection.removeWatch(this);
    this.whenDisposed?.();
  }

  private startTimer(delay: number): void {
    this.cancelTimer = this.clock.after(delay, () => this.fired(), this.keepsAlive);
  }

  private stopTimer(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
  }

  private fired(): void {
    this.cancelTimer = undefined;
    const { connection } = this;
    if (connection.hasUnsentBytes && this.countsOut) connection.checkProgress(() => this.checked());
    else this.goOn();
  }

  /**
   * Progress, and whatever else has happened meanwhile, has started the timer already, or ended the
   * time that counts.
   */
  private checked(): void {
    if (!this.disposed && this.counting && this.cancelTimer === undefined) this.goOn();
  }

  private goOn(): void {
    const left = this.since + this.limit - this.clock.now();
    // A platform's timer may come a fraction of a millisecond early.
    if (left > 0) {
      this.startTimer(Math.min(Math.ceil(left), this.step));
    } else if (this.hasMoved()) {
      this.since = this.clock.now();
      this.startTimer(this.step);
    } else {
      this.expire();
    }
  }

  /** Whether there was progress that no call has reported. */
  protected hasMoved(): boolean {
    return false;
  }
}

/**
 * How often within its limit a watch looks whether waiting bytes move: so it acts a fourth of it
 * late at most.
 */
const LOOKS = 4;

/**
 * No byte either way. Time in which our own consumer holds the connection doesn't count, unless it
 * is held because the peer doesn't take what we send, or the peer has ended: then only our side
 * could still move a byte.
 */
export class IdleWatch extends Watch {
  protected counts(): boolean {
    const { isHeld, hasUnsentBytes, peerHasEnded } = this.connection;
    return !isHeld || hasUnsentBytes || peerHasEnded;
  }

  protected isProgress(moved: Moved): boolean {
    return moved !== 'nothing';
  }
}

/** Bytes are wanted and none come. */
export class ReadWatch extends Watch {
  protected counts(): boolean {
    return this.connection.isWanting;
  }

  protected isProgress(moved: Moved): boolean {
    return moved === 'in';
  }
}

/** The first byte is wanted and doesn't come. */
export class FirstByteWatch extends Watch {
  protected counts(): boolean {
    return this.connection.isWanting && this.connection.bytesRead === 0;
  }

  protected isProgress(): boolean {
    return false;
  }

  override changed(moved: Moved): void {
    super.changed(moved);
    if (moved === 'in') this.dispose();
  }
}

/** Bytes have come of which no message was made yet, and more are wanted. */
export class MessageWatch extends Watch {
  private hasBegun = false;

  protected counts(): boolean {
    return this.hasBegun && this.connection.isWanting;
  }

  protected isProgress(): boolean {
    return false;
  }

  override changed(moved: Moved): void {
    if (moved === 'in') this.hasBegun = true;
    super.changed(moved);
  }

  override itemPassed(): void {
    this.hasBegun = false;
    super.changed('nothing');
  }
}

/** Bytes wait to leave and make no progress. */
export class WriteWatch extends Watch {
  protected counts(): boolean {
    return this.connection.hasUnsentBytes;
  }

  protected isProgress(moved: Moved): boolean {
    return moved === 'out';
  }
}

/** The connection closes, and shows no sign of life: no byte comes in, and none that wait leave. */
export class CloseWatch extends Watch {
  /**
   * Bytes that come in are none while it fails: whoever made it fail must not keep it by talking.
   */
  countsIn = true;

  protected override get keepsAlive(): boolean {
    return true;
  }

  protected counts(): boolean {
    return true;
  }

  protected isProgress(moved: Moved): boolean {
    return moved === 'out' || (moved === 'in' && this.countsIn);
  }
}

/**
 * A consumer has paused the connection, and its work neither emits nor completes. A peer that takes
 * no bytes is no such work.
 */
export class StallWatch extends Watch {
  private progress = Number.NaN;

  protected counts(): boolean {
    return this.connection.isHeld;
  }

  protected isProgress(): boolean {
    return false;
  }

  override changed(moved: Moved): void {
    if (!this.connection.isHeld) this.progress = Number.NaN;
    super.changed(moved);
    if (Number.isNaN(this.progress)) this.progress = this.connection.stall?.progress ?? Number.NaN;
  }

  protected override hasMoved(): boolean {
    const { stall } = this.connection;
    if (stall?.operator === undefined) return true;
    const hasMoved = stall.progress !== this.progress;
    this.progress = stall.progress;
    return hasMoved;
  }
}

/** All in all. */
export class DeadlineWatch extends Watch {
  protected counts(): boolean {
    return true;
  }

  protected isProgress(): boolean {
    return false;
  }
}
