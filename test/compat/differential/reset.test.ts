import { getEventListeners } from 'node:events';

import { describe } from 'vitest';

import { script } from './support/script.ts';
import { bad } from './support/tools.ts';

describe('destroy and reset', () => {
  script('resetAndDestroy: the peer sees a reset', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    peer.resume();
    const failed = tools.peerEmits(peer, 'error');
    tools.call('resetAndDestroy', () => client.resetAndDestroy());
    tools.read(client, 'destroyed', 'readyState');
    tools.note('peer', ...(await failed));
    await tools.until(client, 'close');
  });

  script('an accepted socket resets', async (net, tools) => {
    const { socket, peer } = await tools.accepted(net);
    peer.resume();
    const failed = tools.peerEmits(peer, 'error');
    tools.call('resetAndDestroy', () => socket.resetAndDestroy());
    tools.note('peer', ...(await failed));
    await tools.until(socket, 'close');
  });

  script('the peer resets', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    client.resume();
    client.on('error', () => {
      tools.read(client, 'destroyed', 'readyState', 'readable', 'writable', 'errored');
    });
    peer.resetAndDestroy();
    await tools.until(client, 'close');
    tools.read(client, 'errored', 'closed', 'readableAborted');
  });

  script('the peer resets an accepted socket', async (net, tools) => {
    const { socket, server, peer } = await tools.accepted(net);
    socket.resume();
    peer.resetAndDestroy();
    await tools.until(socket, 'close');
    server.close();
    await tools.until(server, 'close');
  });

  script('a reset that nobody reads is not seen, until a write', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    peer.resetAndDestroy();
    await tools.settled();
    tools.read(client, 'destroyed', 'readyState');
    tools.call('write', () => client.write('x', tools.callback('written')));
    await tools.until(client, 'close');
  });

  script('writes after resetAndDestroy', async (net, tools) => {
    const { client } = await tools.client(net);
    client.resetAndDestroy();
    tools.call('write', () => client.write('x', tools.callback('written')));
    tools.note('after the call');
    await tools.until(client, 'close');
  });

  script('resetAndDestroy before connect', async (net, tools) => {
    const client = tools.watch('client', new net.Socket());
    tools.call('resetAndDestroy', () => client.resetAndDestroy());
    await tools.until(client, 'close');
    tools.read(client, 'destroyed', 'errored');
  });

  script('resetAndDestroy while connecting waits for the connection', async (net, tools) => {
    const port = await tools.listen(net.createServer());
    const client = tools.watch('client', net.connect(port, '127.0.0.1'));
    tools.call('resetAndDestroy', () => client.resetAndDestroy());
    tools.read(client, 'destroyed', 'connecting', 'readyState');
    await tools.until(client, 'close');
  });

  script('resetAndDestroy of a connection that is refused', async (net, tools) => {
    const port = await tools.deadPort();
    const client = tools.watch('client', net.connect(port, '127.0.0.1'));
    client.resetAndDestroy();
    await tools.until(client, 'close');
  });

  script('resetAndDestroy in the error handler', async (net, tools) => {
    const port = await tools.deadPort();
    const client = tools.watch('client', net.connect(port, '127.0.0.1'));
    client.on('error', () => {
      tools.call('resetAndDestroy', () => client.resetAndDestroy());
    });
    await tools.until(client, 'close');
    await tools.turns(2);
  });

  script('resetAndDestroy over a path is refused', async (net, tools) => {
    const { client } = await tools.client(net, { path: tools.path() });
    tools.call('resetAndDestroy', () => client.resetAndDestroy());
    await tools.turns(3);
    tools.read(client, 'destroyed', 'errored');
  });

  script('resetAndDestroy twice, and after close', async (net, tools) => {
    const { client } = await tools.client(net);
    tools.call('first', () => client.resetAndDestroy());
    tools.call('second', () => client.resetAndDestroy());
    await tools.until(client, 'close');
    tools.call('third', () => client.resetAndDestroy());
    await tools.turns(3);
  });

  script('resetAndDestroy after end', async (net, tools) => {
    const { client } = await tools.client(net);
    client.end('x');
    await tools.until(client, 'finish');
    tools.call('resetAndDestroy', () => client.resetAndDestroy());
    await tools.until(client, 'close');
  });

  script('destroy', async (net, tools) => {
    const { client } = await tools.client(net);
    tools.call('destroy', () => client.destroy());
    tools.read(client, 'destroyed', 'readyState', 'readable', 'writable', 'pending', 'connecting');
    tools.note('after the call');
    await tools.until(client, 'close');
    tools.listeners(client);
    tools.read(client, 'destroyed', 'readyState', 'closed', 'errored', 'pending');
  });

  script('destroy with an error', async (net, tools) => {
    const { client } = await tools.client(net);
    tools.call('destroy', () => client.destroy(new Error('enough')));
    tools.note('after the call');
    await tools.until(client, 'close');
  });

  script('destroy with an error, of an accepted socket, hurts the server not', async (net, tools) => {
    const { server, socket } = await tools.accepted(net);
    tools.call('destroy', () => socket.destroy(new Error('enough')));
    await tools.until(socket, 'close');
    tools.read(server, 'listening');
    server.close();
    await tools.until(server, 'close');
  });

  script('destroy with what is no error', async (net, tools) => {
    for (const reason of ['text', 1, {}, null, true]) {
      const { client } = await tools.client(net);
      tools.call('destroy', () => client.destroy(bad(reason)));
      await tools.until(client, 'close');
    }
  });

  script('destroy twice, the second time with an error', async (net, tools) => {
    const { client } = await tools.client(net);
    tools.call('first', () => client.destroy());
    tools.call('second', () => client.destroy(new Error('too late')));
    await tools.until(client, 'close');
    await tools.turns(3);
  });

  script('destroy with two errors', async (net, tools) => {
    const { client } = await tools.client(net);
    client.destroy(new Error('one'));
    client.destroy(new Error('two'));
    await tools.until(client, 'close');
    tools.read(client, 'errored');
  });

  script('use after destroy', async (net, tools) => {
    const { client } = await tools.client(net);
    client.destroy();
    for (let round = 0; round < 2; round++) {
      tools.call('end', () => client.end(tools.callback('ended')));
      tools.call('pause', () => client.pause());
      tools.call('resume', () => client.resume());
      tools.call('read', () => client.read() as unknown);
      tools.call('setNoDelay', () => client.setNoDelay());
      tools.call('setKeepAlive', () => client.setKeepAlive());
      tools.call('setTimeout', () => client.setTimeout(1000));
      tools.call('ref', () => client.ref());
      tools.call('unref', () => client.unref());
      tools.call('address', () => client.address());
      tools.call('setEncoding', () => client.setEncoding('utf8'));
      tools.call('cork', () => {
        client.cork();
      });
      tools.call('destroySoon', () => {
        client.destroySoon();
      });
      await tools.until(client, 'close');
      await tools.turns(2);
    }
  });

  script('destroy from another socket’s handler', async (net, tools) => {
    const one = await tools.client(net);
    const server = tools.builtin.createServer();
    const port = await tools.listen(server);
    const other = tools.watch('other', net.connect(port, '127.0.0.1'));
    await tools.until(other, 'ready');
    one.client.on('data', () => {
      tools.call('destroy', () => other.destroy());
    });
    one.peer.write('x');
    await tools.until(other, 'close');
  });
});

