import * as fc from 'fast-check';
import { filter, firstValueFrom, NEVER, of, repeat, share, take, takeUntil, tap, timer, toArray } from 'rxjs';
import { describe, expect, test } from 'vitest';

import {
  type CloseInfo,
  type Connection,
  ConnectionReset,
  currentUpstream,
  InvalidOptions,
  lines,
  sendTo,
} from '../../src/index.ts';
import { concat } from '../../src/rx.ts';
import { pattern, sha256 } from './support/data.ts';
import { fakeConnection, ledger } from './support/fake-link.ts';
import { HandClock, openResources } from './support/resources.ts';
import { dialled, pair, rawPeer, serving, transports } from './support/sockets.ts';
import { failureOf, type Seen, standstill, tick, turn, until, watch, within } from './support/wait.ts';

const MiB = 1024 * 1024;

const textOf = (seen: Seen<Buffer>): string => Buffer.concat(seen.values).toString();

/** Keeps one hold on what is being delivered, until it is released. */
function holder(): { readonly hold: () => void; readonly release: () => void } {
  let release: (() => void) | undefined;
  return {
    hold: () => {
      release = currentUpstream()?.hold();
      if (release === undefined) throw new Error('nothing to hold');
    },
    release: () => release?.(),
  };
}

describe('one subscriber at a time', () => {
  test('a second one gets AlreadySubscribed, and the first is not disturbed', async () => {
    const { connection, link } = await fakeConnection();
    const first = watch(connection.incoming);
    const second = watch(connection.incoming);
    // Not at once: the first may be about to leave.
    await tick();
    expect(failureOf(second)).toMatchObject({ _tag: 'AlreadySubscribed', address: '127.0.0.1', port: 2 });
    link.deliver('for the first');
    expect(textOf(first)).toBe('for the first');
    expect(link.calls).toEqual(['startReading']);
  });

  test('after the first has left, the next one may come; by the same Observable too', async () => {
    const { connection, link } = await fakeConnection();
    const { incoming } = connection;
    for (const text of ['one', 'two', 'three']) {
      const seen = watch(incoming);
      link.deliver(text);
      seen.unsubscribe();
      expect(textOf(seen)).toBe(text);
      expect(link.reading).toBe(false);
    }
  });
});

describe('nothing is read before somebody subscribes', () => {
  test('the link is not asked to', async () => {
    const { connection, link } = await fakeConnection();
    expect(connection.incoming).toBeDefined();
    await turn();
    expect(link.calls).toEqual([]);
    watch(connection.incoming);
    expect(link.calls).toEqual(['startReading']);
  });

  test.each(transports)(
    'over %s, what the peer writes stays in the kernel, and comes afterwards',
    async (_n, place) => {
      const { connection, peer } = await pair({}, place());
      const total = 48 * MiB;
      const piece = pattern(64 * 1024);
      let made = 0;
      const sent = sha256();
      peer.flood(() => {
        if (made === total) return undefined;
        made += piece.length;
        sent.update(piece);
        return piece;
      });
      const stuck = await standstill(() => peer.gotRidOf);
      expect(stuck).toBeLessThan(16 * MiB);
      expect(connection.bytesRead).toBe(0);
      const got = sha256();
      await within(
        new Promise<void>((resolve, reject) => {
          connection.incoming.subscribe({ next: (chunk) => got.update(chunk), complete: resolve, error: reject });
        }),
        'the end',
        15_000,
      );
      expect(connection.bytesRead).toBe(total);
      expect(got.digest('hex')).toBe(sent.digest('hex'));
    },
  );
});

