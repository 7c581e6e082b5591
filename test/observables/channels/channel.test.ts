import { concat, NEVER, of, Subject, take, throwError, toArray } from '../../../src/rx.ts';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

import {
  type Channel,
  ConnectionReset,
  framed,
  type Framing,
  jsonLines,
  lines,
  rpc,
  sendTo,
  serveFramed,
  type ServeEvent,
  typed,
} from '../../../src/index.ts';
import { fakeConnection } from '../support/fake-link.ts';
import { pair, rawPeer } from '../support/sockets.ts';
import { failureOf, next, tick, until, watch, within } from '../support/wait.ts';
import { client, fakeChannel, jsonText, type Message, servingMessages } from './support.ts';

/** A framing whose frames are two chunks, as those with a header are. */
function twoChunks(): Framing<string, string, never> {
  const text = lines();
  return Object.assign((source: Parameters<typeof text>[0]) => text(source), {
    decode: text.decode,
    decoder: text.decoder,
    maxLength: text.maxLength,
    encode: (message: string) => [Buffer.from(message), Buffer.from('\n')],
  }) as unknown as Framing<string, string, never>;
}

describe('messages come in', () => {
  test('as the framing decodes them, until the FIN of the peer', async () => {
    const { channel, answer, link } = await fakeChannel();
    const seen = watch(channel.incoming);
    answer({ text: 'one' }, { text: 'two' });
    link.deliverEnd();
    await within(seen.ended, 'the end');
    expect(seen.values).toEqual([{ text: 'one' }, { text: 'two' }]);
    expect(seen.completed).toBe(true);
  });

  test('to one subscriber at a time', async () => {
    const { channel } = await fakeChannel();
    const first = watch(channel.incoming);
    const second = watch(channel.incoming);
    await within(second.ended, 'the refusal');
    expect(failureOf(second)._tag).toBe('AlreadySubscribed');
    expect(first.errors).toEqual([]);
    first.unsubscribe();
  });

  test('one after the other: a reader that gives up loses no byte', async () => {
    const { channel, link } = await fakeChannel();
    const first = watch(channel.incoming.pipe(take(1)));
    link.deliver('{"text":"one"}\n{"text":"two"}\n{"te');
    expect(first.values).toEqual([{ text: 'one' }]);
    const second = watch(channel.incoming);
    await tick();
    expect(second.values).toEqual([{ text: 'two' }]);
    link.deliver('xt":"three"}\n');
    expect(second.values).toEqual([{ text: 'two' }, { text: 'three' }]);
    second.unsubscribe();
  });

  test('in another framing after the first was given up, to the byte', async () => {
    const { connection, link } = await fakeConnection();
    const greeting = watch(framed(connection, lines()).incoming.pipe(take(2)));
    link.deliver('HELLO\r\nUPGRADE json\r\n{"text":"binary, ');
    expect(greeting.values).toEqual(['HELLO', 'UPGRADE json']);
    const upgraded = watch(framed(connection, jsonText<Message>()).incoming.pipe(take(1)));
    await tick();
    link.deliver('say"}\nand ');
    expect(upgraded.values).toEqual([{ text: 'binary, say' }]);
    const back = watch(framed(connection, lines()).incoming);
    await tick();
    link.deliver('back\n');
    expect(back.values).toEqual(['and back']);
    const rest = watch(connection.incoming);
    back.unsubscribe();
    rest.unsubscribe();
  });

  test('and then plain bytes', async () => {
    const { connection, link } = await fakeConnection();
    const header = watch(framed(connection, lines()).incoming.pipe(take(1)));
    link.deliver('3 bytes follow\nabc');
    expect(header.completed).toBe(true);
    const bytes = watch(connection.incoming);
    await tick();
    expect(Buffer.concat(bytes.values).toString()).toBe('abc');
    bytes.unsubscribe();
  });
});

