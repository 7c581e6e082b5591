import * as fc from 'fast-check';
import type { Flow } from '../../src/observables/flow.ts';
import { concat, EMPTY, NEVER, Observable, of, Subject, type Subscriber } from '../../src/rx.ts';
import { describe, expect, test } from 'vitest';

import { type Chunk, ConnectionReset, sendTo, type Upstream } from '../../src/index.ts';
import { deliverLeaf } from '../../src/core/demand.ts';
import { pattern } from './support/data.ts';
import { bytesOf, type FakeConnection, fakeConnection, ledger } from './support/fake-link.ts';
import { pair, transports } from './support/sockets.ts';
import { failureOf, standstill, tick, turn, until, watch, within } from './support/wait.ts';

/** What ending the write side asks of a link that nobody reads: a FIN, and a look whether the peer ends too. */
const FIN = ['fin', 'startReading'];

const KiB = 1024;
const MiB = 1024 * KiB;

/** A source of values that can be held, worked by hand; counts its holds. */
class Leaf<T> implements Upstream {
  readonly emitting = undefined;
  holds = 0;
  /** How often it was held in all. */
  timesHeld = 0;
  private subscriber: Subscriber<T> | undefined = undefined;
  readonly flow: Flow<T> = new Observable((subscriber) => {
    this.subscriber = subscriber;
  });

  emit(value: T): void {
    if (this.subscriber !== undefined) deliverLeaf(this, this.subscriber, value);
  }