describe('the end', () => {
  test('completes on the FIN, and for whoever subscribes later', async () => {
    const { connection, link } = await fakeConnection({ allowHalfOpen: true });
    const seen = watch(connection.incoming);
    link.deliver('x');
    link.deliverEnd();
    expect(seen.completed).toBe(true);
    const late = watch(connection.incoming);
    await tick();
    expect(late).toMatchObject({ values: [], completed: true, errors: [] });
    expect(link.count('startReading')).toBe(1);
  });

  test('fails for whoever subscribes after it failed', async () => {
    const { connection, link } = await fakeConnection();
    const failure = new ConnectionReset();
    const seen = watch(connection.incoming);
    link.close('break', failure);
    await seen.ended;
    expect(failureOf(seen)).toBe(failure);
    const late = watch(connection.incoming);
    await late.ended;
    expect(failureOf(late)).toBe(failure);
  });

  test('for whoever subscribes first after it was closed, too', async () => {
    const { connection } = await fakeConnection();
    connection.destroy();
    await ledger(connection);
    const late = watch(connection.incoming);
    await late.ended;
    expect(failureOf(late)._tag).toBe('ConnectionClosed');
  });
});

describe('giving up and coming back', () => {
  test('unsubscribing stops the reading and leaves the write side alone', async () => {
    const { connection, link } = await fakeConnection();
    const seen = watch(connection.incoming);
    connection.write('one ');
    seen.unsubscribe();
    expect(link.reading).toBe(false);
    await tick();
    connection.write('two');
    await tick();
    expect(link.received.toString()).toBe('one two');
    expect(link.calls).toEqual(['startReading', 'stopReading']);
  });

  test.each(transports)('over %s, no byte is lost between any number of subscribers', async (_name, place) => {
    const { connection, peer } = await pair({}, place());
    const total = 8 * MiB;
    const all = pattern(total);
    peer.socket.end(all);
    const got = sha256();
    let received = 0;
    let readers = 0;
    // Each takes a few chunks; some come back in the same turn, some later, the last one sees the FIN.
    for (let ended = false; !ended; readers++) {
      const chunks = readers % 5;
      const reader = connection.incoming.pipe(
        chunks === 4 ? takeUntil(timer(0)) : take(chunks + 1),
        tap((chunk) => {
          received += chunk.length;
          got.update(chunk);
        }),
      );
      const seen = watch(reader);
      await within(seen.ended, 'the end of a reader');
      expect(seen.errors).toEqual([]);
      ended = received === total;
    }
    expect(readers).toBeGreaterThan(10);
    expect(got.digest('hex')).toBe(sha256().update(all).digest('hex'));
    const last = watch(connection.incoming);
    await within(last.ended, 'the FIN');
    expect(last).toMatchObject({ values: [], completed: true });
    expect(connection.bytesRead).toBe(total);
  });

  test('inside of a delivery: the next one begins with the next chunk', async () => {
    const { connection, link } = await fakeConnection();
    const second: Buffer[] = [];
    const first = connection.incoming.subscribe(() => {
      first.unsubscribe();
      connection.incoming.subscribe({ next: (chunk) => second.push(chunk), error() {} });
    });
    link.deliver('one');
    expect(link.reading).toBe(true);
    link.deliver('two');
    expect(Buffer.concat(second).toString()).toBe('two');
  });

  test('a hold of an earlier subscriber is over with it', async () => {
    const { connection, link } = await fakeConnection();
    const held = holder();
    const first = watch(connection.incoming.pipe(tap(held.hold)));
    link.deliver('one');
    expect(link.reading).toBe(false);
    first.unsubscribe();
    const second = watch(connection.incoming);
    expect(link.reading).toBe(true);
    const own = holder();
    second.unsubscribe();
    const third = watch(connection.incoming.pipe(tap(own.hold)));
    link.deliver('two');
    // Nor does its late release let go of what the present one holds.
    held.release();
    expect(link.reading).toBe(false);
    own.release();
    expect(link.reading).toBe(true);
    expect(textOf(third)).toBe('two');
  });

  test('a hold that is asked for after the reader left reads for nobody when it is released', async () => {
    const { connection, link } = await fakeConnection();
    const held = holder();
    const first = connection.incoming.subscribe(() => {
      first.unsubscribe();
      held.hold();
    });
    link.deliver('one');
    held.release();
    await tick();
    expect(link.reading).toBe(false);

    // Nor does it, or its release, concern the next one.
    const again = connection.incoming.subscribe(() => {
      again.unsubscribe();
      held.hold();
    });
    link.deliver('two');
    const own = holder();
    const next = watch(connection.incoming.pipe(tap(own.hold)));
    link.deliver('three');
    expect(link.reading).toBe(false);
    held.release();
    expect(link.reading).toBe(false);
    own.release();
    expect(link.reading).toBe(true);
    expect(textOf(next)).toBe('three');
  });

  test('a full sink holds each reader anew', async () => {
    const { connection: from, link: source } = await fakeConnection();
    const { connection: to, link: sink } = await fakeConnection({ highWaterMark: 4, maxQueued: 10 });
    sink.stall();
    // Two readers after one another, into one sink that is full since the first.
    const seen = watch(concat(from.incoming.pipe(take(1)), from.incoming).pipe(sendTo(to)));
    source.deliver('the head ');
    expect(source.reading).toBe(true);
    source.deliver('the rest');
    expect(source.reading).toBe(false);
    sink.open();
    await tick();
    expect(source.reading).toBe(true);
    source.deliverEnd();
    await within(seen.ended, 'the end');
    expect(seen.errors).toEqual([]);
    expect(sink.received.toString()).toBe('the head the rest');
  });
});

