import * as fc from 'fast-check';
import { map, Subject } from 'rxjs';
import { describe, expect, test } from 'vitest';

import { byteBudget, type ByteBudget, type Chunk, type Connection, connect, listen, serve } from '../../src/index.ts';
import { from } from '../../src/rx.ts';
import { pattern } from './support/data.ts';
import { type FakeConnection, fakeConnection } from './support/fake-link.ts';
import { FakeUpstream } from './support/fake-upstream.ts';
import { rawPeer } from './support-failures/peers.ts';
import { record, Recording, tagOf } from './support-failures/record.ts';
import { echo, serving } from './support-failures/serving.ts';
import { turns, until } from './support-failures/wait.ts';

const KiB = 1_024;

/** Connections that share a budget, and whose peers take nothing yet. */
async function sharing(budget: ByteBudget, count: number, options: object = {}): Promise<FakeConnection[]> {
  const all: FakeConnection[] = [];
  for (let i = 0; i < count; i++) {
    const each = await fakeConnection({ budget, ...options });
    each.link.stall();
    all.push(each);
  }
  return all;
}

/** A source of chunks that can be held, as fast as it may. */
function sending(connection: Connection, size: number): { upstream: FakeUpstream; recording: Recording<never> } {
  const upstream = new FakeUpstream(1_000_000, 0, 0);
  const chunks = upstream.values.pipe(map(() => Buffer.alloc(size)));
  return { upstream, recording: record(connection.send(chunks)) };
}

const sum = (connections: readonly FakeConnection[]): number =>
  connections.reduce((total, { connection, link }) => total + (link.closed ? 0 : connection.bytesQueued), 0);

describe('who is held', () => {
  test('alone, a connection may have four fifths of it', async () => {
    const budget = byteBudget(100 * KiB);
    const [one] = await sharing(budget, 1, { highWaterMark: 1_000 * KiB });
    const { upstream } = sending((one as FakeConnection).connection, KiB);
    upstream.allow(1_000);
    expect(upstream.emitted).toBe(80);
    expect(upstream.held).toBe(1);
    expect(budget.queued).toBe(80 * KiB);
    expect(budget.connections).toBe(1);
  });

  test('those that take most are held first; small ones go on', async () => {
    const budget = byteBudget(100 * KiB);
    const [large, small] = await sharing(budget, 2, { highWaterMark: 1_000 * KiB });
    const taker = sending((large as FakeConnection).connection, KiB);
    taker.upstream.allow(1_000);
    expect(taker.upstream.held).toBe(1);
    const modest = sending((small as FakeConnection).connection, KiB);
    modest.upstream.allow(10);
    expect(modest.upstream.held).toBe(0);
    expect(modest.upstream.emitted).toBe(10);
    modest.upstream.allow(1_000);
    // Four times the rest of it.
    expect(modest.upstream.emitted).toBe(16);
    expect(budget.queued).toBe(96 * KiB);
  });

  test('one that is held goes on when its own bytes have left, whatever the others do', async () => {
    const budget = byteBudget(10 * KiB);
    const [stuck, live] = await sharing(budget, 2, { highWaterMark: 1_000 * KiB });
    sending((stuck as FakeConnection).connection, 20 * KiB).upstream.allow(1_000);
    expect(budget.queued).toBe(20 * KiB);
    const { connection, link } = live as FakeConnection;
    const { upstream } = sending(connection, KiB);
    for (let round = 1; round <= 100; round++) {
      upstream.allow(1);
      // There is nothing left, and yet each round brings it one chunk further.
      expect(upstream.emitted).toBe(round);
      expect(upstream.held).toBe(1);
      await turns(1);
      link.completeWrite();
      expect(upstream.held).toBe(0);
    }
    expect(link.received).toHaveLength(100 * KiB);
  });

  test('when a large one has closed there is room again', async () => {
    const budget = byteBudget(100 * KiB);
    const [large, small] = await sharing(budget, 2, { highWaterMark: 1_000 * KiB });
    sending((large as FakeConnection).connection, KiB).upstream.allow(1_000);
    (large as FakeConnection).connection.destroy();
    await turns();
    expect(budget.queued).toBe(0);
    const { upstream } = sending((small as FakeConnection).connection, KiB);
    upstream.allow(1_000);
    expect(upstream.emitted).toBe(80);
  });

  test('the bounds of each connection hold as well', async () => {
    const budget = byteBudget(1_000 * KiB);
    const [one] = await sharing(budget, 1, { highWaterMark: 10 * KiB });
    const { upstream } = sending((one as FakeConnection).connection, KiB);
    upstream.allow(1_000);
    expect(upstream.emitted).toBe(10);
  });

  test('a connection without a budget knows nothing of it', async () => {
    const budget = byteBudget(KiB);
    const [one] = await sharing(budget, 1);
    (one as FakeConnection).connection.write(Buffer.alloc(2 * KiB));
    const other = await fakeConnection();
    other.link.stall();
    expect(other.connection.write(Buffer.alloc(KiB))).toBe(true);
    expect(budget.queued).toBe(2 * KiB);
  });
});

