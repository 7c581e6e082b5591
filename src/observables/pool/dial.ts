import { ConnectionClosed } from '../../core/failures/index.ts';
import type { Connection } from '../connection.ts';
import { Receiver } from '../pacing/receiver.ts';

/** What a pool does with what becomes of a dial. */
export interface DialOwner {
  dialled(dial: Dial, connection: Connection): void;
  dialFailed(dial: Dial, failure: unknown): void;
}

/** One subscription of the flow that makes a pool's connections: it makes one, and keeps it open. */
export class Dial extends Receiver<Connection> {
  private readonly owner: DialOwner;
  private connection: Connection | undefined = undefined;

  constructor(owner: DialOwner) {
    super();
    this.owner = owner;
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
