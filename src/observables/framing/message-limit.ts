import { MessageTimeout } from '../../core/failures/index.ts';
import type { LiveConnection } from '../internal/live-connection.ts';

/** How long a message may take to come in full on a channel, in ms, where nothing else is said. */
export const DEFAULT_MESSAGE_TIMEOUT = 30_000;

let limitOfNext: MessageLimit | undefined;

/**
 * Subscribes to a framing by `subscribe`: its run watches `connection`, which ends when half a
 * message stays half for `ms`.
 */
export function withMessageLimit<T>(connection: LiveConnection, ms: number, subscribe: () => T): T {
  const outer = limitOfNext;
  limitOfNext = new MessageLimit(connection, ms);
  try {
    return subscribe();
  } finally {
    limitOfNext = outer;
  }
}

/**
 * The limit for the framing that is being subscribed to: of those made of others, the one that
 * reads the bytes.
 */
export function takeMessageLimit(): MessageLimit | undefined {
  const limit = limitOfNext;
  limitOfNext = undefined;
  return limit;
}

/**
 * Ends a connection with `MessageTimeout` when a message has begun and is not there in full after a
 * while. It is told once a chunk, not once a message: the timer is not moved for each, but looks
 * again when it fires.
 */
export class MessageLimit {
  private readonly connection: LiveConnection;
  private readonly ms: number;
  private since: number | undefined = undefined;
  private cancel: (() => void) | undefined = undefined;

  constructor(connection: LiveConnection, ms: number) {
    this.connection = connection;
    this.ms = ms;
  }

  /** Half a message is there, and more of it is wanted. `isNew`: it is another one than before. */
  wait(isNew: boolean): void {
    if (this.since !== undefined && !isNew) return;
    const { clock } = this.connection.settings;
    this.since = clock.now();
    this.cancel ??= this.startTimer(this.ms);
  }

  /** Nothing is begun, or its consumer makes it wait. */
  pause(): void {
    this.since = undefined;
  }

  stop(): void {
    this.since = undefined;
    this.cancel?.();
    this.cancel = undefined;
  }

  private startTimer(delay: number): () => void {
    return this.connection.settings.clock.after(delay, () => this.fired());
  }

  private fired(): void {
    this.cancel = undefined;
    const { connection, since, ms } = this;
    if (since === undefined) return;
    const left = since + ms - connection.settings.clock.now();
    if (left > 0) this.cancel = this.startTimer(Math.ceil(left));
    else connection.fail(new MessageTimeout({ ...connection.failureDetails(), limit: ms }));
  }
}
