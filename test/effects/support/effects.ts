// What the tests of effects have in common.
import { fromCallback, fromIO, type Net } from 'rxjs-net/effects';

/** Where a server of a test listens: on any port of the loopback. */
export const local = { port: 0, host: '127.0.0.1' } as const;

/** Waits until it is interrupted. */
export const never: Net<never, never> = fromCallback(() => () => {});

/** Notes that it was run. */
export const note = <A>(seen: A[], item: A): Net<never, void> => fromIO(() => void seen.push(item));