describe('bytes that a framing operator had taken', () => {
  test('the next subscriber starts exactly there', async () => {
    const { connection, link } = await fakeConnection({ allowHalfOpen: true });
    const head = watch(connection.incoming.pipe(lines(), take(1)));
    link.deliver('HE');
    link.deliver('AD\r\nbody ');
    expect(head).toMatchObject({ values: ['HEAD'], completed: true });
    expect(link.reading).toBe(false);
    const body = watch(connection.incoming);
    await tick();
    expect(textOf(body)).toBe('body ');
    link.deliver('of bytes');
    expect(textOf(body)).toBe('body of bytes');
    expect(connection.bytesRead).toBe(19);
  });

  test('what came before a FIN or a failure is delivered before it', async () => {
    for (const how of ['end', 'failure'] as const) {
      const { connection, link } = await fakeConnection({ allowHalfOpen: true });
      const head = watch(connection.incoming.pipe(lines(), take(1)));
      link.deliver('HEAD\nrest');
      await head.ended;
      const reader = watch(connection.incoming.pipe(take(1)));
      // It is given back again, by a reader that never saw it.
      reader.unsubscribe();
      if (how === 'failure') {
        link.close('break', new ConnectionReset());
        await ledger(connection);
      }
      const rest = watch(connection.incoming);
      await tick();
      expect(textOf(rest)).toBe('rest');
      if (how === 'end') link.deliverEnd();
      await rest.ended;
      expect(rest.completed).toBe(how === 'end');
      expect(rest.errors.map((error) => (error as Error).name)).toEqual(how === 'end' ? [] : ['ConnectionReset']);
    }
  });

  test('readers that follow each other at once get all of it before a failure', async () => {
    const { connection, link } = await fakeConnection();
    const first = watch(connection.incoming.pipe(lines(), take(1)));
    link.deliver('one\ntwo\nthree\nfo');
    expect(first.values).toEqual(['one']);
    link.close('break', new ConnectionReset());
    await ledger(connection);
    const rest = watch(connection.incoming.pipe(lines(), take(1), repeat()));
    await within(rest.ended, 'the failure');
    expect(rest.values).toEqual(['two', 'three']);
    expect(failureOf(rest)._tag).toBe('ConnectionReset');
  });

  test('they are held like any other', async () => {
    const { connection, link } = await fakeConnection({ allowHalfOpen: true });
    watch(connection.incoming.pipe(lines(), take(1)));
    link.deliver('HEAD\none\ntwo');
    const held = holder();
    const rest = watch(connection.incoming.pipe(tap(held.hold)));
    await tick();
    expect(textOf(rest)).toBe('one\ntwo');
    await tick();
    expect(link.reading).toBe(false);
    held.release();
    await tick();
    expect(link.reading).toBe(true);
  });

  test('they wait for a reader that comes and goes before they were emitted', async () => {
    const { connection, link } = await fakeConnection();
    watch(connection.incoming.pipe(lines(), take(1)));
    link.deliver('HEAD\nrest');
    watch(connection.incoming).unsubscribe();
    await tick();
    expect(link.reading).toBe(false);
    const rest = watch(connection.incoming);
    await tick();
    expect(textOf(rest)).toBe('rest');
    expect(link.reading).toBe(true);
  });

  test('while another reader shares them, nothing goes back: it has seen them', async () => {
    const { connection, link } = await fakeConnection();
    const shared = connection.incoming.pipe(share());
    const all = watch(shared);
    const head = watch(shared.pipe(lines(), take(1)));
    link.deliver('HEAD\nrest');
    expect(head.values).toEqual(['HEAD']);
    link.deliver(' and more');
    expect(textOf(all)).toBe('HEAD\nrest and more');
    // Nor is anything kept for later.
    watch(shared.pipe(lines(), take(1)));
    link.deliver('HEAD\nrest');
    all.unsubscribe();
    const next = watch(connection.incoming);
    await tick();
    expect(next.values).toEqual([]);
    expect(link.reading).toBe(true);
  });

  test('whoever shares alone gives back', async () => {
    const { connection, link } = await fakeConnection();
    const head = watch(connection.incoming.pipe(share(), lines(), take(1)));
    link.deliver('HEAD\nrest');
    await head.ended;
    const next = watch(connection.incoming);
    await tick();
    expect(textOf(next)).toBe('rest');
  });

  test('an operator of your own does it by currentUpstream().unread', async () => {
    const { connection, link } = await fakeConnection();
    const reader = connection.incoming.subscribe((chunk) => {
      const upstream = currentUpstream();
      expect(upstream?.emitting).toBe(chunk);
      reader.unsubscribe();
      upstream?.unread?.(new Uint8Array(chunk.buffer, chunk.byteOffset + 2, chunk.length - 2));
    });
    link.deliver('12345');
    const next = watch(connection.incoming);
    await tick();
    expect(textOf(next)).toBe('345');
    expect(Buffer.isBuffer(next.values[0])).toBe(true);
  });

  test('however the stream is cut, and however often readers change', async () => {
    const words = fc.array(fc.constantFrom('', 'a', 'bc', 'd\u20ac', '\u{1f600}', 'long enough'), { maxLength: 12 });
    const cuts = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(words, cuts, async (given, sizes) => {
        const { connection, link } = await fakeConnection({ allowHalfOpen: true });
        const bytes = Buffer.from(`${given.join('\n')}\nTAIL`);
        let position = 0;
        let cut = 0;
        // The network: delivers a piece whenever somebody reads.
        const feed = async (done: () => boolean): Promise<void> => {
          for (let round = 0; !done(); round++) {
            if (round > 10_000) throw new Error('nobody reads, and it is not over');
            await tick();
            if (done() || !link.reading) continue;
            if (position >= bytes.length) {
              link.deliverEnd();
              continue;
            }
            const size = sizes[cut++ % sizes.length] as number;
            link.deliver(bytes.subarray(position, position + size));
            position += size;
          }
        };
        const got: string[] = [];
        for (let i = 0; i < given.length; i++) {
          const one = watch(connection.incoming.pipe(lines(), take(1)));
          await feed(() => one.completed);
          got.push(...one.values);
        }
        expect(got).toEqual(given);
        const rest = watch(connection.incoming);
        await feed(() => rest.completed);
        expect(textOf(rest)).toBe(given.length === 0 ? '\nTAIL' : 'TAIL');
      }),
      { numRuns: 150 },
    );
  });

  test.each(transports)('over %s: a header by lines, the body by bytes', async (_name, place) => {
    const body = pattern(2 * MiB);
    const server = await serving(
      (connection) =>
        concat(
          connection.incoming.pipe(
            lines(),
            take(1),
            tap((line) => connection.write(`${line}\n`)),
          ),
          connection.incoming,
        ),
      place(),
    );
    const peer = (await rawPeer(server.place)).read();
    peer.socket.write('HEADER\n');
    peer.socket.end(body);
    await within(peer.gotEnd, 'the end');
    // The header comes twice: written, and as the output of the first flow.
    expect(peer.bytes.subarray(0, 13).toString()).toBe('HEADER\nHEADER');
    expect(peer.bytes.subarray(13).equals(body)).toBe(true);
  });
});

