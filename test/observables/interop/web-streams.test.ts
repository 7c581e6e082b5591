// Flows and connections as web streams, and back.
import { EMPTY, interval, NEVER, Observable, of, Subject, take, throwError } from 'rxjs';
import { describe, expect, test } from 'vitest';

import { lines, sendTo, toReadableStream, toWebStreams, toWritableStream } from '../../../src/index.ts';
import { from } from '../../../src/rx.ts';
import { dialled, pair, rawServer as pausedServer } from '../support/sockets.ts';
import { standstill } from '../support/wait.ts';
import { rawServer } from '../support-failures/peers.ts';
import { record } from '../support-failures/record.ts';
import { turns, until, within } from '../support-failures/wait.ts';

const collect = async <A>(stream: ReadableStream<A>): Promise<A[]> => {
  const all: A[] = [];
  for await (const item of stream) all.push(item);
  return all;
};

describe('a flow as a ReadableStream', () => {
  test('gives what the flow emits, and closes', async () => {
    expect(await within(collect(toReadableStream(of(1, 2, 3))), 'all')).toEqual([1, 2, 3]);
    expect(await within(collect(toReadableStream(EMPTY)), 'all')).toEqual([]);
  });

  test('errors with the failure as it is', async () => {
    const failure = new Error('mine');
    await expect(collect(toReadableStream(throwError(() => failure)))).rejects.toBe(failure);
  });

  test('subscribes with the first read, and reads nothing ahead', async () => {
    let asked = 0;
    const source = from(
      (function* () {
        for (;;) yield asked++;
      })(),
    );
    const stream = toReadableStream(source);
    await turns();
    expect(asked).toBe(0);
    const reader = stream.getReader();
    expect(await reader.read()).toEqual({ done: false, value: 0 });
    await turns();
    expect(asked).toBe(1);
    expect(await Promise.all([reader.read(), reader.read()])).toMatchObject([{ value: 1 }, { value: 2 }]);
    expect(asked).toBe(3);
    await reader.cancel();
  });

  test('cancel unsubscribes at once, also while a read waits', async () => {
    let open = 0;
    const flow = new Observable<number>((subscriber) => {
      open++;
      subscriber.add(() => open--);
    });
    const reader = toReadableStream(flow).getReader();
    const waiting = reader.read();
    await turns(1);
    expect(open).toBe(1);
    const cancelled = reader.cancel('enough');
    expect(open).toBe(0);
    await cancelled;
    expect(await within(waiting, 'the end')).toEqual({ done: true, value: undefined });
  });

  test('a read that was given up loses nothing', async () => {
    const source = new Subject<number>();
    const stream = toReadableStream(source);
    const first = stream.getReader();
    const waiting = first.read();
    await turns(1);
    first.releaseLock();
    await expect(waiting).rejects.toThrow(TypeError);
    source.next(1);
    source.next(2);
    const second = stream.getReader();
    expect(await second.read()).toMatchObject({ value: 1 });
    expect(await second.read()).toMatchObject({ value: 2 });
    await second.cancel();
  });

  test('signal errors it with its reason, and unsubscribes', async () => {
    const before = toReadableStream(NEVER, { signal: AbortSignal.abort(new Error('before')) });
    await expect(collect(before)).rejects.toThrow('before');
    let open = 0;
    const flow = new Observable<number>((subscriber) => {
      open++;
      subscriber.add(() => open--);
    });
    const controller = new AbortController();
    const waiting = collect(toReadableStream(flow, { signal: controller.signal }));
    await turns(1);
    controller.abort(new Error('during'));
    expect(open).toBe(0);
    await expect(waiting).rejects.toThrow('during');
  });

  test('what can’t be held is queued up to a bound', async () => {
    const reader = toReadableStream(interval(1).pipe(take(50)), { maxBuffered: 5 }).getReader();
    await reader.read();
    await new Promise((resolve) => {
      setTimeout(resolve, 60);
    });
    const reading = async (): Promise<void> => {
      for (;;) await reader.read();
    };
    await expect(reading()).rejects.toMatchObject({ _tag: 'BufferOverflow', limit: 5 });
  });

  test.each([
    ['type', { type: 'byte' as never }],
    ['maxBuffered', { maxBuffered: 0 }],
    ['signal', { signal: 5 as never }],
    ['typ', { typ: 5 } as never],
    ['options', 5 as never],
    ['options', null as never],
  ])('bad option %s', async (option, options) => {
    await expect(collect(toReadableStream(EMPTY, options))).rejects.toMatchObject({ _tag: 'InvalidOptions', option });
  });
});

