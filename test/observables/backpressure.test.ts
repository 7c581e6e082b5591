import { describe, expect, test } from 'vitest';

import {
  type Chunk,
  type Connection,
  currentUpstream,
  lines,
  mapAsync,
  sendTo,
  type Upstream,
} from '../../src/index.ts';
import { deliverLeaf } from '../../src/core/demand.ts';
import type { Flow } from '../../src/observables/flow.ts';
import {
  interval,
  map,
  merge,
  mergeMap,
  NEVER,
  Observable,
  type ObservableInput,
  of,
  share,
  Subject,
  type Subscriber,
  takeUntil,
  tap,
} from '../../src/rx.ts';
import { pattern, pieces, sha256 } from './support/data.ts';
import { fakeConnection, ledger } from './support/fake-link.ts';
import { heapInUse } from './support/resources.ts';
import { pair, type RawPeer, rawPeer, serving, transports } from './support/sockets.ts';
import { failureOf, SOON, standstill, tick, turn, until, watch, within } from './support/wait.ts';

const KiB = 1024;
const MiB = 1024 * KiB;

/**
 * What a peer may get rid of on one way through: both kernels' buffers, which the system makes as large as it likes to
 * within its limits, and the little that we hold.
 */
const BUFFERS = 16 * MiB;

/** Sends numbered lines as fast as they leave. */
function floodLines(peer: RawPeer, name: string, count: number): void {
  const filler = '.'.repeat(1_000);
  let i = 0;
  peer.flood(() => {
    if (i === count) return undefined;
    const batch: string[] = [];
    for (const end = Math.min(i + 50, count); i < end; i++) batch.push(`${name} ${i} ${filler}\n`);
    return Buffer.from(batch.join(''));
  });
}

/** The numbers of the lines of each producer, in the order in which they came. */
class Numbers {
  readonly of = new Map<string, number[]>();
  private carry = '';

  readonly take = (chunk: Buffer): void => {
    const parts = (this.carry + chunk.toString('latin1')).split('\n');
    this.carry = parts.pop() ?? '';
    for (const line of parts) {
      const [name = '', number] = line.split(' ', 2);
      const numbers = this.of.get(name);
      if (numbers === undefined) this.of.set(name, [Number(number)]);
      else numbers.push(Number(number));
    }
  };

  /** Whether all of them came, each once and in order. */
  isWhole(name: string, count: number): boolean {
    const numbers = this.of.get(name) ?? [];
    return numbers.length === count && numbers.every((number, i) => number === i);
  }
}

/** The lines of two peers, shared, and merged into one connection whose peer doesn't read yet. */
async function fanIn(): Promise<{
  readonly producers: readonly [RawPeer, RawPeer];
  readonly sources: readonly [Connection, Connection];
  readonly sink: Connection;
  readonly consumer: RawPeer;
  readonly notifier: RawPeer;
  readonly result: ReturnType<typeof watch>;
  /** Lines that another subscriber of the shared flow has seen. */
  readonly seen: () => number;
}> {
  const upstream = await serving(() => NEVER, { allowHalfOpen: true });
  const producers = [await rawPeer(upstream.place), await rawPeer(upstream.place)] as const;
  const notifier = await rawPeer(upstream.place);
  const sources = [await upstream.opened(0), await upstream.opened(1)] as const;
  const stop = await upstream.opened(2);
  const { connection: sink, peer: consumer } = await pair();
  const shared = merge(
    ...sources.map((source) =>
      source.incoming.pipe(
        lines(),
        map((line) => `${line}\n`),
      ),
    ),
  ).pipe(share());
  let seen = 0;
  shared.subscribe({ next: () => seen++, error() {} });
  const result = watch(
    shared.pipe(
      mergeMap((line) => of(line)),
      takeUntil(stop.incoming),
      sendTo(sink),
    ),
  );
  return { producers, sources, sink, consumer, notifier, result, seen: () => seen };
}