describe('a reader that is held', () => {
  test('nothing comes until every hold has been released, each of them once', async () => {
    const { connection, link } = await fakeConnection();
    const holds = [holder(), holder()];
    const seen = watch(connection.incoming.pipe(tap(() => holds.forEach(({ hold }) => hold()))));
    link.deliver('one');
    link.deliver('two');
    holds[0]?.release();
    holds[0]?.release();
    await tick();
    expect(textOf(seen)).toBe('one');
    holds[1]?.release();
    await tick();
    expect(textOf(seen)).toBe('onetwo');
    // It was read on all the time: what is read ahead is little.
    expect(link.calls).toEqual(['startReading']);
  });

  test('released while it is delivering, it goes on', async () => {
    const { connection, link } = await fakeConnection();
    const held = holder();
    watch(
      connection.incoming.pipe(
        tap(() => {
          held.hold();
          held.release();
        }),
      ),
    );
    link.deliver('one');
    expect(link.reading).toBe(true);
    link.deliver('two');
    expect(link.reading).toBe(true);
  });

  test.each(transports)(
    'over %s, a FIN that came meanwhile is seen after the bytes before it',
    async (_name, place) => {
      const { connection, peer } = await pair({}, place());
      const held = holder();
      let first = true;
      const seen = watch(
        connection.incoming.pipe(
          tap(() => {
            if (first) held.hold();
            first = false;
          }),
        ),
      );
      peer.socket.write('one');
      await until(() => seen.values.length > 0, 'the first chunk');
      peer.socket.end(' two');
      await standstill(() => connection.bytesRead, 50);
      expect(seen.completed).toBe(false);
      expect(textOf(seen)).toBe('one');
      expect(connection.bytesRead).toBe(3);
      held.release();
      await within(seen.ended, 'the FIN');
      expect(seen.completed).toBe(true);
      expect(textOf(seen)).toBe('one two');
    },
  );

  test('a failure that comes meanwhile is told at once', async () => {
    const { connection, link } = await fakeConnection();
    const held = holder();
    const seen = watch(connection.incoming.pipe(tap(held.hold)));
    link.deliver('one');
    link.close('break', new ConnectionReset());
    await seen.ended;
    expect(failureOf(seen)._tag).toBe('ConnectionReset');
    held.release();
    await tick();
    expect(seen.errors).toHaveLength(1);
  });

  test('whoever unsubscribes after the link has ended hears nothing more', async () => {
    const { connection, link } = await fakeConnection();
    const seen = watch(connection.incoming);
    seen.unsubscribe();
    link.close('break', new ConnectionReset());
    await ledger(connection);
    expect(seen).toMatchObject({ values: [], errors: [], completed: false });
  });
});

