// Reading as effects: message by message, and whatever is interrupted, no byte is lost.
import { isRight, right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { none, some } from 'fp-ts/lib/Option.js';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  end,
  flush,
  forEachFrame,
  fromIO,
  type Net,
  netEnv,
  of,
  read,
  readAll,
  readExactly,
  readFrame,
  readUntil,
  receive,
  send,
  serveWith,
  timeout,
  toExit,
  toPromise,
  upgrade,
  withConnection,
  write,
  flatMap,
} from 'rxjs-net/effects';
import { type Channel, type Connection, lines } from '../../src/index.ts';
import { simulateNetwork } from '../../src/testing/index.ts';
import { subjects } from '../observables/framing/subjects.ts';
import { bytesOf, fakeConnection, type FakeLink } from '../observables/support/fake-link.ts';
import { turn } from '../observables/support/wait.ts';
import { hostileProxy } from './support/hostile.ts';

const NUM_RUNS = process.env['RXJS_NET_LONG'] === '1' ? 2_000 : 40;

/** Runs a read; the bytes of the pieces come while it waits, and it is given up and begun anew whenever the plan says so. */
async function readThrough<A>(
  readNext: Net<unknown, A>,
  link: FakeLink,
  pieces: Buffer[],
  plan: Iterator<'deliver' | 'abort' | 'wait'>,
): Promise<A> {
  for (;;) {
    const controller = new AbortController();
    let over = false;
    const reading = toExit(readNext, { signal: controller.signal }).finally(() => {
      over = true;
    });
    await Promise.resolve();
    const isOver = (): boolean => over;
    while (!isOver()) {
      const step = plan.next().value as 'deliver' | 'abort' | 'wait';
      if (step === 'abort') controller.abort();
      else if (step === 'deliver' && link.reading && pieces.length > 0) link.deliver(pieces.shift() ?? '');
      if (step !== 'abort') await turn();
      else await reading;
    }
    const exit = await reading;
    if (exit._tag === 'Success') return exit.value;
    if (exit._tag !== 'Interrupted') throw new Error('it failed', { cause: exit });
  }
}

function* forever<T>(items: readonly T[], last: T): Iterator<T> {
  for (let round = 0; round < 20; round++) yield* items;
  for (;;) yield last;
}

const cutUp = (bytes: Buffer, sizes: readonly number[]): Buffer[] => {
  const pieces: Buffer[] = [];
  for (let at = 0, turns = 0; at < bytes.length; turns++) {
    const size = sizes[turns % sizes.length] ?? 1;
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
};

const steps = fc.array(fc.constantFrom('deliver' as const, 'abort' as const, 'wait' as const), {
  minLength: 1,
  maxLength: 8,
});
const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 5 });

describe('the law: a read that is interrupted loses no byte', () => {
  test.each(subjects.map((subject) => [subject.name, subject] as const))('%s', async (_, subject) => {
    const framing = subject.make(200);
    await fc.assert(
      fc.asyncProperty(
        fc.array(subject.messages(200), { maxLength: 4 }),
        sizes,
        steps,
        async (messages, cuts, plan) => {
          const { connection, link } = await fakeConnection();
          const bytes = Buffer.concat(messages.map((message) => bytesOf(framing.encode(message))));
          const pieces = cutUp(bytes, cuts);
          const turns = forever(plan, 'deliver');
          for (const message of messages) {
            const seen = await readThrough(readFrame(framing)(connection), link, pieces, turns);
            expect(seen._tag).toBe('Some');
            expect(subject.seen((seen as { value: unknown }).value)).toEqual(subject.seen(message));
          }
          expect(pieces).toEqual([]);
          const ended = toPromise(readFrame(framing)(connection));
          await turn();
          link.deliverEnd();
          expect(await ended).toEqual(right(none));
          connection.destroy();
        },
      ),
      { numRuns: NUM_RUNS, endOnFailure: true },
    );
  });

  test('of any reads of bytes, one after the other', async () => {
    const kind = fc.oneof(
      fc.record({ exactly: fc.integer({ min: 0, max: 40 }) }),
      fc.record({ until: fc.constantFrom('a', 'ab', '\r\n') }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(kind, { maxLength: 6 }), sizes, steps, async (kinds, cuts, plan) => {
        const { connection, link } = await fakeConnection();
        const parts = kinds.map((each) =>
          'exactly' in each ? Buffer.alloc(each.exactly, 'a\r') : Buffer.from(`xyz${each.until}`),
        );
        const rest = Buffer.from('what is left');
        const pieces = cutUp(Buffer.concat([...parts, rest]), cuts);
        const turns = forever(plan, 'deliver');
        for (const [index, each] of kinds.entries()) {
          if ('exactly' in each) {
            expect(await readThrough(readExactly(each.exactly)(connection), link, pieces, turns)).toEqual(parts[index]);
          } else {
            const found = await readThrough(readUntil(each.until)(connection), link, pieces, turns);
            expect(found).toEqual(some(Buffer.from('xyz')));
          }
        }
        // Given up in the middle, reading all of it begins with what it had.
        const controller = new AbortController();
        const givenUp = toExit(readAll()(connection), { signal: controller.signal });
        while (pieces.length > 0) {
          await turn();
          if (link.reading) link.deliver(pieces.shift() ?? '');
        }
        controller.abort();
        expect((await givenUp)._tag).toBe('Interrupted');
        const all = toPromise(readAll()(connection));
        await turn();
        await turn();
        link.deliverEnd();
        expect(await all).toEqual(right(rest));
        connection.destroy();
      }),
      { numRuns: NUM_RUNS, endOnFailure: true },
    );
  });

  test('where a time limit races the bytes, in virtual time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 6 }),
        async (seed, waits, limit) => {
          const network = simulateNetwork({ seed, latency: 3 });
          const words = waits.map((_wait, index) => `word ${index}`);
          const seen: string[] = [];
          await network.run(async () => {
            const server = network.host('server').transport;
            const { transport } = network.host('client');
            const program = serveWith(
              { port: 80 },
              (connection) =>
                // Each line in two halves, with pauses around as long as the limit.
                waits.reduce<Net<unknown, void>>(
                  (before, wait, index) =>
                    pipe(
                      before,
                      flatMap(() => write(`word`)(connection)),
                      flatMap(() => pause(network, wait)),
                      flatMap(() => write(` ${index}\n`)(connection)),
                      flatMap(() => pause(network, wait)),
                    ),
                  of(undefined),
                ),
              () => of(undefined),
            );
            const ended = await toPromise(
              program(() =>
                pipe(
                  fromIO(() => netEnv({ transport })),
                  flatMap(
                    (env) => () =>
                      withConnection({ host: 'server', port: 80 })((connection) => loop(connection, limit, seen))(env),
                  ),
                ),
              ),
              { transport: server },
            );
            expect(isRight(ended)).toBe(true);
          });
          expect(seen).toEqual(words);
        },
      ),
      { numRuns: NUM_RUNS, endOnFailure: true },
    );
  });
});

