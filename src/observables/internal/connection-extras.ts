import type { Subscriber } from 'rxjs';

import { callEach } from '../../core/report-defect.ts';
import type { CloseInfo, ConnectionEvent } from '../connection.ts';
import { ContextSubscriber } from './in-context.ts';
import type { PeerCheck } from './peer-check.ts';
import type { ProgressCheck } from './progress-check.ts';
import type { CloseWatch, Moved, Watch } from './watches.ts';

/** Takes what a subscriber of the connection's events threw. */
export interface DefectTaker {
  defect(thrown: unknown): void;
}

/** What only some connections have: who hears of their events and their end, and timers. */
export class ConnectionExtras {
  /** Replaced and not changed: a watch that is told may end another one. */
  private watches: readonly Watch[] = NONE;
  idleNotice: Watch | undefined = undefined;
  progress: ProgressCheck | undefined = undefined;
  /** How often a check has found that bytes had left within an outstanding write. */
  progressSeen = 0;
  /** While it closes. */
  closing: CloseWatch | undefined = undefined;
  peerCheck: PeerCheck | undefined = undefined;
  /** Who looks out for bytes that nobody wanted. */
  onUnread: (() => void) | undefined = undefined;
  private eventSubscribers: Set<ContextSubscriber<ConnectionEvent>> | undefined = undefined;
  private closeSubscribers: Set<ContextSubscriber<CloseInfo>> | undefined = undefined;
  private history: ConnectionEvent[] | undefined = undefined;
  private readonly connection: DefectTaker;

  constructor(connection: DefectTaker) {
    this.connection = connection;
  }

  // ---- who hears of it

  /** `closed`: what it told at its end, when that is past. */
  addEventSubscriber(subscriber: Subscriber<ConnectionEvent>, closed: CloseInfo | undefined): (() => void) | undefined {
    if (this.history !== undefined) for (const event of this.history) subscriber.next(event);
    if (closed !== undefined) {
      subscriber.next({ type: 'close', info: closed });
      subscriber.complete();
      return undefined;
    }
    return addTo((this.eventSubscribers ??= new Set()), subscriber);
  }

  addCloseSubscriber(subscriber: Subscriber<CloseInfo>, closed: CloseInfo | undefined): (() => void) | undefined {
    if (closed !== undefined) {
      subscriber.next(closed);
      subscriber.complete();
      return undefined;
    }
    return addTo((this.closeSubscribers ??= new Set()), subscriber);
  }

  tell(event: ConnectionEvent): void {
    if (this.eventSubscribers === undefined) return;
    // Who subscribes while it is told is told of what comes later.
    const present = [...this.eventSubscribers];
    this.each(present, (subscriber) => subscriber.next(event));
  }

  /**
   * What happens while dialling is kept for who subscribes afterwards: a few events for each
   * address.
   */
  tellAndRemember(event: ConnectionEvent): void {
    const history = (this.history ??= []);
    if (history.length < LONGEST_HISTORY) history.push(event);
    this.tell(event);
  }

  tellClosed(info: CloseInfo): void {
    this.tell({ type: 'close', info });
    this.each(take(this.eventSubscribers), (subscriber) => subscriber.complete());
    this.each(take(this.closeSubscribers), (subscriber) => {
      subscriber.next(info);
      subscriber.complete();
    });
  }

  /** A teardown of one subscriber may throw: the others are told all the same. */
  private each<T>(subscribers: readonly T[], tell: (subscriber: T) => void): void {
    callEach(subscribers, tell, (thrown) => this.connection.defect(thrown));
  }

  // ---- time

  addWatch(watch: Watch): void {
    this.watches = [...this.watches, watch];
  }

  removeWatch(watch: Watch): void {
    if (this.watches.includes(watch)) this.watches = this.watches.filter((each) => each !== watch);
  }

  notifyWatches(moved: Moved): void {
    for (const watch of this.watches) watch.changed(moved);
  }

  /** Whether any watch has to know of bytes that leave within an outstanding write. */
  get looksAtProgress(): boolean {
    for (const watch of this.watches) if (watch.countsOut) return true;
    return false;
  }

  stopTimers(): void {
    this.peerCheck?.stop();
    const { watches } = this;
    this.watches = NONE;
    for (const watch of watches) watch.dispose();
  }
}

/** A name with more addresses than this is not worth remembering in full. */
const LONGEST_HISTORY = 64;

/** Whether it is one of the events of a dial. */
export function isDialEvent(event: ConnectionEvent): boolean {
  return (
    event.type === 'lookup' || event.type === 'attempt' || event.type === 'attemptFailed' || event.type === 'connect'
  );
}

const NONE: readonly Watch[] = [];

function addTo<T>(set: Set<ContextSubscriber<T>>, subscriber: Subscriber<T>): () => void {
  const told = new ContextSubscriber(subscriber);
  set.add(told);
  return () => set.delete(told);
}

/** Empties the set first: a subscriber that leaves while it is told must not disturb the round. */
function take<T>(set: Set<T> | undefined): T[] {
  if (set === undefined) return [];
  const all = [...set];
  set.clear();
  return all;
}
