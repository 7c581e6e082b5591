import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';

import { onAbort } from '../core/on-abort.ts';
import type { Framing } from '../observables/framing/framing.ts';
import type { LiveConnection } from '../observables/internal/live-connection.ts';
import { MessageRead, type MessageTaker } from '../observables/internal/read-message.ts';
import { settleError, type Settling } from './either-of.ts';
import { rejectInterrupted } from './from-callback.ts';
import { enter } from './in-flight.ts';
import { Interrupted } from './interrupted.ts';
import { signalOf } from './net-env.ts';
import type { Program } from './net.ts';
import { start } from './start.ts';

/**
 * One run of `forEachFrame`. By callbacks: a promise for each read, with what it takes to interrupt
 * that, costs more than a short message does.
 */
export class FrameLoop<R, In, E> implements MessageTaker<In> {
  private readonly live: LiveConnection;
  private readonly framing: Framing<In, never, unknown>;
  private readonly f: (message: In) => Program<unknown, E, R>;
  private readonly env: R;
  private readonly settling: Settling<E, void>;
  private forget: (() => void) | undefined = undefined;
  /** Only while it reads: an effect that runs is waited for by itself. */
  private leaveScope: (() => void) | undefined = undefined;
  /** Undefined while the effect of a message runs, and at the end. */
  private reading: MessageRead<In> | undefined = undefined;
  /** What is at hand is taken while this begins to read. */
  private beginning = false;

  constructor(
    live: LiveConnection,
    framing: Framing<In, never, unknown>,
    f: (message: In) => ReaderTaskEither<R, E, unknown>,
    env: R,
    settling: Settling<E, void>,
  ) {
    this.live = live;
    this.framing = framing;
    this.f = f;
    this.env = env;
    this.settling = settling;
  }

  /** The signal isn't aborted yet. */
  start(): void {
    this.forget = onAbort(signalOf(this.env), () => this.interrupt());
    this.readNext();
  }

  private readNext(): void {
    const reading = new MessageRead<In>(this.live, this.framing, this);
    this.reading = reading;
    this.beginning = true;
    try {
      this.leaveScope = enter(signalOf(this.env));
      reading.start();
    } catch (defect) {
      this.died(defect);
    }
    this.beginning = false;
  }

  // ---- from the connection

  message(message: In): void {
    this.reading = undefined;
    this.leaveScope?.();
    // Not within the delivery: it would flush what the first step of the effect writes, and apart
    // from what the next one does.
    if (this.beginning) this.run(message);
    else void Promise.resolve().then(() => this.run(message));
  }

  ended(): void {
    this.leave();
    this.settling.resolve(right(undefined));
  }

  failed(failure: unknown): void {
    this.leave();
    settleError(this.settling, failure);
  }

  // ---- what is done with a message

  private run(message: In): void {
    let running: Promise<Either<E, unknown>>;
    try {
      running = start(this.f(message), this.env);
    } catch (defect) {
      this.died(defect);
      return;
    }
    running.then(this.ran, this.died);
  }

  private readonly ran = (either: Either<E, unknown>): void => {
    const signal = signalOf(this.env);
    if (isLeft(either)) {
      this.leave();
      this.settling.resolve(either);
    } else if (signal.aborted) this.died(new Interrupted(signal.reason));
    else this.readNext();
  };

  private readonly died = (defect: unknown): void => {
    this.leave();
    this.settling.reject(defect);
  };

  /** An effect that runs is interrupted by the same signal, and waited for. */
  private interrupt(): void {
    const { reading } = this;
    if (reading === undefined) return;
    this.leave();
    rejectInterrupted(signalOf(this.env), this.settling.reject, () => reading.cancel());
  }

  private leave(): void {
    this.reading = undefined;
    this.forget?.();
    this.leaveScope?.();
  }
}
