import type { Stall } from '../../core/stall.ts';
import { Observable } from 'rxjs';

import type { LimitFailure, NetFailure } from '../../core/failures/index.ts';
import { checkDuration } from '../../core/options/index.ts';
import type { CloseInfo, ConnectionEvent, HalfEnd } from '../connection.ts';
import type { Flow } from '../flow.ts';
import { ConnectionExtras, isDialEvent } from './connection-extras.ts';
import { isLimitFailure } from './failure-views.ts';
import { type ConnectionDescription, type ConnectionState, describeConnection, inspectConnection } from './inspect.ts';
import { LinkView } from './link-view.ts';
import { ProgressCheck } from './progress-check.ts';
import type { ConnectionSettings } from './settings.ts';
import { putBack, type Switches, UNTOUCHED } from './switches.ts';
import { IdleWatch, type Moved, type Watch, type Watched } from './watches.ts';

/**
 * What can be known of a connection, and who is told: where it stands, why it ends, its events, and
 * the time limits over it.
 */
export abstract class ObservedConnection extends LinkView implements Watched {
  readonly settings: ConnectionSettings;
  protected stage: ConnectionState;
  /** On the clock, from when it stood; once closed, how long it had stood. */
  protected openedAt: number | undefined = undefined;
  protected lifetime = 0;
  protected extras: ConnectionExtras | undefined = undefined;
  /** Why it ends, when that was decided on this side. */
  protected cause: NetFailure | undefined = undefined;
  protected causedEnd: HalfEnd | undefined = undefined;

  constructor(settings: ConnectionSettings, stage: 'dialling' | 'open') {
    super();
    this.settings = settings;
    this.stage = stage;
    if (stage === 'open') this.openedAt = settings.clock.now();
  }

  abstract get bytesQueued(): number;
  abstract get isHeld(): boolean;
  abstract get stall(): Stall | undefined;
  abstract get isWanting(): boolean;
  abstract get hasUnsentBytes(): boolean;
  abstract readonly peerHasEnded: boolean;
  /** How it ended; only once it has. */
  protected abstract closeInfo(): CloseInfo;

  /** A function of the program threw: reports it to the owner, and ends the connection. */
  abstract defect(thrown: unknown): void;

  // ---- how it is shown

  get state(): ConnectionState {
    return this.stage;
  }

  /** For logs: what it is made of is of no interest, and goes round in circles. */
  toJSON(): ConnectionDescription {
    return describeConnection(this);
  }

  /** What `console.log` shows, also of an event that has it. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return inspectConnection(this);
  }

  /**
   * The time limit of the options that ended it: the reader and the senders are told of it as a
   * cause only.
   */
  get limitPassed(): LimitFailure | undefined {
    return this.cause !== undefined && isLimitFailure(this.cause) ? this.cause : undefined;
  }

  /** Whether it was closed from this side, on purpose. */
  get wasClosedHere(): boolean {
    return this.causedEnd !== undefined;
  }

  // ---- a dial, as the link tells it

  onLookup(
    failure: NetFailure | undefined,
    address: string | undefined,
    family: number | undefined,
    host: string,
  ): void {
    this.emit({ type: 'lookup', host, address, family, failure });
  }

  onAttempt(address: string, port: number, family: number): void {
    this.emit({ type: 'attempt', address, port, family });
  }

  onAttemptFailed(address: string, port: number, family: number, failure: NetFailure): void {
    this.emit({ type: 'attemptFailed', address, port, family, failure });
  }

  onAttemptTimeout(address: string, port: number, family: number): void {
    this.emit({ type: 'attemptFailed', address, port, family, failure: undefined });
  }

  // ---- events

  get events(): Observable<ConnectionEvent> {
    return new Observable((subscriber) => this.getExtras().addEventSubscriber(subscriber, this.infoOfClosed));
  }

  get closed(): Flow<CloseInfo> {
    return new Observable<CloseInfo>((subscriber) =>
      this.getExtras().addCloseSubscriber(subscriber, this.infoOfClosed),
    );
  }

  private get infoOfClosed(): CloseInfo | undefined {
    return this.stage === 'closed' ? this.closeInfo() : undefined;
  }

  protected emit(event: ConnectionEvent): void {
    if (isDialEvent(event)) this.getExtras().tellAndRemember(event);
    else this.extras?.tell(event);
  }

  protected getExtras(): ConnectionExtras {
    return (this.extras ??= new ConnectionExtras(this));
  }

  // ---- time limits

  addWatch(watch: Watch): void {
    if (this.stage === 'closed') return;
    this.getExtras().addWatch(watch);
    watch.start();
    if (watch.countsOut && this.hasUnsentBytes) this.onOutstanding();
  }

  removeWatch(watch: Watch): void {
    this.extras?.removeWatch(watch);
  }

  protected notifyWatches(moved: Moved): void {
    this.extras?.notifyWatches(moved);
  }

  /** See `Watched`. */
  checkProgress(told: () => void): void {
    this.getProgress().ask(told);
  }

  /** A write is outstanding. */
  onOutstanding(): void {
    if (this.extras?.looksAtProgress === true) this.getProgress().begin();
  }

  private getProgress(): ProgressCheck {
    const extras = this.getExtras();
    return (extras.progress ??= new ProgressCheck(this.link, () => {
      extras.progressSeen++;
      extras.notifyWatches('out');
    }));
  }

  /**
   * A number that grows with each movement of bytes that is known of; `checkProgress` looks closer.
   */
  get movement(): number {
    return this.bytesRead + this.bytesWritten + (this.extras?.progressSeen ?? 0);
  }

  setTimeout(ms: number): this {
    if (ms !== 0) checkDuration('timeout', ms);
    this.getSwitches().idleNotice = ms;
    const extras = this.getExtras();
    extras.idleNotice?.dispose();
    extras.idleNotice = undefined;
    if (ms === 0 || this.stage === 'closed') return this;
    const notice = new IdleWatch(this, this.settings.clock, ms, () => {
      this.emit({ type: 'timeout' });
      notice.restart();
    });
    extras.idleNotice = notice;
    this.addWatch(notice);
    return this;
  }

  // ---- switches

  /** How it is switched, to be put back by `switchBack`. */
  copySwitches(): Readonly<Switches> {
    return this.switches === undefined ? UNTOUCHED : { ...this.switches };
  }

  /** Switches everything back that has been switched since `before`. */
  switchBack(before: Readonly<Switches>): void {
    const { switches, stage } = this;
    if (switches === undefined || stage === 'closed') return;
    putBack(this.link, switches, before, this.settings.tuning);
    if (switches.idleNotice !== before.idleNotice) this.setTimeout(before.idleNotice ?? 0);
    this.switches = before === UNTOUCHED ? undefined : { ...before };
  }
}
