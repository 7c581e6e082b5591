import net from 'node:net';

import { expect, onTestFinished, test } from 'vitest';

import type { BindHandler, LinkHandler } from '../../src/core/index.ts';
import { createNodeTransport, type NetFailure } from '../../src/core/index.ts';

/** Accepts `count` connections, resets all of them as soon as they have said something, and gives the failures. */
async function resetsOf(count: number): Promise<(NetFailure | undefined)[]> {
  const failures: (NetFailure | undefined)[] = [];
  let done = (): void => {};
  const all = new Promise<void>((resolve) => {
    done = resolve;
  });
  const link: LinkHandler = {
    onData() {},
    onEnd() {},
    onWritten() {},
    onClosed(failure) {
      if (failures.push(failure) === count) done();
    },
  };
  const port = await new Promise<number>((resolve) => {
    const handler: BindHandler = {
      onListening: (address) => resolve('port' in address ? address.port : 0),
      onAccepted: (accepted) => {
        accepted.startReading();
        return link;
      },
      onAcceptFailed() {},
      onClosed() {},
    };
    const binding = createNodeTransport().bind({ host: '127.0.0.1', port: 0 }, {}, handler);
    onTestFinished(() => binding.close());
  });
  for (let i = 0; i < count; i++) {
    const socket = net.connect(port, '127.0.0.1', () => socket.resetAndDestroy());
    socket.on('error', () => {});
  }
  await all;
  return failures;
}

test('a connection that is reset at once fails with its remote end', async () => {
  expect(await resetsOf(1)).toMatchObject([
    { _tag: 'ConnectionReset', address: '127.0.0.1', port: expect.any(Number) },
  ]);
});

test('in a burst all of them fail, as what they are', async () => {
  const failures = await resetsOf(100);
  expect(new Set(failures.map((failure) => failure?._tag))).toEqual(new Set(['ConnectionReset']));
});