describe('what can’t be held', () => {
  test('write returns false where there is too little left, and drain tells when it has left', async () => {
    const budget = byteBudget(10 * KiB);
    const [one, two] = await sharing(budget, 2);
    expect((one as FakeConnection).connection.write(Buffer.alloc(7 * KiB))).toBe(true);
    expect((one as FakeConnection).connection.write(Buffer.alloc(2 * KiB))).toBe(false);
    const events: string[] = [];
    const { connection, link } = two as FakeConnection;
    connection.events.subscribe(({ type }) => events.push(type));
    expect(connection.write(Buffer.alloc(4 * KiB))).toBe(false);
    await turns();
    expect(events).not.toContain('drain');
    link.completeWrite();
    expect(events).toContain('drain');
  });

  test('at the limit one that writes all the same fails, if it has more than an equal share', async () => {
    const budget = byteBudget(10 * KiB);
    const [large, small] = await sharing(budget, 2);
    (large as FakeConnection).connection.write(Buffer.alloc(9 * KiB));
    (small as FakeConnection).connection.write(Buffer.alloc(KiB));
    const failed = new Recording((large as FakeConnection).connection.incoming);
    const fine = new Recording((small as FakeConnection).connection.incoming);
    (small as FakeConnection).connection.write(Buffer.alloc(KiB));
    expect(fine.ending).toBeUndefined();
    (large as FakeConnection).connection.write('x');
    expect(failed.ending).toMatchObject({ kind: 'error', error: { _tag: 'BufferOverflow' } });
    const [info] = await record((large as FakeConnection).connection.closed).completion();
    expect(info?.failure).toMatchObject({ _tag: 'BufferOverflow', limit: 10 * KiB, queued: 11 * KiB });
    expect(info?.failure?.message).toMatch(/11264 bytes are queued on 2 connections, which share a budget of 10240/);
    expect(budget.queued).toBe(2 * KiB);
    expect(fine.ending).toBeUndefined();
  });

  test('a room by hand, which writes whatever write returns: the bound holds although somebody could be held', async () => {
    const limit = 100 * KiB;
    const budget = byteBudget(limit);
    const members = await sharing(budget, 10);
    const failures: string[] = [];
    for (const { connection } of members) {
      connection.closed.subscribe(({ failure }) => failures.push(failure?._tag ?? 'none'));
    }
    const speaker = new FakeUpstream(200);
    let most = 0;
    speaker.values.subscribe(() => {
      for (const { connection } of members) connection.write(Buffer.alloc(KiB));
      most = Math.max(most, budget.queued);
    });
    expect(speaker.holds).toBe(0);
    await turns();
    expect(most).toBeLessThanOrEqual(limit + members.length * KiB);
    expect(failures.length).toBeGreaterThan(0);
    expect(new Set(failures)).toEqual(new Set(['BufferOverflow']));
    expect(budget.queued).toBeLessThanOrEqual(limit);
  });

  test('a source that can’t be held fails the send that it feeds', async () => {
    const budget = byteBudget(10 * KiB);
    const [one] = await sharing(budget, 1);
    const source = new Subject<Uint8Array>();
    const result = record((one as FakeConnection).connection.send(source));
    for (let i = 0; i < 12 && source.observed; i++) source.next(Buffer.alloc(KiB));
    expect(tagOf(await result.failure())).toBe('BufferOverflow');
    await turns();
    expect(budget.queued).toBe(0);
  });

  test('what the kernel takes at once is never too much', async () => {
    const budget = byteBudget(10 * KiB);
    const one = await fakeConnection({ budget });
    for (let i = 0; i < 100; i++) one.connection.write(Buffer.alloc(KiB));
    await turns();
    expect(one.link.received).toHaveLength(100 * KiB);
    expect(budget.queued).toBe(0);
  });
});

