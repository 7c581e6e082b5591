import process from 'node:process';

import { serve, type Address, type Flow, type ListenFailure } from 'rxjs-net';
import { defer, fromEvent, merge, share, skip, takeUntil, tap } from 'rxjs-net/rx';

import type { Place } from './arguments.ts';
import { describeEvent } from './describe-event.ts';
import { echo } from './echo.ts';

/** Who listens on every address is reached by this one. */
const reachable = (address: string): string => (address === '::' || address === '0.0.0.0' ? 'localhost' : address);

const howToTalk = (address: Address): string =>
  'path' in address
    ? `  nc -U ${address.path}`
    : `  nc ${reachable(address.address)} ${address.port}\n  telnet ${reachable(address.address)} ${address.port}`;

/**
 * The echo server, until SIGINT or SIGTERM: then it stops listening, lets its clients finish, and reports. A second signal
 * doesn't wait for them.
 */
export const serveEcho = (place: Place): Flow<unknown, ListenFailure> =>
  defer(() => {
    const signals = merge(fromEvent(process, 'SIGINT'), fromEvent(process, 'SIGTERM')).pipe(share());
    return serve({ ...place, shutdown: signals, drainTimeout: 5_000 }, echo).pipe(
      tap((event) => {
        console.log(describeEvent(event));
        if (event.type === 'listening')
          console.log(`Talk to it with\n${howToTalk(event.address)}\nand stop it with Ctrl-C.`);
      }),
      takeUntil(signals.pipe(skip(1))),
    );
  });