describe('a consumer that stops in the middle of merge, share, mergeMap and sendTo', () => {
  const count = 24_000;
  const size = count * 1_006;

  test('for two seconds: the producers stop too; afterwards everything arrives, in order', async () => {
    const { producers, sources, sink, consumer, result, seen } = await fanIn();
    const numbers = new Numbers();
    producers.forEach((producer, i) => floodLines(producer, `p${i}`, count));
    const gone = (): number => producers[0].gotRidOf + producers[1].gotRidOf;
    await standstill(gone, 750);
    const before = { gone: gone(), seen: seen(), read: sources[0].bytesRead + sources[1].bytesRead };
    const heap = heapInUse();
    await new Promise((resolve) => {
      setTimeout(resolve, 2_000);
    });
    // Not a byte more, and nothing was made of what had come.
    expect({ gone: gone(), seen: seen(), read: sources[0].bytesRead + sources[1].bytesRead }).toEqual(before);
    expect(heapInUse() - heap).toBeLessThan(1 * MiB);
    // Two ways in, one way out.
    expect(before.gone).toBeLessThan(3 * BUFFERS);
    expect(before.gone).toBeLessThan(2 * size);
    // Of what was read, all but the rest of two chunks is in the sink.
    expect(sink.bytesQueued).toBeLessThan(65_536 + 2_000);
    expect(before.read - sink.bytesWritten - sink.bytesQueued).toBeLessThan(2 * 65_536 + 2_000);

    consumer.onChunk = numbers.take;
    consumer.read();
    await until(() => numbers.isWhole('p0', count) && numbers.isWhole('p1', count), 'all lines', 15_000);
    // The notifier's connection is still open, so the flow ends with the sources.
    await within(result.ended, 'the end');
    expect(result.errors).toEqual([]);
  });

  test('a takeUntil notifier from another connection gets through meanwhile', async () => {
    const { producers, sources, notifier, sink, result, seen } = await fanIn();
    producers.forEach((producer, i) => floodLines(producer, `p${i}`, count));
    await standstill(() => producers[0].gotRidOf + producers[1].gotRidOf, 750);
    expect(result.completed).toBe(false);
    const before = { seen: seen(), read: sources[0].bytesRead };
    notifier.socket.write('stop');
    // The sink takes nothing any more, so it makes nobody wait: the other subscriber goes on to the end.
    await until(() => seen() === 2 * count, 'all lines', 15_000);
    expect(before.seen).toBeLessThan(count);
    expect(sources[0].bytesRead).toBeGreaterThan(before.read);
    // The flow completes when all was handed over; the peer doesn't read, so it can't.
    expect(result.completed).toBe(false);
    const closed = ledger(sink);
    sink.destroy();
    expect((await closed).bytesUnflushed).toBeGreaterThan(0);
    await within(result.ended, 'the end');
    expect(failureOf(result)._tag).toBe('ConnectionClosed');
  });
});

describe('how much a stalled reader lets through', () => {
  test.each(transports)('over %s: a mapAsync that does not resolve', async (_name, place) => {
    const total = 40 * MiB;
    const got = sha256();
    const sent = sha256();
    let received = 0;
    let open = (): void => {};
    let gate: Promise<void> | undefined = new Promise<void>((resolve) => {
      open = resolve;
    });
    const server = await serving(
      (connection) =>
        connection.incoming.pipe(
          mapAsync(async (chunk) => {
            await gate;
            received += chunk.length;
            got.update(chunk);
            return chunk.subarray(0, 0);
          }),
        ),
      { ...place(), highWaterMark: 16 * KiB },
    );
    const peer = await rawPeer(server.place);
    const source = pieces(total, [64 * KiB, 1, 1_000], (piece) => sent.update(piece));
    peer.flood(() => source.next().value ?? undefined);
    const connection = await server.opened();
    const stuck = await standstill(() => peer.gotRidOf);
    expect(stuck).toBeLessThan(BUFFERS);
    expect(connection.bytesRead).toBeLessThanOrEqual(2 * 64 * KiB);
    gate = undefined;
    open();
    await within(peer.read().gotEnd, 'the end', 15_000);
    expect(received).toBe(total);
    expect(got.digest('hex')).toBe(sent.digest('hex'));
  });

  test.each(transports)('over %s: a peer that does not read its answers is not read from', async (_name, place) => {
    const total = 64 * MiB;
    const server = await serving((connection) => connection.incoming, place());
    const peer = await rawPeer(server.place);
    const connection = await server.opened();
    const sent = sha256();
    const got = sha256();
    const source = pieces(total, [64 * KiB], (piece) => sent.update(piece));
    peer.flood(() => source.next().value ?? undefined);
    const stuck = await standstill(() => peer.gotRidOf);
    // There and back.
    expect(stuck).toBeLessThan(2 * BUFFERS);
    expect(connection.bytesQueued).toBeLessThan(2 * 65_536);
    const read = connection.bytesRead;
    const external = process.memoryUsage().arrayBuffers;
    expect(await standstill(() => connection.bytesRead, 300)).toBe(read);
    expect(process.memoryUsage().arrayBuffers - external).toBeLessThan(2 * MiB);
    peer.onChunk = (chunk) => got.update(chunk);
    peer.read();
    await within(peer.gotEnd, 'the end', 15_000);
    expect(peer.received).toBe(total);
    expect(got.digest('hex')).toBe(sent.digest('hex'));
  });

  test('the others are not held up by it', async () => {
    const server = await serving((connection) => connection.incoming);
    const stalled = await rawPeer(server.place);
    const source = pieces(64 * MiB, [64 * KiB]);
    stalled.flood(() => source.next().value ?? undefined);
    await standstill(() => stalled.gotRidOf, 50);
    const quick = (await rawPeer(server.place)).read();
    quick.socket.end('hello');
    await within(quick.gotEnd, 'the answer');
    expect(quick.text).toBe('hello');
  });
});