describe('messages go out', () => {
  test('encoded, those of one turn in one write', async () => {
    const { channel, link, sent } = await fakeChannel();
    const sending = watch(channel.send([{ text: 'one' }, { text: 'two' }]));
    await within(sending.ended, 'the end');
    expect(sending.completed).toBe(true);
    expect(sent()).toEqual([{ text: 'one' }, { text: 'two' }]);
    expect(link.writes).toHaveLength(1);
  });

  test('by the operator, too', async () => {
    const { channel, sent } = await fakeChannel();
    const sending = watch(of({ text: 'one' }).pipe(sendTo(channel)));
    await within(sending.ended, 'the end');
    expect(sending.completed).toBe(true);
    expect(sent()).toEqual([{ text: 'one' }]);
  });

  test('one by one with write, which tells of room', async () => {
    const { channel, link, sent } = await fakeChannel({ highWaterMark: 40 });
    link.stall();
    expect(channel.write({ text: 'short' })).toBe(true);
    expect(channel.write({ text: 'longer than what is left' })).toBe(false);
    link.open();
    await tick();
    expect(sent()).toEqual([{ text: 'short' }, { text: 'longer than what is left' }]);
  });

  test('held by a peer that takes nothing: an iterable is read no further', async () => {
    const { channel, link } = await fakeChannel({ highWaterMark: 1_000 });
    link.stall();
    let asked = 0;
    function* endless(): Generator<Message> {
      for (;;) yield { text: `message ${asked++}` };
    }
    const sending = watch(channel.send(endless()));
    const before = asked;
    expect(before).toBeGreaterThan(10);
    expect(before).toBeLessThan(100);
    link.completeWrite();
    expect(asked).toBeGreaterThan(before);
    sending.unsubscribe();
  });

  test('a message that the framing refuses fails its send alone, before a byte of it leaves', async () => {
    const { connection, link } = await fakeConnection();
    const channel = framed(connection, lines({ maxLength: 3 }));
    const other = new Subject<string>();
    const going = watch(channel.send(other));
    const failing = watch(channel.send(concat(of('one', 'four', 'two'), NEVER)));
    await tick();
    expect(failureOf(failing)._tag).toBe('InvalidOptions');
    expect(failureOf(failing).message).toContain('message');
    expect(link.received.toString()).toBe('one\n');
    other.next('six');
    await tick();
    expect(link.received.toString()).toBe('one\nsix\n');
    expect(going.errors).toEqual([]);
    going.unsubscribe();
  });

  test('write throws for such a message, and the connection goes on', async () => {
    const { connection, link } = await fakeConnection();
    const channel = framed(connection, lines({ maxLength: 3 }));
    expect(() => channel.write('four')).toThrow(/message/);
    expect(() => channel.end('four')).toThrow(/message/);
    channel.write('six');
    await tick();
    expect(link.received.toString()).toBe('six\n');
    expect(link.ended).toBe(false);
  });

  test('a source that fails, and a function of the framing that throws, fail the send as they are', async () => {
    const { channel, connection } = await fakeChannel();
    const failure = new ConnectionReset();
    const failing = watch(channel.send(throwError(() => failure)));
    expect(failing.errors).toEqual([failure]);
    const defect = new TypeError('no such field');
    const broken = Object.assign(jsonText<Message>(), {
      encode: () => {
        throw defect;
      },
    });
    const defective = watch(framed(connection, broken).send([{ text: 'one' }]));
    expect(defective.errors).toEqual([defect]);
  });

  test('what a schema refuses fails its send, or its request, alone', async () => {
    const { connection, link } = await fakeConnection();
    const channel = framed(connection, typed(jsonLines(), z.object({ n: z.number() })));
    const sending = watch(channel.send([{ n: 1 }, { n: 'two' } as unknown as { n: number }, { n: 3 }]));
    expect(failureOf(sending)._tag).toBe('DecodeFailed');
    expect(() => channel.write({} as { n: number })).toThrow(/n/);
    const asking = rpc(channel);
    const refused = watch(asking.request({ n: '4' } as unknown as { n: number }));
    expect(failureOf(refused)._tag).toBe('DecodeFailed');
    const seen = watch(asking.request({ n: 5 }));
    await tick();
    expect(link.received.toString()).toBe('{"n":1}\n{"n":5}\n');
    link.deliver('{"n":6}\n');
    expect(seen.values).toEqual([{ n: 6 }]);
  });

  test('an encode that returns no bytes is refused', async () => {
    const { connection, link } = await fakeConnection();
    const broken = Object.assign(lines(), { encode: () => ['text', 7] as unknown as string });
    const sending = watch(framed(connection, broken).send(['one']));
    expect(failureOf(sending)._tag).toBe('InvalidOptions');
    expect(failureOf(sending).message).toContain('encode');
    await tick();
    expect(link.writes).toEqual([]);
  });

  test('the chunks of one frame stay together, whoever else is let go while they are written', async () => {
    const { connection, link } = await fakeConnection({ highWaterMark: 8 });
    link.stall();
    const channel = framed(connection, twoChunks());
    const texts = (letter: string): string[] => Array.from({ length: 20 }, (_, n) => letter.repeat(1 + (n % 7)));
    const all = [watch(channel.send(texts('a'))), watch(channel.send(texts('b'))), watch(channel.send(texts('c')))];
    link.open();
    for (const each of all) await within(each.ended, 'the end');
    const got = link.received.toString().split('\n');
    expect(got.pop()).toBe('');
    expect(got).toHaveLength(60);
    for (const letter of 'abc') expect(got.filter((line) => line.startsWith(letter))).toEqual(texts(letter));
  });

  test('several chunks are one write, and count for maxQueued as one', async () => {
    const { connection, link } = await fakeConnection({ highWaterMark: 4, maxQueued: 8 });
    link.stall();
    const channel = framed(connection, twoChunks());
    channel.write('0123456789');
    expect(link.writes).toEqual([Buffer.from('0123456789\n')]);
    // What it has is above the limit: the next frame is refused as a whole.
    const seen = watch(connection.closed);
    channel.write('x');
    await within(seen.ended, 'the close');
    expect(seen.values[0]?.failure?._tag).toBe('BufferOverflow');
  });
});

