import { Failure, type FailureDetails } from './base.ts';

/**
 * No connection of a pool could be had: as many callers wait already as may, or none became free in time. The size of the pool,
 * or how long it is used for one thing, doesn't fit the load.
 *
 * From `pool`.
 */
export class PoolExhausted extends Failure {
  readonly _tag = 'PoolExhausted' as const;
  /** How many connections there may be. */
  readonly size: number;
  /** How many callers waited, this one not included. */
  readonly waiting: number;
  /** How long this one waited, in ms; undefined when it was not let in. */
  readonly waited: number | undefined;
  constructor(
    details: FailureDetails & {
      readonly size: number;
      readonly waiting: number;
      readonly waited?: number | undefined;
    },
  ) {
    const { size, waiting, waited } = details;
    const others = waiting === 1 ? '1 other caller waits' : `${waiting} other callers wait`;
    const what =
      waited === undefined
        ? `every one of the ${size} connections of the pool is taken, and ${others} already`
        : `none of the ${size} connections of the pool became free within ${waited} ms; ${others}`;
    super(details, what);
    this.size = size;
    this.waiting = waiting;
    this.waited = waited;
  }
  override get name(): 'PoolExhausted' {
    return 'PoolExhausted';
  }
}
