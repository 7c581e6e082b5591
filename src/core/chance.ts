import type { Transport } from './transport.ts';

/**
 * The chance of the process: it goes through the global `Math.random` on each call, as
 * `systemClock` goes through the global timers.
 */
export const systemRandom = (): number => Math.random();

/**
 * The chance of a transport; that of the process where one that was written in JavaScript has none.
 */
export function randomOf(transport: Pick<Partial<Transport>, 'random'>): () => number {
  return transport.random ?? systemRandom;
}