describe('events and the ledger, for whoever comes late', () => {
  test('what happened while it was dialled comes first, then what happens, then the close', async () => {
    const server = await serving((connection) => connection.incoming);
    const connection = await dialled(server.place);
    const events = watch(connection.events);
    expect(events.values.at(-1)).toEqual({ type: 'connect' });
    connection.end('x');
    const reader = watch(connection.incoming);
    await within(reader.ended, 'the FIN');
    await within(events.ended, 'the close');
    const types = events.values.map(({ type }) => type);
    expect(types.slice(types.indexOf('connect'))).toEqual(['connect', 'end', 'close']);

    const late = watch(connection.events);
    const info = await ledger(connection);
    expect(late.completed).toBe(true);
    expect(late.values.at(-1)).toEqual({ type: 'close', info });
    expect(late.values.map(({ type }) => type)).toContain('connect');
    expect(events.values.at(-1)).toEqual({ type: 'close', info });
  });

  test('whoever subscribes during an event is told it once', async () => {
    const { connection, link } = await fakeConnection({ allowHalfOpen: true });
    const inner: string[] = [];
    connection.events.subscribe(({ type }) => {
      if (type === 'end') connection.events.subscribe((event) => inner.push(event.type));
    });
    watch(connection.incoming);
    link.deliverEnd();
    expect(inner).toEqual(['connect']);
    connection.destroy();
    await ledger(connection);
    expect(inner).toEqual(['connect', 'close']);
  });

  test('whoever unsubscribes hears nothing more', async () => {
    const { connection } = await fakeConnection();
    const events = watch(connection.events);
    const closed = watch(connection.closed);
    const before = events.values.length;
    events.unsubscribe();
    closed.unsubscribe();
    connection.destroy();
    await ledger(connection);
    expect(events.values).toHaveLength(before);
    expect(closed.values).toEqual([]);
  });

  test('`closed` gives the same ledger to all, as often as they ask', async () => {
    const { connection } = await fakeConnection();
    const early = watch(connection.closed);
    connection.destroy();
    await early.ended;
    const late = watch(connection.closed);
    expect(late.completed).toBe(true);
    expect(late.values).toEqual(early.values);
    expect(early.values).toHaveLength(1);
  });
});

