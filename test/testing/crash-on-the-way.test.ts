// What a crash does to what is on its way, and to the program of the machine that is down.
import { of, timer } from '../../src/rx.ts';
import { connect, sendTo, serve } from 'rxjs-net';
import { merge, mergeMap } from 'rxjs-net/rx';
import { simulateNetwork, type SimulatedNetwork } from 'rxjs-net/testing';
import { firstValueFrom, lastValueFrom } from 'rxjs';
import { describe, expect, test } from 'vitest';

const made = (): SimulatedNetwork => simulateNetwork({ latency: 10, report: () => {} });

/** A server on `b` that echoes, and whose end nobody minds. */
function echo(network: SimulatedNetwork): void {
  const { transport } = network.host('b');
  serve({ port: 80, transport }, ({ incoming }) => incoming).subscribe({ error: () => {} });
}

const dial = (network: SimulatedNetwork) =>
  connect({ host: 'b', port: 80, family: 4, transport: network.host('a').transport });

describe('a crash while something is on its way', () => {
  test('a SYN: it is sent again, and finds the new server', async () => {
    const network = made();
    echo(network);
    network
      .at(5, () => network.crash('b'))
      .at(100, () => {
        network.restart('b');
        serve({ port: 80, transport: network.host('b').transport }, () => ['new']).subscribe();
      });
    const said = dial(network).pipe(mergeMap(({ incoming }) => incoming));
    expect(String(await network.run(() => firstValueFrom(said)))).toBe('new');
    expect(network.clock.now()).toBe(1_050);
  });

  test.each([
    ['bytes', 25, 300],
    ['bytes, and it is back before they come', 25, 27],
  ])('%s: whoever sent them is told with a reset', async (_what, down, up) => {
    const network = made();
    echo(network);
    network.at(down, () => network.crash('b')).at(up, () => network.restart('b'));
    const talk = dial(network).pipe(
      mergeMap((connection) => merge(of('x').pipe(sendTo(connection)), connection.incoming)),
    );
    await expect(network.run(() => lastValueFrom(talk))).rejects.toMatchObject({ _tag: 'ConnectionReset' });
  });

  test('a FIN, to a machine that was started anew: a reset, too', async () => {
    const network = made();
    echo(network);
    network.at(50, () => network.crash('b')).at(60, () => network.restart('b'));
    const talk = dial(network).pipe(
      mergeMap((connection) =>
        merge(
          timer(100, network.scheduler).pipe(
            mergeMap(() => {
              connection.end();
              return [];
            }),
          ),
          connection.incoming,
        ),
      ),
    );
    await expect(network.run(() => lastValueFrom(talk))).rejects.toMatchObject({ _tag: 'ConnectionReset' });
  });

  test('a SYN-ACK: the server does not keep a place for a client that is gone', async () => {
    const network = made();
    echo(network);
    dial(network).subscribe({ error: () => {} });
    network.at(15, () => network.crash('a')).at(100, () => network.restart('a'));
    await network.advance(300_000);
    // No handshake is under way.
    expect(network.netstat()).toMatch(/LISTEN\s+\S+\s+0\s/);
    expect(network.trace()).toContain('a:32768 → b:80 RST');
  });
});

test('what is dialled and served on a machine that is down fails, over TCP and IPC, until it is up', async () => {
  const network = made();
  const { transport } = network.host('b');
  network.crash('b');
  const crashed = { _tag: 'ConnectionAborted', message: 'its host "b" crashed' };
  for (const options of [{ port: 80 }, { path: '/x' }]) {
    const served = serve({ ...options, transport }, () => []);
    await expect(network.run(() => lastValueFrom(served))).rejects.toMatchObject(crashed);
    await expect(network.run(() => lastValueFrom(connect({ ...options, transport })))).rejects.toMatchObject(crashed);
  }
  expect(network.trace()).not.toContain('LISTEN');
  network.restart('b');
  echo(network);
  await network.settle();
  expect(network.trace()).toContain('LISTEN');
});
