// Looks at many TCP services, so many at once, and reports: `npm start -- crawl-services 127.0.0.1:22 db:5432 [::1]:80`.
// A service is up when it greets with a line, as SSH, SMTP, FTP and MySQL do.
import { pipe } from 'fp-ts/lib/function.js';
import { ConnectionClosed, isWorthRetrying, lines, type NetFailure } from 'rxjs-net';
import {
  allOf,
  type CheckedEndpoint,
  decodeInput,
  EndpointFromString,
  exponentialBackoff,
  flatMap,
  fromEither,
  fromOption,
  fullJitter,
  limitTo,
  matchTags,
  type Net,
  readFrame,
  retrying,
  timeout,
  toPromise,
  traverseArray,
  withConnection,
} from 'rxjs-net/effects';

import { giveUp, readOptions, stopped } from './program.ts';

const USAGE = 'crawl-services <endpoint>… [--concurrency 16] [--patience 2000] [--retries 2]';
const { options, rest } = readOptions(USAGE, { concurrency: '16', patience: '2000', retries: '2' });
const [concurrency = 0, patience = 0, retries = 0] = [options.concurrency, options.patience, options.retries].map(
  Number,
);

/** What a check finds. The rest of the program knows no failures, only these. */
type Finding =
  | { readonly state: 'up'; readonly greeting: string }
  | { readonly state: 'silent' }
  | { readonly state: 'closed' }
  | { readonly state: 'unreachable'; readonly why: string }
  | { readonly state: 'broken'; readonly why: string };

const policy = fullJitter(allOf(exponentialBackoff({ initial: 50, max: 1_000 }), limitTo(retries + 1)));

const closed = (): Finding => ({ state: 'closed' });
const silent = (): Finding => ({ state: 'silent' });
const unreachable = ({ message }: { readonly message: string }): Finding => ({ state: 'unreachable', why: message });
const broken = ({ message }: { readonly message: string }): Finding => ({ state: 'broken', why: message });

/** Connects, reads a line, hangs up; again, where another attempt may find something else. */
const check = (endpoint: CheckedEndpoint): Net<never, Finding> =>
  pipe(
    withConnection({ ...endpoint, connectTimeout: patience, closeTimeout: 500 })(readFrame(lines({ maxLength: 256 }))),
    flatMap(fromOption(() => new ConnectionClosed({ message: 'it hung up without a word' }))),
    timeout(patience),
    // Who says nothing will not say more when it is asked again.
    retrying(policy, {
      retryOn: (failure: NetFailure) => isWorthRetrying(failure) && failure._tag !== 'DeadlineExceeded',
    }),
    // Leave one out, and it does not compile.
    matchTags(
      {
        ConnectionRefused: closed,
        PathNotFound: closed,
        DeadlineExceeded: silent,
        AddressInUse: unreachable,
        AddressNotAvailable: unreachable,
        ConnectTimeout: unreachable,
        HostNotFound: unreachable,
        HostUnreachable: unreachable,
        NetworkUnreachable: unreachable,
        PermissionDenied: unreachable,
        TooManyFiles: unreachable,
        AlreadySubscribed: broken,
        BrokenPipe: broken,
        BufferOverflow: broken,
        ConnectionAborted: broken,
        ConnectionClosed: broken,
        ConnectionReset: broken,
        ConnectionTimedOut: broken,
        FrameTooLarge: broken,
        InvalidOptions: broken,
        SystemFailure: broken,
        WriteTimeout: broken,
      },
      (greeting): Finding => ({ state: 'up', greeting }),
    ),
  );

const describe = (finding: Finding): string => {
  if (finding.state === 'up') return `up: ${JSON.stringify(finding.greeting)}`;
  return 'why' in finding ? `${finding.state}: ${finding.why}` : finding.state;
};

/** How many of each. */
const summary = (findings: readonly Finding[]): string => {
  const counts: Record<Finding['state'], number> = { up: 0, silent: 0, closed: 0, unreachable: 0, broken: 0 };
  for (const { state } of findings) counts[state] += 1;
  return `${findings.length} checked: ${Object.entries(counts)
    .map(([state, count]) => `${count} ${state}`)
    .join(', ')}`;
};

const program = pipe(
  rest,
  traverseArray((text) => fromEither(decodeInput(EndpointFromString)(text)), { concurrency: 1 }),
  flatMap(traverseArray(check, { concurrency })),
  matchTags(
    { InvalidInput: ({ message }) => void giveUp(2, `${message}\nUsage: npm start -- ${USAGE}`) },
    (findings) => {
      for (const [index, finding] of findings.entries()) console.log(`${rest[index]} ${describe(finding)}`);
      console.log(summary(findings));
    },
  ),
);

await toPromise(program, { signal: stopped });