describe('a channel', () => {
  test('ends the write side, after a last message', async () => {
    const { connection, peer } = await pair({ allowHalfOpen: true });
    peer.read();
    framed(connection, lines()).end('bye');
    await within(peer.gotEnd, 'the FIN');
    expect(peer.text).toBe('bye\n');
    peer.socket.end();
  });

  test('is closed by destroy, and tells the ledger', async () => {
    const { channel, link } = await fakeChannel();
    const closed = watch(channel.closed);
    channel.destroy();
    await within(closed.ended, 'the ledger');
    expect(link.calls).toContain('destroy');
    expect(closed.values[0]?.write).toBe('aborted');
  });

  test('is disposed of as its connection is', async () => {
    const { connection, peer } = await pair();
    peer.read();
    const disposed = framed(connection, lines())[Symbol.asyncDispose]();
    await within(peer.gotEnd, 'the FIN');
    peer.socket.end();
    await within(disposed, 'the close');
  });

  test('refuses what is no connection and what is no framing', async () => {
    const { connection } = await fakeConnection();
    expect(() => framed({} as never, lines())).toThrow(/connection/);
    expect(() => framed(connection, (() => {}) as never)).toThrow(/framing/);
    expect(() => framed(connection, undefined as never)).toThrow(/framing/);
  });
});

