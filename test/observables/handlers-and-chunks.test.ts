// What a handler may return, and what one text is: a chunk for a connection, no list of messages for a channel.
import { describe, expect, onTestFinished, test } from 'vitest';

import {
  answerWith,
  catchAll,
  catchFailure,
  catchFailures,
  type Channel,
  ConnectionReset,
  framed,
  type FrameTooLarge,
  InvalidOptions,
  lengthPrefixed,
  lines,
  type Op,
  orDie,
  pool,
  runFlow,
  serveFramed,
  toAsyncIterable,
} from '../../src/index.ts';
import { filter, from, type Observable, of, throwError } from '../../src/rx.ts';
import { type FakeConnection, fakeConnection } from './support/fake-link.ts';
import { rawPeer, rawServer } from './support-failures/peers.ts';
import { record } from './support-failures/record.ts';
import { serving } from './support-failures/serving.ts';

describe('a handler of serve', () => {
  test('is async and gives nothing: the write side ends when it is done', async () => {
    const server = await serving(async (connection) => {
      for await (const line of toAsyncIterable(connection.incoming.pipe(lines()))) {
        if (line === 'bye') break;
        connection.write(`${line}!\n`);
      }
    });
    const peer = await rawPeer(server.place);
    await peer.send('one\ntwo\nbye\n');
    await peer.end();
    expect(peer.text).toBe('one!\ntwo!\n');
    peer.socket.end();
    const { info } = await server.one('closed');
    expect(info).toMatchObject({ read: 'fin', write: 'fin' });
    expect(server.all('failed')).toEqual([]);
    server.unsubscribe();
  });

  test('is async and gives a chunk: that is sent, and the write side ends', async () => {
    const server = await serving(async () => 'one chunk');
    const peer = await rawPeer(server.place);
    await peer.end();
    expect(peer.text).toBe('one chunk');
    server.unsubscribe();
  });

  test('is async and rejects: that connection fails', async () => {
    const boom = new Error('boom');
    const seen: unknown[] = [];
    const server = await serving(
      async () => {
        await Promise.resolve();
        throw boom;
      },
      { onDefect: (defect) => seen.push(defect.cause) },
    );
    const peer = await rawPeer(server.place);
    await peer.close();
    const { failure } = await server.one('failed');
    expect(failure).toMatchObject({ _tag: 'Defect', cause: boom });
    expect(seen).toEqual([boom]);
    server.unsubscribe();
  });

  test('returns nothing: the connection is its own, until it ends it', async () => {
    const server = await serving((connection) => {
      connection.incoming.pipe(lines()).subscribe((line) => {
        if (line === 'bye') connection.end('bye\n');
        else connection.write(`${line}!\n`);
      });
    });
    const peer = await rawPeer(server.place);
    await peer.send('one\n');
    await peer.receives('one!\n');
    expect(peer.ended).toBe(false);
    await peer.send('bye\n');
    await peer.end();
    expect(peer.text).toBe('one!\nbye\n');
    peer.socket.end();
    await server.one('closed');
    expect(server.all('failed')).toEqual([]);
    server.unsubscribe();
  });

  test('returns nothing: a FIN of the peer is answered, and a shutdown ends what is idle', async () => {
    const stop = new AbortController();
    const server = await serving(
      (connection) => {
        connection.incoming.subscribe((chunk) => connection.write(chunk));
      },
      { shutdown: stop.signal },
    );
    const first = await rawPeer(server.place, { allowHalfOpen: true });
    await first.send('x');
    await first.receives('x');
    first.socket.end();
    await first.end();
    await server.one('closed');
    const second = await rawPeer(server.place);
    await second.send('y');
    await second.receives('y');
    stop.abort();
    await second.end();
    const { report } = await server.one('stopped');
    expect(report).toMatchObject({ cut: [] });
    expect(server.all('failed')).toEqual([]);
  });

  test.each<[string, unknown]>([
    ['a text', 'hello'],
    ['bytes', Buffer.from('hello')],
  ])('returns %s: refused, and told what to write', async (_name, output) => {
    const server = await serving(() => output as Observable<string>);
    const peer = await rawPeer(server.place);
    await peer.close();
    const { failure } = await server.one('failed');
    expect(failure).toBeInstanceOf(InvalidOptions);
    expect((failure as InvalidOptions).message).toContain('[chunk] for one chunk');
    expect(peer.text).toBe('');
    server.unsubscribe();
  });
});