describe('abort signals', () => {
  script('aborted before connect', async (net, tools) => {
    const port = await tools.listen(net.createServer());
    const signal = AbortSignal.abort();
    const client = tools.watch(
      'client',
      net.connect({ port, host: '127.0.0.1', signal } as never, tools.callback('connected')),
    );
    tools.note('listeners', getEventListeners(signal, 'abort').length);
    await tools.until(client, 'close');
    await tools.turns(3);
    tools.read(client, 'destroyed', 'errored');
  });

  script('aborted in the same tick', async (net, tools) => {
    const port = await tools.listen(net.createServer());
    const controller = new AbortController();
    const client = tools.watch('client', net.connect({ port, host: '127.0.0.1', signal: controller.signal } as never));
    tools.note('listeners', getEventListeners(controller.signal, 'abort').length);
    controller.abort();
    await tools.until(client, 'close');
  });

  script('aborted while connected', async (net, tools) => {
    const controller = new AbortController();
    const { client } = await tools.client(net, {
      make: (to) => net.connect({ ...to, signal: controller.signal } as never),
    });
    tools.note('listeners', getEventListeners(controller.signal, 'abort').length);
    controller.abort();
    tools.note('after the call');
    await tools.until(client, 'close');
    tools.note('listeners', getEventListeners(controller.signal, 'abort').length);
  });

  script('aborted with a reason', async (net, tools) => {
    const controller = new AbortController();
    const { client } = await tools.client(net, {
      make: (to) => net.connect({ ...to, signal: controller.signal } as never),
    });
    controller.abort(new Error('enough'));
    await tools.until(client, 'close');
    tools.note('cause', (client.errored as Error).cause);
  });

  script('aborted after close', async (net, tools) => {
    const controller = new AbortController();
    const { client } = await tools.client(net, {
      make: (to) => net.connect({ ...to, signal: controller.signal } as never),
    });
    client.destroy();
    await tools.until(client, 'close');
    await tools.turns(2);
    tools.note('listeners', getEventListeners(controller.signal, 'abort').length);
    controller.abort();
    await tools.turns(2);
  });

  script('given to new Socket', async (net, tools) => {
    const controller = new AbortController();
    const socket = tools.watch('socket', new net.Socket({ signal: controller.signal }));
    tools.note('listeners', getEventListeners(controller.signal, 'abort').length);
    controller.abort();
    await tools.until(socket, 'close');
  });

  script('a signal of a wrong type', (net, tools) => {
    for (const signal of [1, 'x', {}, true]) {
      tools.call('new Socket', () => new net.Socket({ signal: bad(signal) }));
    }
    tools.call('null', () => new net.Socket({ signal: bad(null) }));
  });
});