describe('a byte stream', () => {
  test('fills the reader’s own buffer, and leaves the flow’s memory alone', async () => {
    const chunks = [Buffer.from('hello'), Buffer.alloc(0), Buffer.from(' world')];
    const reader = toReadableStream(from(chunks), { type: 'bytes' }).getReader({ mode: 'byob' });
    let text = '';
    for (;;) {
      const { value, done } = await within(reader.read(new Uint8Array(4)), 'a read');
      if (done) break;
      text += Buffer.from(value).toString();
    }
    expect(text).toBe('hello world');
    expect(String(Buffer.concat(chunks))).toBe('hello world');
  });

  test('of a connection: unread bytes stay with it', async () => {
    const { connection, peer } = await pair();
    peer.socket.write('header\nbody');
    expect(await record(connection.incoming.pipe(lines(), take(1))).completion()).toEqual(['header']);
    const reader = toReadableStream(connection.incoming, { type: 'bytes' }).getReader();
    expect(String(Buffer.from((await reader.read()).value ?? []))).toBe('body');
    peer.socket.write('more');
    await turns(20);
    await reader.cancel();
    const recording = record(connection.incoming);
    expect(String(Buffer.concat([...(await recording.count(1))]))).toBe('more');
  });

  test('what is no bytes errors it', async () => {
    const stream = toReadableStream(of('text') as never, { type: 'bytes' });
    await expect(collect(stream)).rejects.toThrow(TypeError);
  });
});

test('a slow reader of a connection makes the peer wait', async () => {
  const { connection, peer } = await pair();
  let produced = 0;
  peer.flood(() => {
    produced += 65_536;
    return Buffer.alloc(65_536);
  });
  const reader = toReadableStream(connection.incoming).getReader();
  await within(reader.read(), 'the first chunk');
  await standstill(() => produced);
  expect(connection.bytesRead).toBeLessThanOrEqual(65_536);
  peer.stopFlood();
  await reader.cancel();
});

describe('a ReadableStream as a flow', () => {
  test('is read as fast as the peer takes it, and cancelled at once', async () => {
    const server = await pausedServer();
    const connection = await dialled(server.place);
    let given = 0;
    let cancelled = false;
    const stream = new ReadableStream<Buffer>(
      {
        pull: (controller) => {
          given++;
          controller.enqueue(Buffer.alloc(65_536));
        },
        cancel: () => {
          cancelled = true;
        },
      },
      { highWaterMark: 0 },
    );
    const sending = record(from(stream).pipe(sendTo(connection)));
    const stalled = await standstill(() => given);
    (await server.peer()).read();
    await until(() => given > stalled + 10, 'more');
    sending.unsubscribe();
    await until(() => cancelled, 'the cancel');
  });

  test('there and back is the same', async () => {
    expect(await record(from(toReadableStream(of(1, 2, 3)))).completion()).toEqual([1, 2, 3]);
  });
});

