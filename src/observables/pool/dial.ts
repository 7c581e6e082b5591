import type { Observable } from 'rxjs';

import { ConnectionClosed } from '../../core/failures/index.ts';
import type { Connection } from '../connection.ts';
import { collectLeaves, type LeafCollector, type LeafRole } from '../internal/leaves.ts';
import type { LiveConnection } from '../internal/live-connection.ts';
import { Receiver } from '../pacing/receiver.ts';
import type { Waiter } from './waiter.ts';

/** What a pool does with what becomes of a dial. */
export interface DialOwner {
  /** The flow dials this one, which is not established yet. */
  dialling(connection: LiveConnection): void;
  dialled(dial: Dial, connection: Connection): void;
  dialFailed(dial: Dial, failure: unknown): void;
}

/** One subscription of the flow that makes a pool's connections: it makes one, and keeps it open. */
export class Dial extends Receiver<Connection> implements LeafCollector {
  /** Who it was begun for, while that one waits. */
  waiter: Waiter | undefined;
  /** On the clock: when it began, and until when it may take, once its caller has gone. */
  since: number;
  until = Number.POSITIVE_INFINITY;
  cancelTimer: (() => void) | undefined = undefined;
  private readonly owner: DialOwner;
  private connection: Connection | undefined = undefined;

  constructor(owner: DialOwner, waiter: Waiter, since: number) {
    super();
    this.owner = owner;
    this.waiter = waiter;
    this.since = since;
  }

  start(source: Observable<Connection>): void {
    collectLeaves(this, () => source.subscribe(this));
  }

  found(connection: LiveConnection, role: LeafRole): void {
    if (role === 'dial') this.owner.dialling(connection);
  }

  protected onNext(connection: Connection): void {
    if (this.connection === undefined) {
      this.connection = connection;
      this.owner.dialled(this, connection);
    } else if (connection !== this.connection) {
      // One that nobody asked for.
      connection.destroy();
    }
  }

  protected onError(error: unknown): void {
    if (this.connection === undefined) this.owner.dialFailed(this, error);
    else this.connection.destroy();
  }

  protected onComplete(): void {
    if (this.connection !== undefined) return;
    this.owner.dialFailed(
      this,
      new ConnectionClosed({ message: 'the flow that dials completed without a connection' }),
    );
  }
}
