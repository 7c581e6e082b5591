import type { Socket } from 'node:net';

import { describe } from 'vitest';

import { script } from './support/script.ts';
import { bad, type Tools } from './support/tools.ts';

const halves = (tools: Tools, socket: Socket): void => {
  tools.read(
    socket,
    'readyState',
    'readable',
    'writable',
    'destroyed',
    'readableEnded',
    'writableEnded',
    'writableFinished',
    'closed',
    'allowHalfOpen',
  );
};

describe('half-open, end and close', () => {
  script('the peer ends: the socket answers and closes', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    client.resume();
    for (const event of ['end', 'finish', 'close']) {
      client.on(event, () => {
        halves(tools, client);
      });
    }
    peer.end();
    await tools.until(client, 'close');
    tools.listeners(client);
  });

  script('the peer ends: an accepted socket answers and closes', async (net, tools) => {
    const { socket, peer } = await tools.accepted(net);
    socket.resume();
    for (const event of ['end', 'finish', 'close']) {
      socket.on(event, () => {
        halves(tools, socket);
      });
    }
    peer.end('last words');
    await tools.until(socket, 'close');
  });

  script('our end first', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    client.resume();
    const ended = tools.peerEmits(peer, 'end');
    peer.resume();
    tools.call('end', () => client.end());
    halves(tools, client);
    await tools.until(client, 'finish');
    await ended;
    halves(tools, client);
    peer.end();
    await tools.until(client, 'close');
    halves(tools, client);
  });

  script('half-open client: writes after the peer has ended', async (net, tools) => {
    const { client, peer } = await tools.client(net, {
      make: (to) => net.connect({ ...to, allowHalfOpen: true } as never),
    });
    client.resume();
    peer.end();
    await tools.until(client, 'end');
    await tools.turns(3);
    halves(tools, client);
    const read = tools.peerReads(peer, 5);
    tools.call('write', () => client.write('still', tools.callback('written')));
    tools.note('peer got', await read);
    tools.call('end', () => client.end());
    await tools.until(client, 'close');
    halves(tools, client);
  });

  script('half-open server: writes after the peer has ended', async (net, tools) => {
    const { socket, peer } = await tools.accepted(net, { server: { allowHalfOpen: true } });
    socket.resume();
    peer.end();
    await tools.until(socket, 'end');
    await tools.turns(3);
    halves(tools, socket);
    const read = tools.peerReads(peer, 5);
    tools.call('write', () => socket.write('still'));
    tools.note('peer got', await read);
    tools.call('end', () => socket.end());
    await tools.until(socket, 'close');
  });

  script('half-open over a path', async (net, tools) => {
    const { client, peer } = await tools.client(net, {
      path: tools.path(),
      make: (to) => net.connect({ ...to, allowHalfOpen: true } as never),
    });
    client.resume();
    peer.end('x');
    await tools.until(client, 'end');
    halves(tools, client);
    const read = tools.peerReads(peer, 5);
    client.end('still');
    tools.note('peer got', await read);
    await tools.until(client, 'close');
  });

  script('allowHalfOpen set later', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    client.allowHalfOpen = true;
    client.resume();
    peer.end();
    await tools.until(client, 'end');
    await tools.turns(3);
    halves(tools, client);
  });

  script('not destroyed in end, nor a tick later, nor in finish', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    client.resume();
    client.on('end', () => {
      tools.note('in end', client.destroyed);
      process.nextTick(() => {
        tools.note('a tick later', client.destroyed);
      });
    });
    client.on('finish', () => {
      tools.note('in finish', client.destroyed);
    });
    peer.end();
    await tools.until(client, 'close');
  });

  script('a write inside the end handler', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    client.resume();
    const read = tools.peerReads(peer, 4);
    client.on('end', () => {
      tools.call('write', () => client.write('late', tools.callback('written')));
    });
    peer.end();
    tools.note('peer got', await read);
    await tools.until(client, 'close');
  });

  script('end() called again inside the end handler', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    client.resume();
    client.on('end', () => {
      tools.call('end', () => client.end(tools.callback('ended')));
    });
    peer.end();
    await tools.until(client, 'close');
  });

  script('a write well after the socket answered the FIN', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    client.resume();
    peer.end();
    await tools.until(client, 'end');
    await tools.until(client, 'finish');
    tools.call('write', () => client.write('too late', tools.callback('written')));
    tools.note('after the call');
    await tools.until(client, 'close');
  });

  script('end and then write at once', async (net, tools) => {
    const { client } = await tools.client(net);
    client.resume();
    tools.call('end', () => client.end());
    tools.call('write', () => client.write('x', tools.callback('written')));
    tools.note('after the call');
    await tools.until(client, 'close');
  });

  script('end, then write one tick later, after the peer ended too', async (net, tools) => {
    const { client, peer } = await tools.client(net, {
      make: (to) => net.connect({ ...to, allowHalfOpen: true } as never),
    });
    client.resume();
    peer.end();
    await tools.until(client, 'end');
    tools.call('end', () => client.end());
    tools.call('write', () => client.write('x', tools.callback('written')));
    tools.note('after the call');
    await tools.until(client, 'close');
  });

  script('close waits for unread data', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    peer.end('unread');
    client.end();
    await tools.until(client, 'finish');
    await tools.turns(5);
    halves(tools, client);
    client.on('data', () => undefined);
    await tools.until(client, 'close');
  });

  script('close waits for unread data of an accepted socket', async (net, tools) => {
    const { socket, peer, server } = await tools.accepted(net);
    peer.end('unread');
    socket.end();
    await tools.until(socket, 'finish');
    server.close();
    await tools.turns(5);
    halves(tools, socket);
    socket.resume();
    await tools.until(server, 'close');
  });

  script('listeners of a fresh connection', async (net, tools) => {
    const { client } = await tools.client(net);
    tools.listeners(client);
    client.resume();
    tools.listeners(client);
  });

  script('listeners of an accepted socket', async (net, tools) => {
    const { socket, server } = await tools.accepted(net);
    tools.listeners(socket);
    tools.listeners(server);
    tools.note('server', socket.server === server);
  });

  script('end(data, encoding, callback)', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    client.resume();
    const read = tools.peerReads(peer, 2);
    tools.call('end', () => client.end('00ff', 'hex', tools.callback('ended')));
    tools.note('peer got', await read);
    peer.end();
    await tools.until(client, 'close');
    tools.read(client, 'bytesWritten');
  });

  script('end(data, callback), end(callback)', async (net, tools) => {
    for (const form of [
      (socket: Socket) => socket.end('x', tools.callback('ended')),
      (socket: Socket) => socket.end(tools.callback('ended')),
      (socket: Socket) => socket.end(),
      (socket: Socket) => socket.end(bad(null)),
      (socket: Socket) => socket.end(bad(undefined), tools.callback('ended')),
    ]) {
      const { client, peer } = await tools.client(net);
      client.resume();
      peer.resume();
      tools.call('end', () => form(client));
      await tools.until(client, 'finish');
      peer.end();
      await tools.until(client, 'close');
    }
  });

  script('end twice', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    client.resume();
    tools.call('end', () => client.end(tools.callback('first')));
    tools.call('end', () => client.end(tools.callback('second')));
    await tools.until(client, 'finish');
    tools.call('end', () => client.end(tools.callback('third')));
    peer.end();
    await tools.until(client, 'close');
    tools.call('end', () => client.end(tools.callback('fourth')));
    await tools.turns(2);
  });

  script('end with data twice', async (net, tools) => {
    const { client } = await tools.client(net);
    client.resume();
    tools.call('end', () => client.end('a', tools.callback('first')));
    tools.call('end', () => client.end('b', tools.callback('second')));
    await tools.until(client, 'close');
  });

  script('end of what has no type to be written', async (net, tools) => {
    const { client } = await tools.client(net);
    for (const value of [1, true, {}, []]) tools.call('end', () => client.end(bad(value)));
    halves(tools, client);
  });

  script('data, end and close come in that order', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    client.on('data', () => undefined);
    peer.write('one');
    await tools.until(client, 'data');
    peer.write('two');
    await tools.until(client, 'data', 2);
    peer.end('three');
    await tools.until(client, 'close');
    tools.read(client, 'bytesRead');
  });

  script('destroySoon writes what is queued', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    const read = tools.peerReads(peer, 3);
    client.write('abc');
    tools.call('destroySoon', () => {
      client.destroySoon();
    });
    halves(tools, client);
    tools.note('peer got', await read);
    await tools.until(client, 'close');
  });

  script('destroySoon after end, and on a finished socket', async (net, tools) => {
    const { client } = await tools.client(net);
    client.end('x');
    await tools.until(client, 'finish');
    tools.call('destroySoon', () => {
      client.destroySoon();
    });
    await tools.until(client, 'close');
    tools.call('destroySoon', () => {
      client.destroySoon();
    });
  });

  script('pipe back to itself, then end', async (net, tools) => {
    const { socket, peer } = await tools.accepted(net);
    socket.pipe(socket);
    const read = tools.peerReads(peer, 5);
    peer.write('hello');
    tools.note('echo', await read);
    peer.resume();
    peer.end();
    await tools.until(socket, 'close');
    tools.read(socket, 'bytesRead', 'bytesWritten');
    tools.listeners(socket);
  });

  script('asyncDispose destroys', async (net, tools) => {
    const { client } = await tools.client(net);
    const dispose = (client as unknown as Record<symbol, (() => Promise<void>) | undefined>)[
      (Symbol as unknown as { asyncDispose: symbol }).asyncDispose
    ];
    tools.note('there', typeof dispose);
    if (dispose === undefined) return;
    await dispose.call(client).then(
      () => {
        tools.note('resolved');
      },
      (error: unknown) => {
        tools.note('rejected', error);
      },
    );
    halves(tools, client);
  });
});