describe('the ledger, by the way in which it ended', () => {
  /** Both ends of one connection, and their ledgers. */
  async function both(place: object = {}): Promise<{
    readonly client: Connection;
    readonly server: Connection;
    readonly ends: Promise<readonly [client: CloseInfo, server: CloseInfo]>;
  }> {
    const serverSide = await serving(() => NEVER, { allowHalfOpen: true, ...place });
    const client = await dialled(serverSide.place, { allowHalfOpen: true });
    const server = await serverSide.opened();
    for (const each of [client, server]) each.incoming.subscribe({ error() {} });
    const ends = Promise.all([ledger(client), ledger(server)]);
    return { client, server, ends: within(ends, 'the ledgers') };
  }

  test.each(transports)('over %s: fin and fin', async (_name, place) => {
    const { client, server, ends } = await both(place());
    client.write('four');
    server.write('sixsix');
    client.end();
    server.end('!');
    const [ofClient, ofServer] = await ends;
    expect(ofClient).toMatchObject({ read: 'fin', write: 'fin', bytesRead: 7, bytesWritten: 4, bytesUnflushed: 0 });
    expect(ofServer).toMatchObject({ read: 'fin', write: 'fin', bytesRead: 4, bytesWritten: 7, bytesUnflushed: 0 });
    expect([ofClient.failure, ofServer.failure]).toEqual([undefined, undefined]);
    for (const { lifetime } of [ofClient, ofServer]) {
      expect(lifetime).toBeGreaterThan(0);
      expect(lifetime).toBeLessThan(5_000);
    }
    // The counters stay.
    expect(client.bytesRead).toBe(7);
    expect(server.bytesWritten).toBe(7);
    expect(server.bytesQueued).toBe(0);
  });

  test('reset: by us, and by the peer', async () => {
    const { client, ends } = await both();
    client.reset();
    const [ofClient, ofServer] = await ends;
    expect(ofClient).toMatchObject({ read: 'reset', write: 'reset', failure: undefined });
    expect(ofServer).toMatchObject({ read: 'reset', write: 'reset' });
    expect(ofServer.failure?._tag).toBe('ConnectionReset');
  });

  test('reset after the FIN of ours, which had gone out in order', async () => {
    const { client, server, ends } = await both();
    // A busy machine brings the FIN later than the bytes before it.
    const end = within(firstValueFrom(server.events.pipe(filter(({ type }) => type === 'end'))), 'the FIN');
    client.end('all');
    await end;
    server.reset();
    const [ofClient, ofServer] = await ends;
    expect(ofClient).toMatchObject({ read: 'reset', write: 'fin', bytesWritten: 3 });
    expect(ofServer).toMatchObject({ read: 'fin', write: 'reset', bytesRead: 3 });
  });

  test.each(transports)('over %s: aborted by destroy(), which the peer sees as a FIN', async (_name, place) => {
    const { client, server, ends } = await both(place());
    const ended = watch(server.events);
    client.destroy();
    await until(() => ended.values.some(({ type }) => type === 'end'), 'the FIN');
    server.end();
    const [ofClient, ofServer] = await ends;
    expect(ofClient).toMatchObject({ read: 'aborted', write: 'aborted', failure: undefined });
    expect(ofServer).toMatchObject({ read: 'fin', write: 'fin' });
  });

  test('aborted by unsubscribing, and by destroy() with a reader that has seen the FIN', async () => {
    const { connection, dial } = await fakeConnection();
    const first = ledger(connection);
    dial.unsubscribe();
    expect(await first).toMatchObject({ read: 'aborted', write: 'aborted' });

    const { connection: half, link } = await fakeConnection({ allowHalfOpen: true });
    watch(half.incoming);
    link.deliverEnd();
    half.destroy();
    expect(await ledger(half)).toMatchObject({ read: 'fin', write: 'aborted' });
  });

  test('failed', async () => {
    const { connection } = await fakeConnection();
    connection.write(1 as never);
    const info = await ledger(connection);
    expect(info).toMatchObject({ read: 'failed', write: 'failed' });
    expect(info.failure).toBeInstanceOf(InvalidOptions);
  });

  test('the first reason counts', async () => {
    const { connection, link } = await fakeConnection();
    link.stall();
    connection.write('x');
    await tick();
    connection.write(1 as never);
    connection.destroy();
    link.close('break', new ConnectionReset());
    const info = await ledger(connection);
    expect(info.failure?._tag).toBe('InvalidOptions');
    expect(info.bytesUnflushed).toBe(1);
  });
});