describe('a handler of serveFramed', () => {
  async function served(handler: (channel: Channel<string, string, FrameTooLarge>) => unknown): Promise<string> {
    const events = record(
      serveFramed({ host: '127.0.0.1', port: 0 }, lines(), (channel) => handler(channel) as Observable<string>),
    );
    onTestFinished(() => events.unsubscribe());
    await events.count(1);
    const [first] = events.values;
    if (first?.type !== 'listening' || !('port' in first.address)) throw new Error('it does not listen');
    const peer = await rawPeer({ port: first.address.port }, { allowHalfOpen: true });
    await peer.send('hello\n');
    peer.socket.end();
    await peer.close();
    return peer.text;
  }

  test('may be async and give nothing', async () => {
    expect(await served(async (channel) => void channel.write('one'))).toBe('one\n');
  });

  test('may return nothing', async () => {
    const answer = (channel: Channel<string, string, FrameTooLarge>): void => {
      channel.incoming.subscribe((line) => channel.write(`${line}!`));
    };
    expect(await served(answer)).toBe('hello!\n');
  });

  test('returns a list of one message', async () => {
    expect(await served(() => ['QUIT'])).toBe('QUIT\n');
  });

  test('may not return one message', async () => {
    expect(await served(() => 'QUIT')).toBe('');
  });
});

describe('one text is one chunk for a connection', () => {
  async function sent(send: (fake: FakeConnection) => Observable<never>): Promise<readonly unknown[]> {
    const fake = await fakeConnection();
    const sending = record(send(fake));
    await sending.completion();
    return fake.link.writes;
  }

  test('text', async () => {
    expect(await sent(({ connection }) => connection.send('PING\r\n'))).toEqual(['PING\r\n']);
  });

  test('bytes, without a copy', async () => {
    const bytes = Buffer.from('PING');
    const [first] = await sent(({ connection }) => connection.send(bytes));
    expect(first).toBe(bytes);
  });

  test('a list of texts is a chunk each, as before', async () => {
    expect(await sent(({ connection }) => connection.send([Buffer.alloc(9_000), 'b']))).toEqual([
      [Buffer.alloc(9_000), 'b'],
    ]);
  });
});

describe('one text is no list of messages for a channel', () => {
  test.each<[string, unknown]>([
    ['a text', 'QUIT'],
    ['bytes', Buffer.from('QUIT')],
  ])('%s is refused before a byte has left, and told what to write', async (_name, message) => {
    const { connection, link } = await fakeConnection();
    const channel = framed(connection, lengthPrefixed({ bytes: 1 }));
    const failure = await record(channel.send(message as never)).failure();
    expect(failure).toBeInstanceOf(InvalidOptions);
    expect((failure as Error).message).toContain('send([message])');
    expect(link.writes).toEqual([]);
    await record(channel.send(['QUIT'])).completion();
    await record(channel.send(of('QUIT'))).completion();
    expect(link.received.toString('latin1')).toBe('\u0004QUIT\u0004QUIT');
  });
});

describe('one text is no list elsewhere', () => {
  test('an answer of answerWith', async () => {
    const answers = from([1]).pipe(answerWith(() => 'text' as never));
    expect(await record(answers).failure()).toMatchObject({
      message: 'a handler of answerWith returned a text, "text": one item is returned as a list, [item]',
    });
  });

  test.each<[string, Op<never, unknown, never, ConnectionReset>]>([
    ['catchFailure', catchFailure('ConnectionReset', () => 'text' as never)],
    ['catchFailures', catchFailures({ ConnectionReset: () => 'text' as never })],
    ['catchAll', catchAll(() => 'text' as never) as never],
  ])('what a handler of %s returns', async (name, handled) => {
    const flow = throwError(() => new ConnectionReset()).pipe(handled);
    expect(await record(flow).failure()).toMatchObject({
      message: `a handler of ${name} returned a text, "text": one item is returned as a list, [item]`,
    });
  });

  test('the work of a pool', async () => {
    const server = await rawServer();
    const connections = pool({ host: '127.0.0.1', port: server.port });
    const failure = await record(connections.use(() => 'text' as never)).failure();
    expect(failure).toMatchObject({ message: expect.stringContaining('one item is returned as a list') as string });
    await connections.close();
  });

  test('the check of a pool, which fails', async () => {
    const server = await rawServer({}, { allowHalfOpen: false });
    const options = { check: () => 'PING' as never, checkEvery: 1, size: 1 };
    const connections = pool({ host: '127.0.0.1', port: server.port }, options);
    const closed = record(connections.events.pipe(filter((event) => event.type === 'closed')));
    await runFlow(connections.use(() => of(1)).pipe(orDie()));
    await closed.count(1);
    expect(closed.values[0]).toMatchObject({
      reason: 'unhealthy',
      failure: { message: 'check returned a text, "PING": one item is returned as a list, [item]' },
    });
    await connections.close();
  });
});
