import { describe, expect, test } from 'vitest';

import { framed, lengthPrefixed, lines, rpc, serveFramed } from '../../../src/index.ts';
import { pattern } from '../support/data.ts';
import { dialled, pair, placeOf, rawServer, transports } from '../support/sockets.ts';
import { SlowConsumer } from '../support/fake-upstream.ts';
import { openSockets } from '../support/resources.ts';
import { next, standstill, until, watch, within } from '../support/wait.ts';

const idOf = (line: string): number => Number(line.slice(0, line.indexOf(' ')));
const assign = (text: string, id: number): string => `${id} ${text}`;

describe.each(transports)('over %s', (_name, place) => {
  test('a thousand in flight, answered backwards and in odd pieces by a peer that knows only node:net', async () => {
    const { connection, peer } = await pair({}, place());
    peer.read();
    const client = rpc(framed(connection, lines()), { assign, idOf });
    const all = Array.from({ length: 1_000 }, (_, n) => watch(client.request(`request ${n}`)));
    await until(() => peer.text.split('\n').length === 1_001, 'the requests');
    expect(client.inFlight).toBe(1_000);
    const answers = Buffer.from(peer.text.split('\n').slice(0, -1).toReversed().join('\n'));
    for (let at = 0; at < answers.length; at += 977) peer.socket.write(answers.subarray(at, at + 977));
    peer.socket.write('\n');
    for (const seen of all) await within(seen.ended, 'an answer');
    expect(all.map(({ values }) => values)).toEqual(all.map((_, n) => [`${n + 1} request ${n}`]));
    expect(client.inFlight).toBe(0);
  });

  test('a peer that reads nothing: what waits in the process is bounded, and all is answered once it reads', async () => {
    const { connection, peer } = await pair({}, place());
    const client = rpc(framed(connection, lengthPrefixed({ bytes: 4 })), { maxInFlight: 5_000, maxWaiting: 5_000 });
    const message = pattern(10_000);
    const all = Array.from({ length: 2_000 }, () => watch(client.request(message)));
    await standstill(() => connection.bytesWritten);
    expect(client.waiting).toBeGreaterThan(0);
    expect(client.inFlight + client.waiting).toBe(2_000);
    expect(connection.bytesQueued).toBeLessThan(65_536 + 10_004);
    // The peer reads now, and sends back what it reads.
    peer.onChunk = (chunk) => peer.socket.write(chunk);
    peer.read();
    for (const seen of all) await within(seen.ended, 'an answer', 20_000);
    expect(all.every(({ values }) => values.length === 1 && message.equals(values[0] ?? Buffer.alloc(0)))).toBe(true);
  });

  test('the peer goes in the middle: each request ends, and nothing stays open', async () => {
    const before = openSockets();
    const server = await rawServer(place());
    const connection = await dialled(server.place);
    const peer = await server.peer();
    peer.read();
    const client = rpc(framed(connection, lines()), { assign, idOf, maxInFlight: 100, deadline: 60_000 });
    const all = Array.from({ length: 300 }, (_, n) => watch(client.request(`${n}`)));
    await until(() => peer.text.split('\n').length === 101, 'the requests');
    peer.socket.write('1 one\n2 two\n');
    await until(() => all[1]?.completed === true, 'two answers');
    peer.socket.destroy();
    for (const seen of all) await within(seen.ended, 'the end');
    const tags = all.map(({ errors }) => (errors[0] as { _tag?: string } | undefined)?._tag ?? 'answered');
    expect(tags.slice(0, 2)).toEqual(['answered', 'answered']);
    const others = tags.slice(2);
    const lost = others.filter((tag) => tag === 'PossiblyDelivered').length;
    // Two more had taken the places of those that were answered.
    expect(lost).toBe(100);
    expect(others.slice(0, 100).every((tag) => tag === 'PossiblyDelivered')).toBe(true);
    expect(new Set(others.slice(100)).size).toBe(1);
    expect(['ConnectionClosed', 'ConnectionReset', 'BrokenPipe']).toContain(others[100]);
    expect([client.inFlight, client.waiting]).toEqual([0, 0]);
    await within(next(connection.closed, 'the close'), 'the close');
    // The listening server is left, and goes with the test.
    await until(() => openSockets() <= before + 1, 'the sockets to close');
  });

  test('a consumer that holds a stream of answers makes the server wait, and loses none', async () => {
    let made = 0;
    const count = 20_000;
    function* stream(): Generator<string> {
      for (; made < count; made++) yield `more ${made} ${'x'.repeat(1_000)}`;
      yield 'end';
    }
    let address: Parameters<typeof placeOf>[0] | undefined;
    const server = serveFramed(place(), lines(), () => stream()).subscribe((event) => {
      if (event.type === 'listening') address = event.address;
    });
    await until(() => address !== undefined, 'listening');
    if (address === undefined) throw new Error('it does not listen');
    const connection = await dialled(placeOf(address));
    const client = rpc(framed(connection, lines()), {
      part: (line) => (line === 'end' ? 'end' : 'more'),
      maxKept: 10,
    });
    const slow = new SlowConsumer<string>();
    client.request('all of it').subscribe(slow.observer);
    await standstill(() => made);
    expect(slow.values).toHaveLength(1);
    expect(made).toBeLessThan(count);
    slow.drain();
    await until(() => slow.completed, 'the end', 20_000);
    expect(slow.values).toHaveLength(count);
    expect(slow.values.every((line, n) => line.startsWith(`more ${n} `))).toBe(true);
    server.unsubscribe();
  });
});
