// A room: what one member says goes to all. Members that read lose nothing, whatever one that has stalled does.
import { ignoreElements, map, Subject, tap } from 'rxjs';
import { describe, expect, test } from 'vitest';

import { connect, lines, mapAsync, paced, sendTo, serve } from '../../src/index.ts';
import { from, merge, mergeMap } from '../../src/rx.ts';
import { buffer } from '../../src/strategies.ts';
import { simulateNetwork } from '../../src/testing/index.ts';

const COUNT = 1_000;
const SAID = Array.from({ length: COUNT }, (_, index) => `${index}`.padEnd(200, '.'));

describe('a room with a member that reads in bursts and one that has stalled', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])('the one that reads hears all of it, with seed %i', async (seed) => {
    const network = simulateNetwork({ seed, latency: 5, jitter: 5, window: 10_000 });
    const { clock } = network;
    const room = new Subject<string>();
    const dropped: number[] = [];
    let members = 0;
    const server = serve(
      { port: 80, transport: network.host('server').transport, highWaterMark: 4_000 },
      (connection) => {
        const member = members++;
        return merge(
          connection.incoming.pipe(
            lines(),
            tap((line) => room.next(line)),
            ignoreElements(),
          ),
          room.pipe(
            paced(buffer({ limit: 10, overflow: 'drop-oldest', clock }), {
              onDropped: () => (dropped[member] = (dropped[member] ?? 0) + 1),
            }),
            map((line) => `${line}\n`),
          ),
        );
      },
    ).subscribe();
    const dialled = (name: string) => connect({ host: 'server', port: 80, transport: network.host(name).transport });
    // Taken as they come, in this order.
    const stalled = dialled('stalled').subscribe();
    await network.advance(100);
    const heard: string[] = [];
    const reader = dialled('reader')
      .pipe(
        mergeMap((connection) => connection.incoming.pipe(lines())),
        mapAsync(async (line) => {
          heard.push(line);
          // As a process that was kept from reading by others.
          if (heard.length % 250 === 0) await network.sleep(150);
        }),
      )
      .subscribe();
    await network.advance(100);
    const speaking = dialled('speaker')
      .pipe(
        mergeMap((connection) =>
          merge(from(SAID.map((line) => `${line}\n`)).pipe(sendTo(connection)), connection.incoming),
        ),
      )
      .subscribe();
    await network.advance(30_000);
    for (const each of [speaking, reader, stalled, server]) each.unsubscribe();
    expect(heard).toEqual(SAID);
    // The stalled one, which came first, is the only one to miss something.
    expect(dropped).toHaveLength(1);
    expect(dropped[0]).toBeGreaterThan(COUNT / 2);
  });
});
