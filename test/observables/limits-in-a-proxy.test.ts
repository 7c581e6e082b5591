import { merge, type Observable } from '../../src/rx.ts';
import { expect, test } from 'vitest';

import {
  type Connection,
  deadline,
  idleTimeout,
  readTimeout,
  sendTo,
  writeTimeout,
  type NetFailure,
  type Op,
} from '../../src/index.ts';
import { type FakeConnection, fakeConnection } from './support/fake-link.ts';
import { HandClock } from './support/resources.ts';

/** Two connections, the first piped into the second through a limit; what became of each. */
async function proxied(
  make: (from: Connection, to: Connection) => Observable<unknown>,
): Promise<{ from: FakeConnection; to: FakeConnection; clock: HandClock; failures: unknown[]; ends: string[] }> {
  const clock = new HandClock();
  const from = await fakeConnection({ clock });
  const to = await fakeConnection({ clock });
  const failures: unknown[] = [];
  const ends: string[] = [];
  from.connection.closed.subscribe(({ read }) => ends.push(`from: ${read}`));
  to.connection.closed.subscribe(({ read }) => ends.push(`to: ${read}`));
  make(from.connection, to.connection).subscribe({ error: (failure: unknown) => failures.push(failure) });
  return { from, to, clock, failures, ends };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test.each<[string, Op<never, never, NetFailure>]>([
  ['idleTimeout', idleTimeout(100)],
  ['readTimeout', readTimeout(100)],
  ['deadline', deadline(100)],
])('%s in a proxy is about what feeds it, and ends nothing else', async (_name, limit) => {
  const { clock, failures, ends } = await proxied((from, to) => from.incoming.pipe(sendTo(to), limit));
  clock.advance(99);
  await turn();
  expect([failures.length, ends]).toEqual([0, []]);
  clock.advance(1);
  await turn();
  expect([failures.length, ends]).toEqual([1, ['from: timeout']]);
});

test('the silence of what is only sent to does not count while it is fed', async () => {
  const { from, clock, failures } = await proxied((source, to) => source.incoming.pipe(sendTo(to), readTimeout(100)));
  for (let i = 0; i < 5; i++) {
    clock.advance(90);
    from.link.deliver('x');
    await turn();
  }
  expect(failures).toEqual([]);
});

test('writeTimeout in a proxy is about what is sent to', async () => {
  const { from, to, clock, failures, ends } = await proxied((source, sink) =>
    source.incoming.pipe(sendTo(sink), writeTimeout(100)),
  );
  to.link.stall();
  from.link.deliver('x'.repeat(100));
  await turn();
  clock.advance(100);
  await turn();
  expect(failures).toMatchObject([{ _tag: 'WriteTimeout' }]);
  expect(ends).toEqual(['to: timeout']);
});

test('of several that feed it, the one that is silent ends', async () => {
  const { to, clock, failures, ends } = await proxied((from, other) =>
    merge(from.incoming, other.incoming).pipe(idleTimeout(100)),
  );
  clock.advance(60);
  to.link.deliver('x');
  await turn();
  clock.advance(40);
  await turn();
  expect(failures).toMatchObject([{ _tag: 'IdleTimeout' }]);
  expect(ends).toEqual(['from: timeout']);
});

test('what is only sent to is what the limit is about, when nothing feeds it', async () => {
  const { clock, failures, ends } = await proxied((_from, to) =>
    to.send(new Promise<string>(() => {})).pipe(idleTimeout(100)),
  );
  clock.advance(100);
  await turn();
  expect(failures).toMatchObject([{ _tag: 'IdleTimeout' }]);
  expect(ends).toEqual(['to: timeout']);
});
