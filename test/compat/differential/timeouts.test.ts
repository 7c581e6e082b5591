import { describe } from 'vitest';

import { script } from './support/script.ts';
import { bad, shown } from './support/tools.ts';

describe('timeouts', () => {
  script('setTimeout: values', (net, tools) => {
    for (const value of [
      0,
      0.001,
      1,
      1e6,
      2 ** 31 - 1,
      -0,
      -0.001,
      -1,
      Infinity,
      -Infinity,
      NaN,
      '100',
      true,
      false,
      undefined,
      null,
      '',
      {},
      [],
      () => undefined,
    ]) {
      const socket = tools.name('socket', new net.Socket());
      tools.call(`setTimeout(${shown(value)})`, () => socket.setTimeout(bad(value)));
      tools.read(socket, 'timeout');
      socket.destroy();
    }
  });

  script('setTimeout: more than a timer can take', async (net, tools) => {
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
    const socket = tools.name('socket', new net.Socket());
    tools.call('setTimeout', () => socket.setTimeout(2 ** 31));
    tools.read(socket, 'timeout');
    const warning = await tools.wait('the warning', warned);
    tools.note('warning', warning.name, warning.message);
  });

  script('setTimeout: a callback that is no function', (net, tools) => {
    for (const ms of [0, 1, 1000]) {
      for (const callback of [1, 'x', true, {}, null, undefined]) {
        const socket = tools.name('socket', new net.Socket());
        tools.call(`setTimeout(${ms}, ${shown(callback)})`, () => socket.setTimeout(ms, bad(callback)));
        tools.read(socket, 'timeout');
        tools.listeners(socket);
        socket.destroy();
      }
    }
  });

  script('setTimeout: the callback is a listener that is taken off by 0', (net, tools) => {
    const socket = tools.watch('socket', new net.Socket());
    const callback = tools.callback('timed out');
    socket.setTimeout(1000, callback);
    tools.listeners(socket);
    socket.setTimeout(2000, callback);
    tools.listeners(socket);
    socket.setTimeout(0, callback);
    tools.listeners(socket);
    tools.read(socket, 'timeout');
  });

  script('an idle connection times out, and lives on', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    client.on('data', () => undefined);
    client.setTimeout(5, tools.callback('timed out'));
    await tools.until(client, 'timeout');
    tools.read(client, 'destroyed', 'readyState', 'timeout');
    tools.listeners(client);
    client.setTimeout(0);
    const read = tools.peerReads(peer, 1);
    tools.call('write', () => client.write('x'));
    await read;
    peer.write('y');
    await tools.until(client, 'data');
  });

  script('an idle accepted socket times out', async (net, tools) => {
    const { socket } = await tools.accepted(net);
    socket.setTimeout(5);
    await tools.until(socket, 'timeout');
    tools.call('end', () => socket.end());
  });

  script('it fires again and again only after activity', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    client.on('data', () => undefined);
    client.setTimeout(5);
    await tools.until(client, 'timeout');
    await new Promise((resolve) => setTimeout(resolve, 30));
    tools.note('no second one yet');
    peer.write('x');
    await tools.until(client, 'timeout', 2);
    client.write('y');
    await tools.until(client, 'timeout', 3);
    client.setTimeout(0);
  });

  script('a socket that never had a connection times out', async (net, tools) => {
    const socket = tools.watch('socket', new net.Socket());
    socket.setTimeout(5, tools.callback('timed out'));
    const stop = setInterval(() => undefined, 1000);
    await tools.until(socket, 'timeout');
    clearInterval(stop);
    tools.read(socket, 'destroyed', 'pending');
  });

  script('it runs while connecting', async (net, tools) => {
    const client = tools.watch(
      'client',
      net.connect({ port: 1, host: 'name.test', autoSelectFamily: false, lookup: () => undefined }),
    );
    client.setTimeout(5, tools.callback('timed out'));
    await tools.until(client, 'timeout');
    tools.read(client, 'connecting', 'destroyed', 'readyState');
  });

  script('the timeout option of connect', async (net, tools) => {
    const { client } = await tools.client(net, {
      make: (to) => net.connect({ ...to, timeout: 5 } as never),
    });
    await tools.until(client, 'timeout');
    tools.read(client, 'timeout');
  });

  script('the timeout option of connect: wrong values', (net, tools) => {
    for (const timeout of [-1, 'x', NaN, {}, true]) {
      tools.call('connect', () => net.connect({ port: 1, host: '127.0.0.1', timeout: bad(timeout) }));
    }
    const socket = tools.call('0', () => net.connect({ port: 1, host: '127.0.0.1', timeout: 0 }));
    tools.read(socket as object, 'timeout');
  });

  script('after destroy a timeout never fires', async (net, tools) => {
    const { client } = await tools.client(net);
    client.setTimeout(5, tools.callback('timed out'));
    client.destroy();
    tools.read(client, 'timeout');
    tools.call('setTimeout', () => client.setTimeout(5, tools.callback('timed out too')));
    await tools.until(client, 'close');
    await new Promise((resolve) => setTimeout(resolve, 30));
    tools.read(client, 'timeout');
  });

  script('cancelling the timer of another socket in the callback', async (net, tools) => {
    const one = tools.watch('one', new net.Socket());
    const other = tools.watch('other', new net.Socket());
    one.setTimeout(5, () => {
      other.setTimeout(0);
    });
    other.setTimeout(5);
    const stop = setInterval(() => undefined, 1000);
    await tools.until(one, 'timeout');
    await new Promise((resolve) => setTimeout(resolve, 20));
    clearInterval(stop);
  });

  script('a destroy in the callback', async (net, tools) => {
    const { client } = await tools.client(net);
    client.setTimeout(5, () => {
      tools.call('destroy', () => client.destroy());
    });
    await tools.until(client, 'close');
    tools.read(client, 'timeout');
  });

  script('the timeout property stays through a reconnect', async (net, tools) => {
    const port = await tools.listen(net.createServer((socket) => socket.end()));
    const client = tools.watch('client', new net.Socket());
    client.resume();
    client.setTimeout(100_000);
    client.connect(port, '127.0.0.1');
    await tools.until(client, 'close');
    tools.read(client, 'timeout');
    client.connect(port, '127.0.0.1');
    tools.read(client, 'timeout');
    await tools.until(client, 'close', 2);
  });
});