const pause =
  (network: { sleep(ms: number): Promise<void> }, ms: number): Net<never, void> =>
  () =>
  async () =>
    right(await network.sleep(ms));

/** Reads lines, each attempt with a time limit, until the end. */
function loop(connection: Connection, limit: number, seen: string[]): Net<unknown, void> {
  const attempt = pipe(connection, readFrame(lines()), timeout(limit));
  return (env) => async () => {
    for (;;) {
      const line = await attempt(env)();
      if (line._tag === 'Left') {
        if (line.left._tag !== 'DeadlineExceeded') return line;
      } else if (line.right._tag === 'None') return right(undefined);
      else seen.push(line.right.value);
    }
  };
}

describe('the end of the stream', () => {
  test('`none` where a message may be missing, a failure where one was begun', async () => {
    const at = async <A>(bytes: string, net: (connection: Connection) => Net<unknown, A>): Promise<unknown> => {
      const { connection, link } = await fakeConnection({ allowHalfOpen: true });
      const running = toPromise(net(connection));
      await turn();
      if (bytes !== '') link.deliver(bytes);
      await turn();
      await turn();
      link.deliverEnd();
      const either = await running;
      connection.destroy();
      return either._tag === 'Left' ? either.left : either.right;
    };
    expect(await at('', read)).toEqual(none);
    expect(await at('', readFrame(lines()))).toEqual(none);
    expect(await at('abc', readFrame(lines()))).toEqual(some('abc'));
    expect(await at('', readUntil('\n'))).toEqual(none);
    expect(await at('abc', readUntil('\n'))).toMatchObject({ _tag: 'FrameTruncated', pending: 3 });
    expect(await at('', readExactly(2))).toMatchObject({ _tag: 'FrameTruncated', pending: 0 });
    expect(await at('a', readExactly(2))).toMatchObject({ _tag: 'FrameTruncated', pending: 1 });
    expect(await at('', readAll())).toEqual(Buffer.alloc(0));
    expect(await at('all', readAll())).toEqual(Buffer.from('all'));
  });
});

describe('what throws when it is looked at is a defect of the run, and throws nothing where the effect is built', () => {
  const throwing = (): never => {
    throw new Error('looked at');
  };
  const bug = { _tag: 'Defect', cause: { message: 'looked at' } };

  test.each<[string, (connection: Connection) => Net<unknown, unknown>]>([
    ['read', read],
    ['readExactly', readExactly(1)],
    ['readUntil', readUntil('\n')],
    ['readFrame', readFrame(lines())],
    ['readAll', readAll()],
    ['forEachFrame', forEachFrame(lines(), () => of(undefined))],
    ['write', write('x')],
    ['flush', flush],
    ['end', end],
  ])('%s of a connection', async (_, operation) => {
    const net = operation(hostileProxy() as Connection);
    expect(await toExit(net)).toMatchObject(bug);
  });

  test('a channel', async () => {
    const channel = hostileProxy() as Channel<string, string, never>;
    const nets: readonly Net<unknown, unknown>[] = [receive(channel), send('x')(channel), upgrade(lines())(channel)];
    for (const net of nets) expect(await toExit(net)).toMatchObject(bug);
  });

  test('a framing', async () => {
    const { connection } = await fakeConnection();
    const framing = new Proxy(lines(), { has: throwing });
    const nets: readonly Net<unknown, unknown>[] = [
      pipe(connection, readFrame(framing)),
      pipe(
        connection,
        forEachFrame(framing, () => of(undefined)),
      ),
    ];
    for (const net of nets) expect(await toExit(net)).toMatchObject(bug);
    connection.destroy();
  });

  test('the options of a read', async () => {
    const { connection } = await fakeConnection();
    const options = hostileProxy();
    const nets: readonly Net<unknown, unknown>[] = [readUntil('\n', options)(connection), readAll(options)(connection)];
    for (const net of nets) expect(await toExit(net)).toMatchObject(bug);
    connection.destroy();
  });
});
