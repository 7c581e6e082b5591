// What `npm start` runs: the tour, or with `serve` an echo server to talk to.
import process from 'node:process';

import { EMPTY } from 'rxjs-net/rx';
import { catchFailures, deadline, orDie, runFlow, type Flow } from 'rxjs-net';

import { readArguments, usage, type Place } from './arguments.ts';
import { serveEcho } from './serve-echo.ts';
import { tour } from './tour.ts';

/** Says what went wrong. The process ends by itself, for nothing is left open; this is the code it ends with. */
const giveUp = (code: 1 | 2, text: string): Flow<never> => {
  console.error(text);
  process.exitCode = code;
  return EMPTY;
};

/** The server, with everything that listening can fail with put into words. Leave one out, and `runFlow` does not compile. */
const server = (place: Place): Flow<unknown> =>
  serveEcho(place).pipe(
    catchFailures({
      AddressInUse: ({ message }) =>
        giveUp(
          1,
          'path' in place
            ? `${message}: another server listens there, or one that was killed left its file behind`
            : `${message}: choose another port, or --port 0 for any that is free`,
        ),
      AddressNotAvailable: ({ message }) => giveUp(1, message),
      HostNotFound: ({ message }) => giveUp(1, message),
      InvalidOptions: ({ message }) => giveUp(2, `${message}\n\n${usage}`),
      PathNotFound: ({ message }) => giveUp(1, message),
      PermissionDenied: ({ message }) =>
        giveUp(
          1,
          'path' in place
            ? `${message}: is its folder there, and yours?`
            : `${message}: ports below 1024 are for the system’s own services`,
        ),
      SystemFailure: ({ message }) => giveUp(1, message),
      TooManyFiles: ({ message }) => giveUp(1, message),
    }),
  );

const request = readArguments(process.argv.slice(2));

switch (request.command) {
  case 'help':
    console.log(usage);
    break;
  case 'refuse':
    giveUp(2, `${request.reason}\n\n${usage}`);
    break;
  case 'serve':
    await runFlow(server(request.place));
    break;
  case 'tour':
    // Nothing is expected to fail here, and nothing takes as long as this.
    await runFlow(tour.pipe(deadline(60_000), orDie())).catch((defect: unknown) => {
      giveUp(1, `The tour failed. ${defect instanceof Error ? defect.message : String(defect)}`);
    });
    break;
}