/** A leaf that is worked by hand and counts. */
class Leaf implements Upstream {
  readonly emitting = undefined;
  holds = 0;
  timesHeld = 0;
  private readonly subscribers = new Set<Subscriber<string>>();
  readonly flow: Flow<string> = new Observable((subscriber) => {
    this.subscribers.add(subscriber);
    return () => this.subscribers.delete(subscriber);
  });

  emit(value: string): void {
    for (const subscriber of this.subscribers) deliverLeaf(this, subscriber, value);
  }

  complete(): void {
    for (const subscriber of this.subscribers) subscriber.complete();
  }

  hold(): () => void {
    this.holds++;
    this.timesHeld++;
    let released = false;
    return () => {
      if (released) throw new Error('released twice');
      released = true;
      this.holds--;
    };
  }
}

/** The values that an operator queues before it pauses its source. */
const MARK = 16;

describe('one full sink, many sources', () => {
  test.each<[string, (text: string) => ObservableInput<string>]>([
    ['of', (text) => of(text, text, text, text)],
    ['an iterable', (text) => [text, text, text, text]],
  ])('holds each of them once, though its chunk became several, by %s; and releases all of them', async (_n, make) => {
    const { connection, link } = await fakeConnection({ highWaterMark: 10 });
    link.stall();
    const isPlain = make('x') instanceof Observable;
    const leaves = Array.from({ length: 20 }, () => new Leaf());
    const sent = watch(merge(...leaves.map(({ flow }) => flow)).pipe(share(), mergeMap(make), sendTo(connection)));
    for (const [i, leaf] of leaves.entries()) {
      leaf.emit(`${String(i).padStart(3)};`);
      // From the third write on it is full. While an iterable is held, mergeMap queues up to its mark.
      expect(leaf.timesHeld).toBe(i === 0 || isPlain || i >= MARK ? 1 : 0);
    }
    expect(leaves.map(({ holds }) => holds)).toEqual(leaves.map(({ timesHeld }) => timesHeld));
    link.open();
    await tick();
    expect(leaves.map(({ holds }) => holds)).toEqual(leaves.map(() => 0));
    for (const leaf of leaves) leaf.complete();
    await tick();
    expect(sent.completed).toBe(true);
    const got = link.received.toString().match(/ *\d+;/g) ?? [];
    const expected = leaves.flatMap((_, i) => Array.from({ length: 4 }, () => `${String(i).padStart(3)};`));
    expect(got).toEqual(expected);
  });

  /** How much a full sink lets through to a mergeMap that makes several of each chunk; then lets all of it go. */
  async function throughMergeMap(make: (text: string) => ObservableInput<string>, times: number): Promise<number> {
    const { connection: from, link: source } = await fakeConnection();
    const { connection: to, link: sink } = await fakeConnection({ highWaterMark: 100 });
    sink.stall();
    const seen = watch(
      from.incoming.pipe(
        mergeMap((chunk) => make(chunk.toString())),
        sendTo(to),
      ),
    );
    let delivered = 0;
    for (; delivered < 1_000 && source.reading; delivered++) {
      source.deliver('ten bytes!');
      await turn();
    }
    sink.open();
    for (let i = 0; i < 10; i++) await turn();
    expect(source.reading).toBe(true);
    source.deliverEnd();
    await within(seen.ended, 'the end');
    expect(seen.errors).toEqual([]);
    expect(sink.received.length).toBe(delivered * times * 10);
    return delivered;
  }

  test.each([
    ['of', (text: string) => of(text, text), 2, 12],
    ['an iterable', (text: string) => [text, text], 2, 12 + MARK],
    ['a promise', (text: string) => Promise.resolve(text), 1, 12 + MARK],
  ] as const)('stops what feeds mergeMap, whatever it makes of a value: %s', async (_name, make, times, most) => {
    expect(await throughMergeMap(make, times)).toBeLessThanOrEqual(most);
  });

  // Each inner is held by itself; with four of them held, no new one is begun.
  test('and an async iterable', async () => {
    async function* twice(text: string): AsyncGenerator<string> {
      yield text;
      yield text;
    }
    expect(await throughMergeMap(twice, 2)).toBeLessThanOrEqual(16 + MARK);
  });

  test('and only those whose data came to it', async () => {
    const { connection, link } = await fakeConnection({ highWaterMark: 10 });
    link.stall();
    const [data, notifier, other] = [new Leaf(), new Leaf(), new Leaf()];
    watch(data.flow.pipe(takeUntil(notifier.flow.pipe(tap(() => connection.bytesQueued))), sendTo(connection)));
    watch(other.flow);
    data.emit('more than ten bytes');
    notifier.emit('stop');
    other.emit('x');
    expect([data, notifier, other].map(({ timesHeld }) => timesHeld)).toEqual([1, 0, 0]);
  });

  test('two full sinks hold a shared source until both have room', async () => {
    const sinks = await Promise.all([fakeConnection({ highWaterMark: 4 }), fakeConnection({ highWaterMark: 4 })]);
    const leaf = new Leaf();
    const shared = leaf.flow.pipe(share());
    for (const { connection, link } of sinks) {
      link.stall();
      watch(shared.pipe(sendTo(connection)));
    }
    leaf.emit('12345');
    expect(leaf.holds).toBe(2);
    sinks[0].link.open();
    await tick();
    expect(leaf.holds).toBe(1);
    sinks[1].link.open();
    await tick();
    expect(leaf.holds).toBe(0);
    expect(leaf.timesHeld).toBe(2);
  });

  test.each(['destroy', 'break', 'unsubscribe', 'complete', 'fail', 'overflow'] as const)(
    'a sink that ends by %s releases, although the peer takes nothing',
    async (how) => {
      const { connection, link } = await fakeConnection({ highWaterMark: 10, maxQueued: 100 });
      link.stall();
      const leaves = [new Leaf(), new Leaf(), new Leaf()];
      const end = new Subject<never>();
      const sent = leaves.map(({ flow }) => watch(merge(flow, end).pipe(takeUntil(end), sendTo(connection))));
      for (const leaf of leaves) leaf.emit('more than ten bytes');
      expect(leaves.map(({ holds }) => holds)).toEqual([1, 1, 1]);
      if (how === 'destroy') connection.destroy();
      else if (how === 'break') link.close('break', undefined);
      else if (how === 'overflow') for (let i = 0; i < 20; i++) connection.write('1234567890');
      else if (how === 'complete') end.next(undefined as never);
      else if (how === 'fail') end.error(new Error('bug'));
      else for (const each of sent) each.unsubscribe();
      if (link.closed) await ledger(connection);
      expect(leaves.map(({ holds }) => holds)).toEqual([0, 0, 0]);
    },
  );

  test.each([
    ['of', (text: string) => of(text)],
    ['an iterable', (text: string) => [text]],
    ['a promise', (text: string) => Promise.resolve(text)],
  ] as const)('a send of its own for each chunk, of %s, is paced as well', async (_name, make) => {
    const { connection: from, link: source } = await fakeConnection();
    const { connection: to, link: sink } = await fakeConnection({ highWaterMark: 100, maxQueued: 1_000 });
    sink.stall();
    const input = (chunk: Buffer): ObservableInput<string> => make(chunk.toString());
    const concurrency = make('') instanceof Promise ? 4 : Infinity;
    const seen = watch(from.incoming.pipe(mergeMap((chunk) => to.send(input(chunk)), concurrency)));
    let delivered = 0;
    for (; delivered < 1_000 && source.reading; delivered++) {
      source.deliver('ten bytes!');
      await turn();
    }
    expect(delivered).toBeLessThanOrEqual(concurrency === 4 ? 11 + MARK : 11);
    expect(seen.errors).toEqual([]);
    sink.open();
    await turn();
    expect(source.reading).toBe(true);
    expect(sink.received.length).toBe(delivered * 10);
  });

  test('a sink that ends releases what it held, not what another sink of the same connection holds', async () => {
    const { connection, link } = await fakeConnection({ highWaterMark: 10 });
    link.stall();
    const leaves = [new Leaf(), new Leaf()] as const;
    const sent = leaves.map(({ flow }) => watch(flow.pipe(sendTo(connection))));
    for (const leaf of leaves) leaf.emit('more than ten bytes');
    sent[0]?.unsubscribe();
    expect(leaves.map(({ holds }) => holds)).toEqual([0, 1]);
    link.open();
    expect(leaves.map(({ holds }) => holds)).toEqual([0, 0]);
  });

  test('in a chain of connections, each is held by the next', async () => {
    const hops = await Promise.all([1, 2, 3].map(() => fakeConnection({ highWaterMark: 4 })));
    const [first, second, third] = hops as [(typeof hops)[0], (typeof hops)[0], (typeof hops)[0]];
    // What comes in on one goes out on the next, whose peer is the next but one: by hand.
    watch(first.connection.incoming.pipe(sendTo(second.connection)));
    watch(second.connection.incoming.pipe(sendTo(third.connection)));
    third.link.stall();
    second.link.deliver('from the second');
    expect([first.link.reading, second.link.reading]).toEqual([true, false]);
    second.link.stall();
    first.link.deliver('from the first');
    expect([first.link.reading, second.link.reading]).toEqual([false, false]);
    third.link.open();
    expect([first.link.reading, second.link.reading]).toEqual([false, true]);
    second.link.open();
    expect([first.link.reading, second.link.reading]).toEqual([true, true]);
  });
});