describe('keepAlive and noDelay', () => {
  /** Wraps the handle's methods, as Node's own tests do, to see what reaches the system. */
  script('options of connect are taken', async (net, tools) => {
    for (const options of [
      { noDelay: true },
      { noDelay: 1 },
      { keepAlive: true },
      { keepAlive: true, keepAliveInitialDelay: 456_123 },
      { keepAlive: 'x', keepAliveInitialDelay: -1 },
      { keepAlive: true, keepAliveInitialDelay: undefined },
    ]) {
      const { client, peer } = await tools.client(net, {
        make: (to) => net.connect({ ...to, ...options } as never),
      });
      const read = tools.peerReads(peer, 1);
      client.write('x');
      tools.note('got', await read);
    }
  });

  script('wrong types of the options', (net, tools) => {
    for (const options of [
      { noDelay: 'x' },
      { keepAlive: 1 },
      { keepAliveInitialDelay: 'x' },
      { keepAliveInitialDelay: {} },
      { keepAliveInitialDelay: NaN },
    ]) {
      tools.call('new Socket', () => new net.Socket(options as never));
    }
  });

  script('setKeepAlive and setNoDelay take anything', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    for (const value of [undefined, true, false, 0, 1, 'x', null]) {
      tools.call('setNoDelay', () => client.setNoDelay(bad(value)));
      tools.call('setKeepAlive', () => client.setKeepAlive(bad(value)));
      tools.call('setKeepAlive with a delay', () => client.setKeepAlive(true, bad(value)));
    }
    for (const delay of [-1, NaN, 1.5, Infinity, 1e12, {}]) {
      tools.call('setKeepAlive with a delay', () => client.setKeepAlive(true, bad(delay)));
    }
    const read = tools.peerReads(peer, 1);
    client.write('x');
    tools.note('got', await read);
  });

  script('before connect they are remembered, over a path they are nothing', async (net, tools) => {
    const path = tools.path();
    await tools.listen(net.createServer(), path);
    const client = tools.watch('client', new net.Socket());
    tools.call('setNoDelay', () => client.setNoDelay(true));
    tools.call('setKeepAlive', () => client.setKeepAlive(true, 1000));
    client.connect(path);
    await tools.until(client, 'ready');
    tools.call('setNoDelay', () => client.setNoDelay(false));
    tools.call('setKeepAlive', () => client.setKeepAlive(false));
  });
});
