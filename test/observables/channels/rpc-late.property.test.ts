// Random servers (slow, out of order, late, silent) and random clients (deadlines, cancellations) over a simulated network, with ids of
// one byte, two bytes and more: no request gets the answer to another one, the connection survives, and each request ends.
import process from 'node:process';

import { ignoreElements, Observable } from 'rxjs';
import { expect, test } from 'vitest';

import {
  connect,
  framed,
  isNetFailure,
  jsonLines,
  mapFraming,
  orDie,
  rpc,
  runFlow,
  serveFramed,
} from '../../../src/index.ts';
import { mergeMap } from '../../../src/rx.ts';
import { exploreSeeds, type SeededRun } from '../../../src/testing/index.ts';

interface Message {
  readonly id: number;
  readonly text: string;
  readonly part: 'more' | 'last' | 'end';
}

const wire = mapFraming(
  jsonLines(),
  (value) => value as Message,
  (message: Message) => ({ ...message }),
);

const WIDTHS = [3, 255, 65_535, undefined] as const;

/** How the server treats one request. */
type Habit = 'at once' | 'slow' | 'stream' | 'never';

async function run({ network: make, random }: SeededRun): Promise<void> {
  const network = make({ latency: random.integer(0, 20), chunking: { least: 1, most: random.integer(1, 200) } });
  const largestId = WIDTHS[random.integer(0, WIDTHS.length - 1)];
  const neverAnswers = random.integer(0, 2) === 0;
  const habits: readonly Habit[] = ['at once', 'slow', 'slow', 'stream', neverAnswers ? 'never' : 'slow'];
  const server = serveFramed({ port: 80, transport: network.host('server').transport }, wire, ({ incoming }) =>
    incoming.pipe(
      mergeMap(
        ({ id, text }) =>
          new Observable<Message>((subscriber) => {
            const habit = habits[random.integer(0, habits.length - 1)] ?? 'slow';
            const count = habit === 'stream' ? 3 : 1;
            const wait = habit === 'slow' ? random.integer(1, 3_000) : random.integer(0, 20);
            const answer = (n: number): void => {
              const part = n === count ? 'last' : 'more';
              subscriber.next({ id, text, part });
              if (part === 'last') subscriber.complete();
              else network.clock.after(wait, () => answer(n + 1));
            };
            if (habit !== 'never') network.clock.after(wait, () => answer(1));
          }),
      ),
    ),
  );
  const closed: string[] = [];
  const serving = server.subscribe((event) => {
    if (event.type === 'failed') closed.push(event.failure.message);
  });
  const wrong: string[] = [];
  const ended: string[] = [];
  const count = random.integer(0, 3) === 0 ? 400 : 60;
  const talk = connect({ host: 'server', port: 80, transport: network.host('client').transport }).pipe(
    mergeMap((connection) => {
      connection.closed.subscribe(() => closed.push(ended.length < count ? 'too early' : 'in the end'));
      const client = rpc(framed(connection, wire), {
        assign: (text: string, id): Message => ({ id, text, part: 'last' }),
        idOf: ({ id }) => id,
        part: ({ part }) => part,
        ...(largestId === undefined ? {} : { largestId }),
        maxInFlight: Math.min(largestId ?? 20, random.integer(1, 40)),
        owedTimeout: 10_000,
      });
      return new Observable<never>((subscriber) => {
        const settle = (how: string): void => {
          ended.push(how);
          if (ended.length < count) return;
          // Whatever was late: it comes, and the connection goes on.
          network.clock.after(20_000, () => {
            expect(closed).toEqual([]);
            client.release();
            connection.destroy();
            subscriber.complete();
          });
        };
        for (let n = 0; n < count; n++) {
          const text = `request ${n}`;
          network.clock.after(random.integer(0, 4_000), () => {
            // Where the peer may never answer, only a deadline ends a request.
            const mayWait = !neverAnswers && random.integer(0, 2) === 0;
            const options = mayWait ? {} : { deadline: random.integer(1, 2_000) };
            const subscription = client.request(text, options).subscribe({
              next: (answer) => {
                if (answer.text !== text) wrong.push(`${text} got the answer to ${answer.text}`);
              },
              error: (error: unknown) => settle(isNetFailure(error) ? error._tag : `a defect: ${String(error)}`),
              complete: () => settle('answered'),
            });
            if (random.integer(0, 4) === 0) {
              network.clock.after(random.integer(0, 500), () => {
                if (subscription.closed) return;
                subscription.unsubscribe();
                settle('given up');
              });
            }
          });
        }
      });
    }),
    ignoreElements(),
    orDie(),
  );
  await network.run(() => runFlow(talk));
  serving.unsubscribe();
  expect(wrong).toEqual([]);
  expect(closed).toEqual(['in the end']);
  expect(ended).toHaveLength(count);
  const tags = new Set(ended);
  for (const allowed of ['answered', 'given up', 'DeadlineExceeded', 'BufferOverflow']) tags.delete(allowed);
  expect([...tags]).toEqual([]);
}

test('each request gets its own answer, and ends', async () => {
  await exploreSeeds(process.env['RXJS_NET_LONG'] === '1' ? 2_000 : 60, run);
}, 120_000);