describe('an echo of one connection to itself', () => {
  test('is held by its own answers, and goes on when they have left', async () => {
    const { connection, link } = await fakeConnection({ highWaterMark: 8 });
    watch(connection.incoming.pipe(sendTo(connection)));
    link.stall();
    link.deliver('1234');
    expect(link.reading).toBe(true);
    link.deliver('5678');
    expect(link.reading).toBe(false);
    link.completeWrite();
    // The second chunk is on its way now.
    expect(link.reading).toBe(link.received.toString() === '12345678');
    link.open();
    await turn();
    expect(link.reading).toBe(true);
    expect(link.received.toString()).toBe('12345678');
  });
});

describe('a source that can not be paused', () => {
  const cases: readonly (readonly [string, () => Flow<Chunk>])[] = [
    [
      'a Subject',
      () => {
        const subject = new Subject<Chunk>();
        const feed = (): void => {
          if (!subject.observed) return;
          subject.next(Buffer.alloc(64 * KiB));
          setImmediate(feed);
        };
        setImmediate(feed);
        return subject;
      },
    ],
    ['an interval', () => interval(0).pipe(map(() => Buffer.alloc(256 * KiB)))],
  ];

  test.each(cases)('%s ends in BufferOverflow, not in memory', async (_name, make) => {
    const { connection } = await pair();
    const closed = ledger(connection);
    const sent = watch(make().pipe(sendTo(connection)));
    let most = 0;
    const looking = setInterval(() => {
      most = Math.max(most, connection.bytesQueued);
    }, 1);
    await within(sent.ended, 'the failure', 2 * SOON).finally(() => clearInterval(looking));
    const failure = failureOf(sent);
    expect(failure).toMatchObject({ _tag: 'BufferOverflow', limit: MiB });
    expect(failure.message).toMatch(/maxQueued/);
    expect(failure.message).toMatch(/127\.0\.0\.1/);
    expect(most).toBeLessThanOrEqual(MiB + 256 * KiB);
    const info = await within(closed, 'the ledger');
    expect(info.write).toBe('failed');
    expect(info.failure?._tag).toBe('BufferOverflow');
    expect(info.bytesUnflushed).toBeGreaterThan(MiB);
    expect(info.bytesUnflushed).toBeLessThanOrEqual(MiB + 256 * KiB);
  });

  test('the same as the output of a handler: a failed event, and nothing else is touched', async () => {
    const server = await serving(() => interval(0).pipe(map(() => Buffer.alloc(256 * KiB))));
    const peer = await rawPeer(server.place);
    await until(() => server.log.some(({ type }) => type === 'failed'), 'the failure', 2 * SOON);
    await until(() => server.log.some(({ type }) => type === 'closed'), 'the close');
    const types = server.log.map((event) => (event.type === 'failed' ? event.failure.name : event.type));
    expect(types).toEqual(['listening', 'opened', 'BufferOverflow', 'closed']);
    peer.socket.destroy();
    const other = (await rawPeer(server.place)).read();
    await until(() => other.received > 0, 'the bytes of another');
  });

  test('write() without regard for what it returns', async () => {
    const { connection } = await pair();
    const reading = watch(connection.incoming);
    const chunk = pattern(64 * KiB);
    let writes = 0;
    let most = 0;
    while (reading.errors.length === 0 && writes < 10_000) {
      writes++;
      connection.write(chunk);
      most = Math.max(most, connection.bytesQueued);
      if (writes % 100 === 0) await turn();
    }
    expect(failureOf(reading)).toMatchObject({ _tag: 'BufferOverflow', limit: MiB });
    expect(most).toBeLessThanOrEqual(MiB + chunk.length);
    // All that was accepted is in the books: left, or counted as not left.
    const info = await ledger(connection);
    expect(info.bytesWritten + info.bytesUnflushed).toBe((writes - 1) * chunk.length);
  });

  test('with regard for it, and for `drain`, everything arrives', async () => {
    const { connection, peer } = await pair();
    peer.read();
    const all = sha256();
    const got = sha256();
    peer.onChunk = (chunk) => got.update(chunk);
    const source = pieces(16 * MiB, [100_000, 7, 30_000], (piece) => all.update(piece));
    const pump = (): void => {
      for (const piece of source) if (!connection.write(piece)) return;
      connection.end();
    };
    connection.events.subscribe(({ type }) => {
      if (type === 'drain') pump();
    });
    pump();
    await within(peer.gotEnd, 'the end', 2 * SOON);
    expect(got.digest('hex')).toBe(all.digest('hex'));
  });
});

describe('what a reader of its own can do', () => {
  test('hold() stops exactly the connection that is being delivered', async () => {
    const upstream = await serving(() => NEVER);
    const [slow, quick] = [await rawPeer(upstream.place), await rawPeer(upstream.place)];
    const connections = [await upstream.opened(0), await upstream.opened(1)] as const;
    let release: (() => void) | undefined;
    watch(
      merge(...connections.map(({ incoming }, i) => incoming.pipe(map((chunk) => [i, chunk.length] as const)))).pipe(
        tap(([i]) => {
          if (i === 0) release ??= currentUpstream()?.hold();
        }),
      ),
    );
    const flood = (peer: RawPeer): void => {
      const source = pieces(32 * MiB, [64 * KiB]);
      peer.flood(() => source.next().value ?? undefined);
    };
    flood(slow);
    flood(quick);
    await until(() => connections[1].bytesRead === 32 * MiB, 'the quick one', 2 * SOON);
    expect(connections[0].bytesRead).toBeLessThanOrEqual(64 * KiB);
    release?.();
    await until(() => connections[0].bytesRead === 32 * MiB, 'the slow one', 2 * SOON);
  });
});