test('property: what it counts is what waits, at any time and on every path, and in the end nothing', async () => {
  const index = fc.integer({ min: 0, max: 3 });
  const action = fc.oneof(
    { weight: 6, arbitrary: fc.tuple(fc.constant('write' as const), index, fc.integer({ min: 0, max: 3_000 })) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('text' as const), index, fc.integer({ min: 0, max: 3_000 })) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('send' as const), index, fc.integer({ min: 1, max: 3_000 })) },
    { weight: 4, arbitrary: fc.tuple(fc.constant('take' as const), index, fc.constant(0)) },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom('open' as const, 'stall' as const), index, fc.constant(0)) },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.constantFrom('end' as const, 'destroy' as const, 'reset' as const), index, fc.constant(0)),
    },
    { weight: 3, arbitrary: fc.tuple(fc.constantFrom('turn' as const), index, fc.constant(0)) },
  );
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 20_000 }), fc.array(action, { maxLength: 60 }), async (limit, steps) => {
      const budget = byteBudget(limit);
      const all: FakeConnection[] = [];
      for (let i = 0; i < 4; i++) all.push(await fakeConnection({ budget, highWaterMark: 4_000, maxQueued: 20_000 }));
      for (const [what, at, size] of steps) {
        const { connection, link } = all[at] as FakeConnection;
        if (what === 'write') connection.write(pattern(size));
        else if (what === 'text') connection.write('x'.repeat(size));
        else if (what === 'send') connection.send(from([pattern(size), pattern(size)])).subscribe({ error() {} });
        else if (what === 'take') {
          if (link.isOutstanding && !link.closed) link.completeWrite();
        } else if (what === 'open') link.open();
        else if (what === 'stall') link.stall();
        else if (what === 'turn') await turns(1);
        else connection[what]();
        // One that is being closed is counted until it has closed.
        if (all.some((each) => each.link.closed)) await turns(1);
        expect(budget.queued).toBe(sum(all));
        expect(budget.connections).toBe(
          all.filter((each) => !each.link.closed && each.connection.bytesQueued > 0).length,
        );
      }
      for (const { connection } of all) connection.destroy();
      await turns(1);
      expect([budget.queued, budget.connections]).toEqual([0, 0]);
    }),
    { numRuns: process.env['RXJS_NET_LONG'] === '1' ? 3_000 : 150 },
  );
}, 120_000);

describe('on real sockets', () => {
  test('peers that read nothing are bounded together, and one that reads is served', async () => {
    const limit = 1_024 * KiB;
    const budget = byteBudget(limit);
    const server = await serving(echo, { budget, highWaterMark: 256 * KiB });
    const stuck = await Promise.all(Array.from({ length: 20 }, () => rawPeer(server.place)));
    const block = Buffer.alloc(64 * KiB);
    let most = 0;
    for (const peer of stuck) {
      peer.stall();
      const flood = (): void => {
        while (!peer.socket.destroyed && peer.socket.write(block));
      };
      peer.socket.on('drain', flood);
      flood();
    }
    await until(() => {
      most = Math.max(most, budget.queued);
      return budget.queued > limit / 2;
    }, 'the budget to be used');
    const reader = await rawPeer(server.place);
    const sent = pattern(4 * 1_024 * KiB);
    reader.socket.write(sent);
    await until(
      () => {
        most = Math.max(most, budget.queued);
        return reader.bytes.length === sent.length;
      },
      () => `an echo; ${reader.bytes.length} bytes came`,
    );
    expect(reader.bytes.equals(sent)).toBe(true);
    // One chunk of each connection beyond it.
    expect(most).toBeLessThanOrEqual(limit + 21 * 64 * KiB);
    for (const peer of [...stuck, reader]) peer.socket.destroy();
    await server.until('closed', 21);
    expect([budget.queued, budget.connections]).toEqual([0, 0]);
  });

  test('servers and clients may share one', async () => {
    const budget = byteBudget(100 * KiB);
    const server = await serving(() => ['hello'], { budget });
    const received = await rawPeer(server.place);
    await received.receives('hello');
    const [connection] = await record(
      connect({ host: '127.0.0.1', port: (server.place as { port: number }).port, budget }),
    ).count(1);
    connection?.write('x');
    expect(budget.queued).toBe(1);
    connection?.destroy();
    await until(() => budget.queued === 0, 'nothing to wait');
  });
});

describe('bad input', () => {
  const options = { port: 0, host: '127.0.0.1' };
  const limits: [string, unknown, string][] = [
    ...[0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '5', null].map((limit): [string, unknown, string] => [
      String(limit),
      byteBudget(limit as number),
      'byteBudget',
    ]),
    ['a number', 5, 'budget'],
    ['another object', { limit: 5, queued: 0, connections: 0 }, 'budget'],
  ];

  test.each(limits)('%s', (_name, budget, option) => {
    for (const flow of [
      connect({ ...options, port: 1, budget: budget as ByteBudget }),
      listen({ ...options, budget: budget as ByteBudget }),
      serve({ ...options, budget: budget as ByteBudget }, (): Chunk[] => []),
    ]) {
      const { ending } = new Recording<unknown>(flow);
      expect(ending).toMatchObject({ kind: 'error', error: { _tag: 'InvalidOptions', option } });
    }
  });
});
