import type { NetFailure } from '../../core/failures/index.ts';

/** What `reconnecting` does, as it does it; discriminated by `type`. */
export type ReconnectEvent =
  | {
      /** It dials. */
      readonly type: 'attempt';
      /** How many attempts in a row this makes, since the last success, from 1. */
      readonly attempt: number;
    }
  | {
      /** The connection stands; whether it lasts has to be seen. */
      readonly type: 'up';
      readonly attempt: number;
    }
  | {
      /** It has been up for `stableAfter` ms: the counts of attempts and waits start over. */
      readonly type: 'stable';
      readonly attempt: number;
    }
  | {
      /** The attempt is over, before or after the connection stood. */
      readonly type: 'lost';
      readonly attempt: number;
      /** What it failed with, or what ended the connection; undefined when it ended in order. */
      readonly failure: NetFailure | undefined;
      /** How long it had been up, in ms; undefined when it never stood. */
      readonly uptime: number | undefined;
    }
  | {
      /** The next attempt begins after `delay` ms. */
      readonly type: 'waiting';
      readonly delay: number;
      /** The number that the next attempt will have. */
      readonly attempt: number;
    }
  | {
      /** No further attempt: there were `maxAttempts`, or `failure` isn't worth one. The flow fails next. */
      readonly type: 'gaveUp';
      readonly attempt: number;
      readonly failure: NetFailure | undefined;
    };
