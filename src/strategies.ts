/**
 * Strategies of `paced`: what it does with values that its consumer can't take yet.
 *
 * They have a place of their own since RxJS has operators named `buffer` and `sample`.
 *
 * @module
 */
export { buffer } from './observables/strategies/buffer.ts';
export { drop } from './observables/strategies/drop.ts';
export { latest } from './observables/strategies/latest.ts';
export { sample } from './observables/strategies/sample.ts';
export type {
  BufferOptions,
  BufferStrategy,
  DropStrategy,
  LatestStrategy,
  LosslessStrategy,
  LossyStrategy,
  Overflow,
  SampleStrategy,
  Strategy,
} from './observables/strategies/strategy.ts';