describe('answering the FIN', () => {
  test('by default, once who is told of it has had its word', async () => {
    const { connection, link } = await fakeConnection();
    connection.incoming.subscribe({
      complete: () => {
        connection.write('last ');
        process.nextTick(() => connection.write('words'));
      },
    });
    link.deliverEnd();
    expect(link.calls).not.toContain('fin');
    await tick();
    await tick();
    expect(link.received.toString()).toBe('last words');
    expect(link.calls.at(-1)).toBe('fin');
  });

  test('not while something is being sent', async () => {
    const { connection, link } = await fakeConnection();
    link.stall();
    const sent = watch(connection.send(of('the answer')));
    watch(connection.incoming);
    link.deliverEnd();
    await turn();
    expect(link.calls).not.toContain('fin');
    link.completeWrite();
    await tick();
    expect(sent.completed).toBe(true);
    expect(link.calls).toContain('fin');
    expect(link.count('fin')).toBe(1);
  });

  test('never with allowHalfOpen', async () => {
    const { connection, link } = await fakeConnection({ allowHalfOpen: true });
    watch(connection.incoming);
    link.deliverEnd();
    await turn();
    connection.write('still here');
    await turn();
    expect(link.received.toString()).toBe('still here');
    expect(link.calls).not.toContain('fin');
    connection.end();
    expect(link.calls).toContain('fin');
  });

  test.each([true, false])('over a socket, allowHalfOpen %s', async (allowHalfOpen) => {
    const { connection, peer } = await pair({ allowHalfOpen });
    peer.read();
    const reading = watch(connection.incoming);
    peer.socket.end('question');
    await within(reading.ended, 'the FIN');
    if (allowHalfOpen) {
      await turn();
      expect(connection.write('answer')).toBe(true);
      connection.end();
    }
    await within(peer.gotEnd, 'the answer');
    expect(peer.text).toBe(allowHalfOpen ? 'answer' : '');
    expect(await within(ledger(connection), 'the ledger')).toMatchObject({ read: 'fin', write: 'fin' });
  });
});