describe('serveFramed', () => {
  test('gives the handler a channel and sends what it emits', async () => {
    const { place } = await servingMessages((channel) => channel.incoming);
    const channel = await client(place);
    const seen = watch(channel.incoming.pipe(take(3), toArray()));
    const sending = watch(channel.send([{ text: 'one' }, { text: 'two' }, { id: 3 }]));
    await within(seen.ended, 'the answers');
    await within(sending.ended, 'the end of the sending');
    expect(seen.values).toEqual([[{ text: 'one' }, { text: 'two' }, { id: 3 }]]);
  });

  test('an output may be an array, whose items are the messages', async () => {
    const { place } = await servingMessages(() => [{ text: 'one' }, { text: 'two' }]);
    const channel = await client(place);
    const seen = watch(channel.incoming);
    await within(seen.ended, 'the end');
    expect(seen.values).toEqual([{ text: 'one' }, { text: 'two' }]);
  });

  test('a message that the framing refuses is a failed event of that connection; what was sent before arrives', async () => {
    const log: ServeEvent<unknown>[] = [];
    const server = serveFramed({ host: '127.0.0.1', port: 0 }, lines({ maxLength: 3 }), () => ['one', 'four', 'two']);
    const subscription = server.subscribe((event) => log.push(event));
    await until(() => log.length > 0, 'listening');
    const [listening] = log;
    if (listening?.type !== 'listening' || !('port' in listening.address)) throw new Error('it does not listen');
    const peer = await rawPeer({ host: '127.0.0.1', port: listening.address.port });
    peer.read();
    await within(peer.gotEnd, 'the end');
    peer.socket.end();
    expect(peer.text).toBe('one\n');
    await until(() => log.some((event) => event.type === 'closed'), 'closed');
    const failed = log.find((event) => event.type === 'failed');
    expect(failed?.failure).toMatchObject({ _tag: 'InvalidOptions', option: 'message' });
    subscription.unsubscribe();
  });

  test('a handler that throws, or returns no input, hurts its own connection only', async () => {
    let count = 0;
    const { place, log } = await servingMessages((channel) => {
      count++;
      if (count === 1) throw new Error('a mistake');
      if (count === 2) return 7 as never;
      return channel.incoming;
    });
    for (const tag of ['Defect', 'InvalidOptions']) {
      const closed = watch((await client(place)).incoming);
      await within(closed.ended, 'the close');
      await until(() => log.at(-1)?.type === 'closed', 'closed');
      const failed = log.findLast((event) => event.type === 'failed');
      expect(failed?.failure._tag).toBe(tag);
    }
    const channel = await client(place);
    channel.write({ text: 'still there' });
    expect(await next(channel.incoming, 'the echo')).toEqual({ text: 'still there' });
  });

  test('refuses a framing and a handler that are none, on subscription', () => {
    const noFraming = watch(serveFramed({ port: 0 }, {} as never, () => []));
    expect(failureOf(noFraming)._tag).toBe('InvalidOptions');
    expect(failureOf(noFraming).message).toContain('framing');
    const noHandler = watch(serveFramed({ port: 0 }, lines(), 'handler' as never));
    expect(failureOf(noHandler)._tag).toBe('InvalidOptions');
    expect(failureOf(noHandler).message).toContain('handler');
  });

  test('a peer that reads nothing is not read from either', async () => {
    const channels: Channel<Message>[] = [];
    const { place } = await servingMessages((channel) => {
      channels.push(channel);
      return channel.incoming;
    });
    const peer = await rawPeer(place);
    const line = Buffer.from(`${JSON.stringify({ text: 'x'.repeat(1_000) })}\n`);
    peer.flood(() => line);
    // It stands still: neither side goes on, and what waits in our process is bounded.
    let last = -1;
    await until(() => {
      const [channel] = channels;
      const read = channel?.connection.bytesRead ?? 0;
      const still = read > 0 && read === last && (channel?.connection.bytesQueued ?? 0) > 0;
      last = read;
      return still;
    }, 'the stall');
    expect(channels[0]?.connection.bytesQueued).toBeLessThan(1_048_576);
    peer.stopFlood();
  });
});