describe('the write side of a connection as a WritableStream', () => {
  test('writes text and bytes, and ends after them', async () => {
    const { connection, peer } = await pair();
    peer.read();
    const writer = toWritableStream(connection).getWriter();
    await writer.write('text ');
    await writer.write(Buffer.from('bytes'));
    await within(writer.close(), 'the close');
    await within(peer.gotEnd, 'FIN');
    expect(peer.text).toBe('text bytes');
  });

  test('a peer that doesn’t read makes the writer wait', async () => {
    const { connection, peer } = await pair();
    const writer = toWritableStream(connection).getWriter();
    let written = 0;
    const writing = async (): Promise<void> => {
      while (written < 64) {
        await writer.ready;
        await writer.write(Buffer.alloc(1_048_576));
        written++;
      }
      await writer.close();
    };
    const all = writing();
    const stalled = await standstill(() => written);
    expect(stalled).toBeLessThan(64);
    expect(connection.bytesQueued).toBeLessThanOrEqual(2 * 1_048_576);
    peer.onChunk = () => {};
    peer.read();
    await within(all, 'all of it');
    await within(peer.gotEnd, 'FIN');
    expect(peer.received).toBe(64 * 1_048_576);
  });

  test('abort resets, so that the peer doesn’t take it for an end', async () => {
    const server = await rawServer();
    const connection = await dialled({ host: '127.0.0.1', port: server.port });
    const writer = toWritableStream(connection).getWriter();
    await writer.write('half');
    const peer = await server.peer(0);
    await peer.receives('half');
    await writer.abort(new Error('mine'));
    await peer.close();
    expect(peer.error?.code).toBe('ECONNRESET');
    expect(peer.ended).toBe(false);
  });

  test.each(['write', 'close'])('abort does not wait for a %s that waits for the peer', async (under) => {
    const { connection } = await pair();
    const writer = toWritableStream(connection).getWriter();
    let written = 0;
    const write = async (): Promise<void> => {
      for (;;) {
        await writer.write(Buffer.alloc(1_048_576));
        written++;
      }
    };
    const pending: Promise<unknown>[] = [];
    if (under === 'write') pending.push(write());
    else pending.push(writer.write(Buffer.alloc(64 * 1_048_576)), writer.close());
    const closed = writer.closed;
    const outcomes = Promise.allSettled([...pending, closed]);
    await standstill(() => written);
    await within(Promise.allSettled([writer.abort(new Error('mine'))]), 'the abort');
    await within(outcomes, 'what was under way');
    await expect(closed).rejects.toThrow('mine');
    const [info] = await within(record(connection.closed).completion(), 'the close');
    expect(info).toMatchObject({ read: 'reset', write: 'reset' });
  });

  test('signal errors it and resets', async () => {
    const server = await rawServer();
    const connection = await dialled({ host: '127.0.0.1', port: server.port });
    const controller = new AbortController();
    const writer = toWritableStream(connection, { signal: controller.signal }).getWriter();
    await writer.write('half');
    const peer = await server.peer(0);
    await peer.receives('half');
    controller.abort(new Error('mine'));
    await expect(writer.write('more')).rejects.toThrow('mine');
    await expect(writer.closed).rejects.toThrow('mine');
    await peer.close();
    expect(peer.error?.code).toBe('ECONNRESET');
  });

  test('a reset of the peer errors it, also in mid-write', async () => {
    const { connection, peer } = await pair();
    const writer = toWritableStream(connection).getWriter();
    const write = writer.write(Buffer.alloc(32 * 1_048_576)).then(
      () => 'written',
      (error: { _tag: string }) => error._tag,
    );
    await turns(10);
    peer.reset();
    const outcome = await within(
      writer.closed.then(
        () => 'closed',
        (error: { _tag: string }) => error._tag,
      ),
      'the error',
    );
    expect(['ConnectionReset', 'BrokenPipe']).toContain(outcome);
    await within(write, 'the write');
  });

  test('bad options', async () => {
    const { connection } = await pair();
    const writer = toWritableStream(connection, { signl: 5 } as never).getWriter();
    await expect(writer.closed).rejects.toMatchObject({ _tag: 'InvalidOptions', option: 'signl' });
  });

  test('a write of what is neither bytes nor text fails by itself, not the stream alone', async () => {
    const { connection } = await pair();
    const writer = toWritableStream(connection).getWriter();
    const refused = { _tag: 'InvalidOptions', option: 'chunk', value: 5 };
    const closed = expect(writer.closed).rejects.toMatchObject(refused);
    await expect(writer.write(5 as never)).rejects.toMatchObject(refused);
    await closed;
  });

  test.each([null, 5, {}, { send: () => EMPTY }])('%s is no connection', (connection) => {
    const refused = expect.objectContaining({
      _tag: 'InvalidOptions',
      option: 'connection',
      value: connection,
    }) as Error;
    for (const convert of [toWritableStream, toWebStreams]) {
      expect(() => convert(connection as never)).toThrow(refused);
    }
  });
});

describe('a connection as a pair', () => {
  test.each([
    ['options', null as never],
    ['signl', { signl: 5 } as never],
  ])('bad option %s errors both', async (option, options) => {
    const { connection } = await pair();
    const { readable, writable } = toWebStreams(connection, options);
    const refused = { _tag: 'InvalidOptions', option };
    await expect(readable.getReader().closed).rejects.toMatchObject(refused);
    await expect(writable.getWriter().closed).rejects.toMatchObject(refused);
  });

  test('pipes through', async () => {
    const server = await rawServer();
    server.server.on('connection', (socket) => socket.pipe(socket));
    const connection = await dialled({ host: '127.0.0.1', port: server.port });
    const echoed = new Blob(['a'.repeat(1_000_000)]).stream().pipeThrough(toWebStreams(connection));
    expect((await within(new Response(echoed).text(), 'the echo')).length).toBe(1_000_000);
    await within(record(connection.closed).completion(), 'the close');
  });

  test('cancelling the reading leaves the writing alone; both together close the connection', async () => {
    const { connection, peer } = await pair();
    peer.read();
    const { readable, writable } = toWebStreams(connection);
    await readable.cancel();
    const writer = writable.getWriter();
    await writer.write('still');
    await until(() => peer.text === 'still', 'the text');
    await writer.close();
    await within(record(connection.closed).completion(), 'the close');
  });

  test('signal errors both', async () => {
    const { connection } = await pair();
    const controller = new AbortController();
    const { readable, writable } = toWebStreams(connection, { signal: controller.signal, type: 'bytes' });
    const read = readable.getReader().read();
    const { closed } = writable.getWriter();
    controller.abort(new Error('mine'));
    await expect(read).rejects.toThrow('mine');
    await expect(closed).rejects.toThrow('mine');
    const [info] = await within(record(connection.closed).completion(), 'the close');
    expect(info).toMatchObject({ read: 'reset', write: 'reset' });
  });
});