describe('setTimeout', () => {
  test('tells of silence, again and again, and ends nothing', async () => {
    const clock = new HandClock();
    const { connection, link } = await fakeConnection({ clock });
    const events = watch(connection.events);
    const timeouts = (): number => events.values.filter(({ type }) => type === 'timeout').length;
    watch(connection.incoming);
    connection.setTimeout(100);
    clock.advance(99);
    expect(timeouts()).toBe(0);
    clock.advance(1);
    expect(timeouts()).toBe(1);
    clock.advance(99);
    expect(timeouts()).toBe(1);
    clock.advance(1);
    expect(timeouts()).toBe(2);
    expect(link.closed).toBe(false);

    // A byte either way puts it off.
    clock.advance(60);
    link.deliver('x');
    clock.advance(60);
    connection.write('x');
    await tick();
    clock.advance(60);
    expect(timeouts()).toBe(2);
    clock.advance(40);
    expect(timeouts()).toBe(3);

    connection.setTimeout(50);
    clock.advance(50);
    expect(timeouts()).toBe(4);
    connection.setTimeout(0);
    clock.advance(1_000);
    expect(timeouts()).toBe(4);
    expect(clock.pending).toBe(0);
  });

  test('leaves no timer behind', async () => {
    const clock = new HandClock();
    const { connection } = await fakeConnection({ clock });
    connection.setTimeout(100);
    expect(clock.pending).toBe(1);
    connection.destroy();
    await ledger(connection);
    expect(clock.pending).toBe(0);
    connection.setTimeout(100);
    expect(clock.pending).toBe(0);
  });

  test.each([-1, Number.NaN, '5', 2 ** 31])('refuses %s', async (ms) => {
    const { connection } = await fakeConnection();
    expect(() => connection.setTimeout(ms as number)).toThrow(InvalidOptions);
  });
});

describe('asyncDispose', () => {
  test.each(transports)('over %s: FIN after what is queued, then it is closed', async (_name, place) => {
    const { connection, peer } = await pair({}, place());
    peer.read();
    void peer.gotEnd.then(() => peer.socket.end());
    {
      await using disposed = connection;
      disposed.write('last words');
    }
    expect(watch(connection.closed).completed).toBe(true);
    await within(peer.gotEnd, 'the FIN');
    expect(peer.text).toBe('last words');
    // Again, and at once.
    await connection[Symbol.asyncDispose]();
  });

  test('a peer that takes nothing is given `closeTimeout`', async () => {
    const clock = new HandClock();
    const { connection, link } = await fakeConnection({ clock });
    link.stall();
    connection.write('never');
    const disposed = connection[Symbol.asyncDispose]();
    await tick();
    clock.advance(29_999);
    expect(link.closed).toBe(false);
    clock.advance(1);
    expect(link.closed).toBe(true);
    await within(disposed, 'the end');
    expect(clock.pending).toBe(0);
    expect(await ledger(connection)).toMatchObject({ bytesUnflushed: 5 });
  });
});

describe('the switches of the socket', () => {
  test('reach the link, and are checked', async () => {
    const { connection, link } = await fakeConnection();
    expect(connection.setNoDelay().setKeepAlive(true, 1_000).setKeepAlive().ref().unref()).toBe(connection);
    connection.setNoDelay(false);
    expect(link.calls).toEqual([
      'setNoDelay true',
      'setKeepAlive true 1000',
      'setKeepAlive false 0',
      'ref',
      'unref',
      'setNoDelay false',
    ]);
    expect(() => connection.setNoDelay('yes' as never)).toThrow(InvalidOptions);
    expect(() => connection.setKeepAlive(true, -1)).toThrow(InvalidOptions);
  });

  test.each(transports)('unref over %s: it no longer keeps the process alive', async (_name, place) => {
    const { connection } = await pair({}, place());
    const sum = (): number => Object.values(openResources()).reduce((a, b) => a + b, 0);
    watch(connection.incoming);
    await turn();
    const before = sum();
    connection.unref();
    expect(sum()).toBe(before - 1);
    connection.ref();
    expect(sum()).toBe(before);
  });
});

test('the first value of a reader can be awaited', async () => {
  const { connection, peer } = await pair();
  peer.socket.write('one');
  expect((await firstValueFrom(connection.incoming)).toString()).toBe('one');
  peer.socket.end(' two');
  const rest = await firstValueFrom(connection.incoming.pipe(toArray()));
  expect(Buffer.concat(rest).toString()).toBe(' two');
});