  complete(): void {
    this.subscriber?.complete();
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

/** Reads the connection, and runs `work` while `chunk` is being delivered. */
function whileDelivering({ connection, link }: FakeConnection, work: () => void): void {
  const subscription = connection.incoming.subscribe(work);
  link.deliver('?');
  subscription.unsubscribe();
}

describe('writes made in one delivery leave as one', () => {
  test('text is joined before it is encoded: the link gets one string', async () => {
    const fake = await fakeConnection();
    whileDelivering(fake, () => {
      for (const text of ['one ', 'two ', 'thr\u00e9e']) fake.connection.write(text);
      expect(fake.link.writes).toEqual([]);
    });
    expect(fake.link.writes).toEqual(['one two thr\u00e9e']);
  });

  test('a single chunk is passed on as it is, without a copy', async () => {
    const fake = await fakeConnection();
    const bytes = Buffer.from('bytes');
    whileDelivering(fake, () => fake.connection.write(bytes));
    expect(fake.link.writes).toHaveLength(1);
    expect(fake.link.writes[0]).toBe(bytes);
  });

  test('text and bytes leave as one vector, neighbouring texts joined, and so small bytes', async () => {
    const fake = await fakeConnection();
    const bytes = Buffer.from('-');
    whileDelivering(fake, () => {
      for (const chunk of ['a', 'b', bytes, bytes, 'c', 'd']) fake.connection.write(chunk);
    });
    expect(fake.link.writes).toEqual([['ab', Buffer.from('--'), 'cd']]);
    expect(fake.link.received.toString()).toBe('ab--cd');
  });

  test('what an operator sends in one delivery, too', async () => {
    const fake = await fakeConnection();
    const source = new Leaf<string>();
    const subscription = source.flow.pipe(sendTo(fake.connection)).subscribe();
    source.emit('one');
    source.emit('two');
    expect(fake.link.writes).toEqual(['one', 'two']);
    subscription.unsubscribe();
  });

  test('in deliveries that nest, when the outermost returns', async () => {
    const fake = await fakeConnection();
    const outer = new Leaf<string>();
    const inner = new Leaf<string>();
    inner.flow.subscribe(() => fake.connection.write('inner '));
    outer.flow.subscribe(() => {
      fake.connection.write('before ');
      inner.emit('');
      expect(fake.link.writes).toEqual([]);
      fake.connection.write('after');
    });
    outer.emit('');
    expect(fake.link.writes).toEqual(['before inner after']);
  });

  test('on each of several connections that are written to', async () => {
    const all = await Promise.all([fakeConnection(), fakeConnection(), fakeConnection()]);
    const source = new Leaf<string>();
    source.flow.subscribe((text) => {
      for (const part of [text, text]) for (const { connection } of all) connection.write(part);
    });
    source.emit('x');
    expect(all.map(({ link }) => link.writes)).toEqual([['xx'], ['xx'], ['xx']]);
    // The list of those that have something is empty again.
    source.emit('y');
    expect(all.map(({ link }) => link.writes.length)).toEqual([2, 2, 2]);
  });

  test('even when a consumer of the delivery throws', async () => {
    const fake = await fakeConnection();
    const source = new Leaf<string>();
    // An Observable whose subscriber throws synchronously: RxJS reports that later, the delivery goes on.
    const broken = new Observable<string>((subscriber) => source.flow.subscribe(subscriber)).pipe((inner) => inner);
    const failures = watch(
      broken.pipe(
        (inner) =>
          new Observable<string>((subscriber) =>
            inner.subscribe({
              next: (text) => {
                fake.connection.write(text);
                subscriber.error(new Error('bug'));
              },
            }),
          ),
      ),
    );
    source.emit('said');
    expect(failures.errors).toHaveLength(1);
    expect(fake.link.writes).toEqual(['said']);
  });

  test('over a socket, as one segment', async () => {
    const { connection, peer } = await pair();
    peer.read();
    connection.incoming.subscribe({
      next: (chunk) => {
        for (const byte of chunk) connection.write(String.fromCodePoint(byte));
      },
      error() {},
    });
    peer.socket.write('a request of some length');
    await until(() => peer.text === 'a request of some length', 'the answer');
    expect(peer.chunkCount).toBe(1);
  });
});

describe('writes outside of a delivery', () => {
  test('leave on the next tick, as one', async () => {
    const { connection, link } = await fakeConnection();
    connection.write('one ');
    connection.write('two');
    expect(link.writes).toEqual([]);
    expect(connection.bytesQueued).toBe(7);
    await tick();
    expect(link.writes).toEqual(['one two']);
    expect(connection.bytesQueued).toBe(0);
    connection.write('three');
    await tick();
    expect(link.writes).toEqual(['one two', 'three']);
  });

  test('those that come while a write is outstanding leave as one after it', async () => {
    const { connection, link } = await fakeConnection();
    link.stall();
    connection.write('one');
    await tick();
    connection.write('two ');
    await tick();
    connection.write('three');
    await tick();
    expect(link.writes).toEqual(['one']);
    link.completeWrite();
    expect(link.writes).toEqual(['one', 'two three']);
  });

  test('above the high-water mark they leave at once', async () => {
    const { connection, link } = await fakeConnection({ highWaterMark: 10 });
    expect(connection.write('123456789')).toBe(true);
    expect(link.writes).toEqual([]);
    expect(connection.write('0')).toBe(true);
    expect(link.writes).toEqual(['1234567890']);
  });

  test('inside of a delivery as well', async () => {
    const fake = await fakeConnection({ highWaterMark: 10 });
    whileDelivering(fake, () => {
      fake.connection.write('12345');
      expect(fake.link.writes).toEqual([]);
      fake.connection.write('67890');
      expect(fake.link.writes).toEqual(['1234567890']);
      fake.connection.write('rest');
    });
    expect(fake.link.writes).toEqual(['1234567890', 'rest']);
  });

  test('write tells when the high-water mark is reached, and `drain` when all of it has left', async () => {
    const { connection, link } = await fakeConnection({ highWaterMark: 10 });
    const events = watch(connection.events);
    const drains = (): number => events.values.filter(({ type }) => type === 'drain').length;
    link.stall();
    expect(connection.write('123456789')).toBe(true);
    expect(connection.write('0')).toBe(false);
    expect(connection.write('more')).toBe(false);
    await tick();
    link.completeWrite();
    expect(drains()).toBe(0);
    link.completeWrite();
    expect(drains()).toBe(1);
    // None when `write` had not asked for it.
    connection.write('x');
    await tick();
    link.completeWrite();
    expect(drains()).toBe(1);
  });

  test('what is very large is cut, so that progress shows; nothing changes in what arrives', async () => {
    const { connection, link } = await fakeConnection({ maxQueued: 64 * MiB });
    const parts = [pattern(3 * MiB + 1), '\u20ac'.repeat(MiB), pattern(17, 5), pattern(600 * KiB, 6), 'end'];
    const done = watch(connection.send(of(...parts)));
    await done.ended;
    expect(done.completed).toBe(true);
    expect(Math.max(...link.writes.map((each) => bytesOf(each).length))).toBeLessThanOrEqual(512 * KiB * 3);
    expect(link.writes.length).toBeGreaterThan(8);
    expect(link.received.equals(Buffer.concat(parts.map(bytesOf)))).toBe(true);
  });
});

describe('nothing stays behind when the connection is ended', () => {
  test('end(): what is queued leaves before the FIN, which is sent once', async () => {
    const { connection, link } = await fakeConnection();
    connection.write('first ');
    connection.end('last');
    connection.end();
    expect(link.calls).toEqual([]);
    await tick();
    expect(link.received.toString()).toBe('first last');
    expect(link.calls).toEqual(FIN);
  });

  test('end() waits for a write that is outstanding', async () => {
    const { connection, link } = await fakeConnection();
    link.stall();
    connection.write('one');
    await tick();
    connection.write('two');
    connection.end();
    link.completeWrite();
    expect(link.calls).toEqual([]);
    link.completeWrite();
    expect(link.calls).toEqual(FIN);
    expect(link.received.toString()).toBe('onetwo');
  });

  test.each(['destroy', 'reset'] as const)('%s(): what is queued is handed over before', async (how) => {
    const { connection, link } = await fakeConnection();
    const closed = ledger(connection);
    connection.write('last words');
    connection[how]();
    expect(link.received.toString()).toBe('last words');
    expect(link.calls).toEqual([how]);
    expect(await closed).toMatchObject({ bytesWritten: 10, bytesUnflushed: 0 });
  });

  test('unsubscribing from connect: the same', async () => {
    const { connection, link, dial } = await fakeConnection();
    connection.write('last words');
    dial.unsubscribe();
    expect(link.received.toString()).toBe('last words');
  });

  test('asyncDispose: what is queued, then the FIN, then it closes', async () => {
    const { connection, link } = await fakeConnection();
    link.stall();
    connection.write('last words');
    const disposed = connection[Symbol.asyncDispose]();
    await tick();
    expect(link.closed).toBe(false);
    link.completeWrite();
    await tick();
    expect(link.closed).toBe(false);
    link.deliverEnd();
    link.close('both ended', undefined);
    await within(disposed, 'the end');
    expect(link.received.toString()).toBe('last words');
    expect(link.closed).toBe(true);
    expect(await ledger(connection)).toMatchObject({ write: 'fin', bytesUnflushed: 0 });
  });

  test.each(transports)('over %s, destroy() in the same turn as the write', async (_name, place) => {
    const { connection, peer } = await pair({}, place());
    peer.read();
    connection.write('last words');
    connection.destroy();
    await within(peer.gotEnd, 'the end');
    expect(peer.text).toBe('last words');
  });
});

describe('whoever is told that all has left may write again at once', () => {
  test.each([
    ['at once', true],
    ['later', false],
  ])('and end: the link takes writes %s', async (_name, atOnce) => {
    const { connection, link } = await fakeConnection();
    link.takes = () => atOnce;
    connection.send(of('sent ')).subscribe({
      complete: () => {
        connection.write('written ');
        connection.end('ended');
      },
    });
    await tick();
    if (!atOnce) link.completeWrite();
    await tick();
    if (!atOnce) link.completeWrite();
    await tick();
    expect(link.received.toString()).toBe('sent written ended');
    expect(link.calls).toEqual(FIN);
  });

  test('and `drain` is told when that has left too', async () => {
    const { connection, link } = await fakeConnection({ highWaterMark: 4 });
    const events = watch(connection.events);
    link.stall();
    connection.send(of('1234')).subscribe({ complete: () => connection.write('more than four') });
    link.completeWrite();
    expect(events.values.filter(({ type }) => type === 'drain')).toEqual([]);
    link.completeWrite();
    expect(events.values.filter(({ type }) => type === 'drain')).toHaveLength(1);
  });

  test('one send after the other arrives in order', async () => {
    const { connection, link } = await fakeConnection({ highWaterMark: 4 });
    link.takes = () => link.writes.length % 2 === 0;
    const sends = ['one', 'twotwo', 'three', '', 'four'].map((text) => connection.send(of(text)));
    const done = watch(concat(...sends));
    for (let i = 0; i < 10 && !done.completed; i++) {
      if (link.isOutstanding) link.completeWrite();
      await tick();
    }
    expect(done.completed).toBe(true);
    expect(link.received.toString()).toBe('onetwotwothreefour');
  });

  test('over a socket', async () => {
    const { connection, peer } = await pair();
    peer.read();
    const big = pattern(4 * MiB);
    connection.send(of(big)).subscribe({ complete: () => connection.end('the end') });
    await within(peer.gotEnd, 'the FIN');
    expect(peer.bytes.equals(Buffer.concat([big, Buffer.from('the end')]))).toBe(true);
  });
});

/** What can be done to a connection. */
type Step =
  | { readonly do: 'write'; readonly chunk: Chunk }
  | { readonly do: 'emit'; readonly chunk: Chunk }
  | { readonly do: 'tick' | 'complete' | 'stall' | 'open' };

const text = fc.string({ unit: fc.constantFrom('a', '\u00e9', '\u20ac', '\u{1f600}', '\ud800'), maxLength: 12 });
const chunk = fc.oneof(
  text,
  fc.uint8Array({ maxLength: 24 }).map((bytes) => Buffer.from(bytes)),
  fc.uint8Array({ maxLength: 24 }),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('write' as const), chunk }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('emit' as const), chunk }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('tick', 'complete', 'stall', 'open') }) },
);
const ending = fc.constantFrom('end', 'destroy', 'reset', 'break', 'bad', 'dispose', 'unsubscribe');

