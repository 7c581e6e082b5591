import { Interrupted, throwIfInterrupted } from './interrupted.ts';
import { signalOf } from './net-env.ts';

/** Why something is interrupted whose effect has ended without it. */
export const OVER = 'the effect that it was part of has ended';

const nothing = (): void => {};

/**
 * What runs under one signal and has something to close: waits, brackets, scopes within. A promise
 * that fp-ts made is not among it, and nobody has to wait for that.
 */
export class InFlight {
  /** Nothing more may begin. */
  hasEnded = false;
  private count = 0;
  private readonly whenIdle = new Set<() => void>();

  constructor(signal: AbortSignal) {
    inFlightOf.set(signal, this);
  }

  get isIdle(): boolean {
    return this.count === 0;
  }

  /** Counts one in. */
  enter(): void {
    this.count += 1;
  }

  /** Counts one out. */
  leave(): void {
    this.count -= 1;
    if (this.count > 0) return;
    for (const call of this.whenIdle) call();
  }

  /** Calls `call` each time when nothing is in flight any more; returns what ends that. */
  onIdle(call: () => void): () => void {
    this.whenIdle.add(call);
    return () => {
      this.whenIdle.delete(call);
    };
  }
}

const inFlightOf = new WeakMap<AbortSignal, InFlight>();

/**
 * Counts something in that a scope has to wait for when its signal is aborted; returns what counts
 * it out, once.
 *
 * @throws Interrupted when the scope has ended: fp-ts's parallel functions go on after they have failed.
 */
export function enter(signal: AbortSignal): () => void {
  const inFlight = inFlightOf.get(signal);
  if (inFlight === undefined) return nothing;
  throwIfEnded(signal);
  inFlight.enter();
  let entered = true;
  return () => {
    if (entered) inFlight.leave();
    entered = false;
  };
}

/**
 * To be called where a program goes on: it doesn't when it was interrupted meanwhile, or has ended
 * without this part of it.
 */
export function throwIfOver(env: unknown): void {
  const signal = signalOf(env);
  throwIfInterrupted(signal);
  throwIfEnded(signal);
}

/**
 * To be called where something is done in no time: also in a scope that was aborted, but not in one
 * that has ended.
 */
export function throwIfEnded(signal: AbortSignal): void {
  if (inFlightOf.get(signal)?.hasEnded === true) throw new Interrupted(OVER);
}