describe('whatever comes in between', () => {
  test('what arrives is what was written, in order; the books are right; every hold is released', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), ending, async (steps, end) => {
        const { connection, link, dial } = await fakeConnection({ highWaterMark: 32, maxQueued: 1 * MiB });
        const closed = ledger(connection);
        const leaves = [new Leaf<Chunk>(), new Leaf<Chunk>()];
        const sends = leaves.map((leaf) => watch(connection.send(leaf.flow)));
        const written: Buffer[] = [];
        const check = (): void => {
          const all = Buffer.concat(written);
          expect(link.received.equals(all.subarray(0, link.received.length))).toBe(true);
          expect(connection.bytesWritten).toBe(link.received.length);
          expect(connection.bytesQueued).toBe(all.length - link.received.length);
        };

        for (const [i, each] of steps.entries()) {
          const leaf = leaves[i % 2] as Leaf<Chunk>;
          switch (each.do) {
            case 'write':
              connection.write(each.chunk);
              written.push(bytesOf(each.chunk));
              break;
            case 'emit':
              // A held source emits nothing.
              if (leaf.holds > 0) break;
              leaf.emit(each.chunk);
              written.push(bytesOf(each.chunk));
              // Of what can be held, no more waits than the mark and one chunk above it; held once by one sink.
              expect(leaf.holds).toBeLessThanOrEqual(1);
              break;
            case 'tick':
              await tick();
              break;
            case 'complete':
              if (link.isOutstanding) link.completeWrite();
              break;
            case 'stall':
              link.stall();
              break;
            case 'open':
              link.open();
              break;
          }
          check();
        }

        const all = Buffer.concat(written);
        for (const leaf of leaves) leaf.complete();
        if (end === 'end') {
          link.open();
          connection.end();
          await tick();
          check();
          expect(link.received.equals(all)).toBe(true);
          expect(sends.map(({ completed }) => completed)).toEqual([true, true]);
          link.close('closed', undefined);
        } else if (end === 'break') {
          link.close('break', new ConnectionReset());
        } else if (end === 'bad') {
          connection.write(7 as never);
          link.open();
        } else if (end === 'dispose') {
          const disposed = connection[Symbol.asyncDispose]();
          await tick();
          link.open();
          await tick();
          // The peer ends too, and with that the connection.
          link.deliverEnd();
          link.close('disposed', undefined);
          await disposed;
        } else if (end === 'unsubscribe') {
          dial.unsubscribe();
        } else {
          connection[end]();
        }
        const info = await within(closed, 'the ledger');
        expect(leaves.map(({ holds }) => holds)).toEqual([0, 0]);
        expect(info.bytesWritten).toBe(link.received.length);
        expect(info.bytesWritten + info.bytesUnflushed).toBe(all.length);
        if (end === 'end' || end === 'bad' || end === 'dispose') expect(info.bytesUnflushed).toBe(0);
        for (const send of sends) {
          // Each has ended, and `completed` says that all of it was handed over.
          expect(send.completed).toBe(send.errors.length === 0);
          if (info.bytesUnflushed > 0 && send.completed) expect(end).not.toBe('end');
        }
        expect(link.received.equals(all.subarray(0, link.received.length))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe('send is truthful', () => {
  test('it completes when all of it was handed over, not before', async () => {
    const { connection, link } = await fakeConnection();
    link.stall();
    const sent = watch(connection.send(of('one', 'two')));
    await tick();
    await turn();
    expect(sent.completed).toBe(false);
    link.completeWrite();
    expect(sent.completed).toBe(true);
  });

  test('nothing to send is sent at once; empty chunks are nothing', async () => {
    const { connection, link } = await fakeConnection();
    expect(watch(connection.send(EMPTY)).completed).toBe(true);
    expect(watch(connection.send(of('', Buffer.alloc(0)))).completed).toBe(true);
    await tick();
    expect(link.writes).toEqual([]);
  });

  test('but not past what was written before it', async () => {
    const { connection, link } = await fakeConnection();
    link.stall();
    connection.write('before');
    const sent = watch(connection.send(of('')));
    await tick();
    expect(sent.completed).toBe(false);
    link.completeWrite();
    expect(sent.completed).toBe(true);
  });

  test('it is cold', async () => {
    const { connection, link } = await fakeConnection();
    const flow = connection.send(of('x'));
    await tick();
    expect(link.writes).toEqual([]);
    watch(flow);
    watch(flow);
    await tick();
    expect(link.received.toString()).toBe('xx');
  });

  test.each(['destroy', 'reset'] as const)('it fails when the connection is closed by %s in mid-write', async (how) => {
    const { connection, link } = await fakeConnection();
    link.stall();
    const sent = watch(connection.send(of('never')));
    await tick();
    connection[how]();
    await sent.ended;
    expect(sent.completed).toBe(false);
    expect(failureOf(sent)._tag).toBe('ConnectionClosed');
    expect(await ledger(connection)).toMatchObject({ bytesWritten: 0, bytesUnflushed: 5 });
  });

  test('it fails with what broke the connection', async () => {
    const { connection, link } = await fakeConnection();
    link.stall();
    const sent = watch(connection.send(concat(of('never'), NEVER)));
    const failure = new ConnectionReset();
    link.close('break', failure);
    await sent.ended;
    expect(failureOf(sent)).toBe(failure);
  });

  test.each(transports)('over %s: a peer that does not read, and a destroy', async (_name, place) => {
    const { connection } = await pair({}, place());
    const size = 32 * MiB;
    const sent = watch(connection.send(of(pattern(size))));
    await standstill(() => connection.bytesQueued, 50);
    const queued = connection.bytesQueued;
    expect(queued).toBeGreaterThan(0);
    expect(connection.bytesWritten + queued).toBe(size);
    expect(sent.completed).toBe(false);
    const closed = ledger(connection);
    connection.destroy();
    await within(sent.ended, 'the end of the sending');
    expect(failureOf(sent)._tag).toBe('ConnectionClosed');
    const info = await closed;
    expect(info).toMatchObject({ write: 'aborted', bytesUnflushed: queued, bytesWritten: size - queued });
  });

  test('over a socket: a peer that resets in mid-write', async () => {
    const { connection, peer } = await pair();
    connection.incoming.subscribe({ error() {} });
    const size = 32 * MiB;
    const sent = watch(connection.send(of(pattern(size))));
    await standstill(() => connection.bytesQueued, 50);
    const closed = ledger(connection);
    peer.reset();
    await within(sent.ended, 'the end of the sending');
    expect(['ConnectionReset', 'BrokenPipe']).toContain(failureOf(sent)._tag);
    const info = await closed;
    expect(info.write).toBe('reset');
    expect(info.bytesWritten + info.bytesUnflushed).toBe(size);
    expect(info.bytesUnflushed).toBeGreaterThan(0);
  });

  test('a failure of the source passes through and leaves the connection alone', async () => {
    const { connection, link } = await fakeConnection();
    const source = new Subject<string>();
    const sent = watch(connection.send(source));
    source.next('one');
    source.error(new Error('bug'));
    expect(sent.errors).toEqual([new Error('bug')]);
    connection.write(' two');
    await tick();
    expect(link.received.toString()).toBe('one two');
  });

  test('unsubscribing stops the source; what was written stays written', async () => {
    const { connection, link } = await fakeConnection();
    const source = new Subject<string>();
    const sent = watch(connection.send(source));
    source.next('one');
    sent.unsubscribe();
    expect(source.observed).toBe(false);
    await tick();
    expect(link.received.toString()).toBe('one');
    expect(sent.completed).toBe(false);
  });

  test('a source that completes first is not unsubscribed from too late', async () => {
    const { connection } = await fakeConnection();
    let teardowns = 0;
    const source = new Observable<string>((subscriber) => {
      subscriber.add(() => teardowns++);
      subscriber.next('x');
      subscriber.complete();
    });
    await watch(connection.send(source)).ended;
    expect(teardowns).toBe(1);
  });

  test('two at once: each completes, and nothing is mixed up inside a chunk', async () => {
    const { connection, peer } = await pair();
    peer.read();
    const line = (name: string, i: number): string => `${name}${i}${name.repeat(1_000)}\n`;
    const count = 500;
    const lines = (name: string): Iterable<string> => Array.from({ length: count }, (_, i) => line(name, i));
    const sends = ['a', 'b'].map((name) => watch(connection.send(lines(name))));
    await within(Promise.all(sends.map(({ ended }) => ended)), 'the end of both');
    expect(sends.map(({ completed }) => completed)).toEqual([true, true]);
    connection.end();
    await within(peer.gotEnd, 'the FIN');
    const got = peer.text.split('\n').slice(0, -1);
    expect(got).toHaveLength(2 * count);
    for (const name of ['a', 'b'])
      expect(`${got.filter((each) => each.startsWith(name)).join('\n')}\n`).toBe([...lines(name)].join(''));
  });

  test('one that waits for ever does not keep another from completing', async () => {
    const { connection, link } = await fakeConnection();
    const endless = watch(connection.send(NEVER));
    const sent = watch(connection.send(of('x')));
    await sent.ended;
    expect(sent.completed).toBe(true);
    expect(link.received.toString()).toBe('x');
    link.close('closed', undefined);
    await endless.ended;
    expect(failureOf(endless)._tag).toBe('ConnectionClosed');
  });

  test('what is no source fails the send, and is forgotten', async () => {
    const { connection, link } = await fakeConnection();
    const sent = watch(connection.send(42 as never));
    expect(sent.errors).toHaveLength(1);
    // The peer's FIN is answered once nothing is being sent.
    connection.incoming.subscribe();
    link.deliverEnd();
    await tick();
    expect(link.calls).toContain('fin');
  });
});

describe('send of what can be asked for its next item', () => {
  const size = KiB;
  const count = 1_000;

  function* sync(asked: { count: number }): Generator<Buffer> {
    try {
      for (; asked.count < count;) {
        asked.count++;
        yield pattern(size, asked.count);
      }
    } finally {
      asked.count = -asked.count;
    }
  }

  async function* async(asked: { count: number }): AsyncGenerator<Buffer> {
    yield* sync(asked);
  }

  const all = Buffer.concat(Array.from({ length: count }, (_, i) => pattern(size, i + 1)));

  test.each([
    ['an iterable', sync],
    ['an async iterable', async],
  ] as const)('%s is asked as fast as there is room', async (_name, make) => {
    const { connection, link } = await fakeConnection({ highWaterMark: 16 * size });
    link.stall();
    const asked = { count: 0 };
    const sent = watch(connection.send(make(asked)));
    await until(() => asked.count >= 16, 'the first items');
    for (let i = 0; i < 50; i++) await turn();
    expect(asked.count).toBe(16);
    expect(connection.bytesQueued).toBe(16 * size);
    link.open();
    await within(sent.ended, 'the end');
    expect(sent.errors).toEqual([]);
    expect(sent.completed).toBe(true);
    expect(link.received.equals(all)).toBe(true);
  });

  test.each([
    ['an iterable', sync],
    ['an async iterable', async],
  ] as const)('%s is ended when nothing can be sent any more', async (_name, make) => {
    const { connection, link } = await fakeConnection({ highWaterMark: 16 * size });
    link.stall();
    const asked = { count: 0 };
    const sent = watch(connection.send(make(asked)));
    await until(() => asked.count >= 16, 'the first items');
    connection.destroy();
    await within(sent.ended, 'the end');
    await until(() => asked.count < 0, 'the end of the iteration');
    expect(asked.count).toBe(-16);
  });
});

describe('many small pieces that wait', () => {
  test('cost little more than their bytes; one alone, and large ones, are passed on as they are', async () => {
    const { connection, link } = await fakeConnection({ maxQueued: 64 * MiB });
    link.stall();
    const alone = Buffer.from('first');
    connection.write(alone);
    await tick();
    const expected = [Buffer.from('first')];
    const put = (bytes: Buffer): void => {
      expected.push(Buffer.from(bytes));
      connection.write(bytes);
    };
    for (let index = 0; index < 100_000; index++) put(Buffer.of(index % 251));
    const large = pattern(2 * KiB);
    put(large);
    for (let index = 0; index < 1_000; index++) put(Buffer.of(index % 7));
    link.completeWrite();
    link.open();
    await tick();
    expect(link.received.equals(Buffer.concat(expected))).toBe(true);
    const pieces = link.writes.flatMap((each) => each);
    expect(pieces.length).toBeLessThan(30);
    for (const each of [alone, large]) expect(pieces).toContain(each);
    expect(connection.bytesQueued).toBe(0);
  });

  test('of any kind and size arrive as they are, in order, and nothing of the caller’s is changed', async () => {
    const piece = fc.oneof(
      fc.string({ minLength: 1, maxLength: 3 }),
      fc.integer({ min: 1, max: 3 }).map((size) => pattern(size, size)),
      fc.constantFrom(100, 1_000, 1_023, 1_024, 3_000).map((size) => pattern(size, size)),
      fc.uint8Array({ minLength: 1, maxLength: 5 }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(piece, fc.boolean()), { maxLength: 120 }),
        async (pieces: readonly (readonly [Chunk, boolean])[]) => {
          const { connection, link } = await fakeConnection({ maxQueued: 64 * MiB });
          link.stall();
          const before = pieces.map(([each]) => bytesOf(each));
          for (const [index, [each, taken]] of pieces.entries()) {
            connection.write(each);
            if (!taken || index % 20 !== 19) continue;
            await tick();
            if (link.isOutstanding) link.completeWrite();
          }
          await tick();
          link.open();
          await tick();
          expect(connection.bytesQueued).toBe(0);
          expect(link.received.equals(Buffer.concat(before))).toBe(true);
          expect(pieces.map(([each]) => bytesOf(each))).toEqual(before);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('what must not be written', () => {
  test('after end(): the connection fails with ConnectionClosed, and what was written before arrives', async () => {
    const { connection, peer } = await pair();
    const size = 10 * MiB;
    const before = pattern(size);
    const reading = watch(connection.incoming);
    const sent = watch(connection.send(of(before)));
    connection.end();
    expect(connection.write('too late')).toBe(false);
    await within(reading.ended, 'the failure');
    expect(failureOf(reading)._tag).toBe('ConnectionClosed');
    const closed = ledger(connection);
    peer.read();
    await within(peer.gotEnd, 'the FIN');
    expect(peer.bytes.equals(before)).toBe(true);
    const info = await within(closed, 'the ledger');
    expect(info).toMatchObject({ read: 'failed', bytesWritten: size, bytesUnflushed: 0 });
    expect(info.failure?._tag).toBe('ConnectionClosed');
    // All of it had been handed over before it closed.
    expect(sent.completed).toBe(true);
  });

  test('a write after end() when all has left already', async () => {
    const { connection, link } = await fakeConnection();
    connection.end('all');
    await tick();
    connection.write('too late');
    const info = await ledger(connection);
    expect(info).toMatchObject({ write: 'fin', bytesWritten: 3 });
    expect(info.failure?._tag).toBe('ConnectionClosed');
    expect(link.received.toString()).toBe('all');
  });

  test('a send after end() fails with ConnectionClosed', async () => {
    const { connection } = await fakeConnection();
    connection.end();
    const sent = watch(connection.send(of('too late')));
    await sent.ended;
    expect(failureOf(sent)._tag).toBe('ConnectionClosed');
  });

  test('once closed a write is refused, and a send fails', async () => {
    const { connection, link } = await fakeConnection();
    connection.destroy();
    await ledger(connection);
    expect(connection.write('x')).toBe(false);
    expect(failureOf(watch(connection.send(of('x'))))._tag).toBe('ConnectionClosed');
    expect(failureOf(watch(connection.send(EMPTY)))._tag).toBe('ConnectionClosed');
    connection.end('x');
    connection.destroy();
    connection.reset();
    expect(link.writes).toEqual([]);
  });

  const junk = [
    42,
    null,
    undefined,
    true,
    {},
    ['a'],
    new Uint16Array(2),
    new ArrayBuffer(2),
    new DataView(new ArrayBuffer(2)),
  ];

  test.each(junk.map((value) => [value]))('%o: InvalidOptions, and what was written before arrives', async (value) => {
    for (const way of ['write', 'send'] as const) {
      const { connection, link } = await fakeConnection();
      const closed = ledger(connection);
      link.stall();
      connection.write('good ');
      await tick();
      connection.write('as well');
      const sent = way === 'send' ? watch(connection.send(of(value as string))) : undefined;
      if (way === 'write') expect(connection.write(value as never)).toBe(false);
      await tick();
      if (sent !== undefined) expect(failureOf(sent)._tag).toBe('InvalidOptions');
      expect(link.closed).toBe(false);
      link.open();
      const info = await within(closed, 'the ledger');
      expect(link.received.toString()).toBe('good as well');
      expect(info.bytesUnflushed).toBe(0);
      expect(info.failure).toMatchObject({ _tag: 'InvalidOptions', option: 'chunk' });
    }
  });
});

describe('what may be written', () => {
  test('empty chunks leave no trace', async () => {
    const { connection, link } = await fakeConnection();
    expect(connection.write('')).toBe(true);
    expect(connection.write(new Uint8Array(0))).toBe(true);
    connection.end('');
    await tick();
    expect(link.writes).toEqual([]);
    expect(link.calls).toEqual(FIN);
  });

  test('text of several bytes per character, counted in bytes', async () => {
    const { connection, link } = await fakeConnection();
    link.stall();
    const words = 'gr\u00fc\u00df \u20ac \u{1f600} \ud800';
    connection.write(words);
    expect(connection.bytesQueued).toBe(Buffer.byteLength(words));
    await tick();
    expect(connection.bytesQueued).toBe(Buffer.byteLength(words));
    expect(connection.bytesWritten).toBe(0);
    link.completeWrite();
    expect(link.received.equals(Buffer.from(words))).toBe(true);
    expect(connection.bytesWritten).toBe(Buffer.byteLength(words));
  });

  test.each(transports)(
    'over %s: bytes that are no Buffer, from the middle of a larger piece',
    async (_name, place) => {
      const { connection, peer } = await pair({}, place());
      peer.read();
      const whole = new Uint8Array(pattern(1_000));
      const middle = new Uint8Array(whole.buffer, 100, 300);
      class Special extends Uint8Array {}
      connection.write(middle);
      await turn();
      connection.write('\u20ac');
      connection.write(middle);
      connection.write(new Special([1, 2, 3]));
      connection.write('\u{1f600}');
      connection.end();
      await within(peer.gotEnd, 'the FIN');
      const expected = [middle, '\u20ac', middle, Buffer.from([1, 2, 3]), '\u{1f600}'].map(bytesOf);
      expect(peer.bytes.equals(Buffer.concat(expected))).toBe(true);
    },
  );
});

describe('a sink that is full', () => {
  test('a write above maxQueued fails the connection with BufferOverflow, which says what to do', async () => {
    const { connection, link } = await fakeConnection({ highWaterMark: 1_000, maxQueued: 5_000 });
    link.stall();
    const reading = watch(connection.incoming);
    const closed = ledger(connection);
    let accepted = 0;
    for (let i = 0; i < 100; i++) {
      const queued = connection.bytesQueued;
      connection.write(Buffer.alloc(500));
      if (connection.bytesQueued > queued) accepted += 500;
    }
    await reading.ended;
    const failure = failureOf(reading);
    expect(failure).toMatchObject({ _tag: 'BufferOverflow', limit: 5_000, queued: 5_500, port: 2 });
    expect(failure.message).toMatch(/"drain".*sendTo.*maxQueued/);
    expect(await closed).toMatchObject({ write: 'failed', bytesUnflushed: accepted });
  });

  test('one large chunk is no overflow', async () => {
    const { connection, link } = await fakeConnection({ highWaterMark: 1_000, maxQueued: 1_000 });
    link.stall();
    connection.write(Buffer.alloc(100_000));
    link.open();
    await tick();
    expect(link.received).toHaveLength(100_000);
    expect(link.closed).toBe(false);
  });
});
