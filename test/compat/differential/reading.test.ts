import { Readable } from 'node:stream';

import { describe } from 'vitest';

import { script } from './support/script.ts';
import { bad } from './support/tools.ts';

describe('pause, resume, read, setEncoding', () => {
  script('nothing is read before there is a reader', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    peer.write('hello');
    await tools.settled();
    tools.read(client, 'readableFlowing', 'readableLength', 'bytesRead');
    client.on('data', () => undefined);
    await tools.until(client, 'data');
    tools.read(client, 'readableFlowing', 'readableLength', 'bytesRead');
  });

  script('pause stops data, resume delivers it', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    client.on('data', () => undefined);
    peer.write('one');
    await tools.until(client, 'data');
    tools.call('pause', () => client.pause());
    tools.note('paused', client.isPaused());
    peer.write('two');
    await tools.settled();
    tools.note('still paused');
    tools.call('resume', () => client.resume());
    await tools.until(client, 'data', 2);
    tools.note('paused', client.isPaused());
    tools.read(client, 'bytesRead');
  });

  script('pause and resume while connecting: the last one wins', async (net, tools) => {
    const server = tools.builtin.createServer((socket) => socket.write('hello'));
    const port = await tools.listen(server);
    for (const calls of ['pr', 'rp', 'prp', 'p', 'r']) {
      const client = tools.watch(`client ${calls}`, net.connect(port, '127.0.0.1'));
      client.on('data', () => undefined);
      for (const call of calls) {
        if (call === 'p') client.pause();
        else client.resume();
      }
      await tools.until(client, 'ready');
      await tools.settled();
      tools.read(client, 'bytesRead', 'readableFlowing');
      client.resume();
      await tools.until(client, 'data');
    }
  });

  script('pause inside data', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    client.on('data', () => {
      client.pause();
    });
    peer.write('one');
    await tools.until(client, 'data');
    peer.write('two');
    await tools.settled();
    tools.read(client, 'readableLength', 'bytesRead');
    client.resume();
    await tools.until(client, 'data', 2);
    peer.end();
    await tools.settled();
    tools.read(client, 'readableEnded', 'destroyed');
    client.resume();
    await tools.until(client, 'close');
  });

  script('pauseOnConnect: nothing is read until resume', async (net, tools) => {
    const { socket, peer } = await tools.accepted(net, { server: { pauseOnConnect: true } });
    socket.on('data', () => undefined);
    peer.write('hello');
    await tools.settled();
    tools.read(socket, 'bytesRead', 'readableFlowing');
    tools.note('paused', socket.isPaused());
    tools.call('resume', () => socket.resume());
    await tools.until(socket, 'data');
    tools.read(socket, 'bytesRead');
  });

  script('readable and read()', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    client.on('readable', () => {
      tools.call('read', () => client.read() as unknown);
      tools.call('read', () => client.read() as unknown);
    });
    peer.write('one');
    await tools.until(client, 'readable');
    await tools.settled();
    peer.write('two');
    await tools.settled();
    peer.end();
    await tools.until(client, 'close');
  });

  script('read(n) and unshift', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    let step = 0;
    client.on('readable', () => {
      step += 1;
      if (step > 1) return;
      tools.call('read(2)', () => client.read(2) as unknown);
      client.unshift(Buffer.from('XY'));
      tools.call('read(3)', () => client.read(3) as unknown);
      tools.read(client, 'readableLength');
    });
    peer.write('abcdef');
    await tools.until(client, 'readable');
    await tools.settled();
    tools.read(client, 'readableLength', 'bytesRead');
  });

  script('read() starts reading', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    peer.write('hello');
    tools.call('read', () => client.read() as unknown);
    await tools.settled();
    tools.call('read', () => client.read() as unknown);
  });

  script('setEncoding splits characters right', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    tools.call('setEncoding', () => client.setEncoding('utf8'));
    client.on('data', () => undefined);
    const bytes = Buffer.from('a€b');
    peer.write(bytes.subarray(0, 2));
    await tools.until(client, 'data');
    peer.write(bytes.subarray(2));
    await tools.until(client, 'data', 2);
    tools.read(client, 'bytesRead', 'readableEncoding');
  });

  script('setEncoding after data came', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    client.once('readable', () => undefined);
    peer.write('hello');
    await tools.until(client, 'readable');
    client.setEncoding('hex');
    client.on('data', () => undefined);
    client.resume();
    await tools.until(client, 'data');
  });

  script('setEncoding unknown', async (net, tools) => {
    const { client } = await tools.client(net);
    tools.call('setEncoding', () => client.setEncoding(bad('nope')));
  });

  script('a chunk that is cut by the end is flushed', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    client.setEncoding('utf8');
    client.on('data', () => undefined);
    peer.end(Buffer.from('a€').subarray(0, 2));
    await tools.until(client, 'close');
  });

  script('async iteration', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    peer.end('hello');
    for await (const chunk of client) tools.note('chunk', chunk);
    tools.read(client, 'destroyed', 'readableEnded');
  });

  script('async iteration that is left', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    peer.write('hello');
    for await (const chunk of client) {
      tools.note('chunk', chunk);
      break;
    }
    tools.read(client, 'destroyed');
    await tools.until(client, 'close');
  });

  script('async iteration of a connection that is reset', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    peer.resetAndDestroy();
    try {
      for await (const chunk of client) tools.note('chunk', chunk);
    } catch (error) {
      tools.note('threw', error);
    }
    await tools.until(client, 'close');
  });

  script('Readable.toWeb', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    peer.end('hello');
    const reader = Readable.toWeb(client).getReader();
    const first = await tools.wait('the first chunk', reader.read());
    tools.note('first', Buffer.from(first.value as Uint8Array));
    const second = await tools.wait('the end', reader.read());
    tools.note('done', second.done);
    await tools.until(client, 'close');
  });

  script('once(data) then nothing: the socket flows on', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    client.once('data', () => undefined);
    peer.write('one');
    await tools.until(client, 'data');
    peer.write('two');
    await tools.until(client, 'data', 2);
    tools.read(client, 'readableFlowing', 'bytesRead');
  });

  script('bytesRead at end and in close', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    client.resume();
    client.on('end', () => {
      tools.read(client, 'bytesRead');
    });
    client.on('close', () => {
      tools.read(client, 'bytesRead');
    });
    peer.end('12345');
    await tools.until(client, 'close');
  });

  script('destroy inside data loses what follows', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    client.on('data', () => {
      tools.call('destroy', () => client.destroy());
    });
    peer.write('one');
    await tools.until(client, 'close');
    tools.read(client, 'bytesRead', 'readableLength');
  });

  script('a read larger than the high-water mark stops reading until it is taken', async (net, tools) => {
    const { client, peer } = await tools.client(net, {
      make: (to) => net.connect({ ...to, highWaterMark: 4 } as never),
    });
    client.once('readable', () => undefined);
    peer.write('hello');
    await tools.until(client, 'readable');
    peer.write(' world');
    await tools.settled();
    tools.read(client, 'readableLength', 'readableHighWaterMark', 'bytesRead');
    client.on('data', () => undefined);
    client.resume();
    await tools.until(client, 'data', 2);
    tools.read(client, 'bytesRead');
  });
});

describe('onread', () => {
  script('the callback gets the very buffer', async (net, tools) => {
    const buffer = tools.name('the buffer', Buffer.alloc(32));
    const { client, peer } = await tools.client(net, {
      make: (to) =>
        net.connect({
          ...to,
          onread: {
            buffer,
            callback(this: unknown, count: number, got: Uint8Array): boolean {
              tools.note('onread', count, got, this, got.subarray(0, count).toString());
              return true;
            },
          },
        }),
    });
    peer.write('hello');
    await tools.settled();
    peer.end('world');
    await tools.until(client, 'end');
    await tools.until(client, 'close');
    tools.read(client, 'bytesRead', 'readableLength');
  });

  script('the buffer may be a function, asked before every read', async (net, tools) => {
    const { client, peer } = await tools.client(net, {
      make: (to) =>
        net.connect({
          ...to,
          onread: {
            buffer: () => {
              tools.note('asked for a buffer');
              return Buffer.alloc(2);
            },
            callback(count: number, got: Uint8Array): boolean {
              tools.note('onread', count, got);
              return true;
            },
          },
        }),
    });
    peer.write('hello');
    await tools.settled();
    peer.end();
    await tools.until(client, 'close');
  });

  script('returning false stops reading until resume', async (net, tools) => {
    const { client, peer } = await tools.client(net, {
      make: (to) =>
        net.connect({
          ...to,
          onread: {
            buffer: Buffer.alloc(2),
            callback(count: number, got: Uint8Array): boolean {
              tools.note('onread', count, got);
              return false;
            },
          },
        }),
    });
    peer.write('hello');
    await tools.settled();
    tools.read(client, 'bytesRead');
    tools.call('resume', () => client.resume());
    await tools.settled();
    tools.read(client, 'bytesRead');
    tools.call('resume', () => client.resume());
    await tools.settled();
    tools.read(client, 'bytesRead');
  });

  script('pause inside the callback', async (net, tools) => {
    const { client, peer } = await tools.client(net, {
      make: (to) =>
        net.connect({
          ...to,
          onread: {
            buffer: new Uint8Array(2),
            callback(this: { pause(): unknown }, count: number, got: Uint8Array): boolean {
              tools.note('onread', count, got);
              this.pause();
              return true;
            },
          },
        } as never),
    });
    peer.write('hello');
    await tools.settled();
    tools.call('resume', () => client.resume());
    await tools.settled();
    tools.read(client, 'bytesRead');
  });

  script('a reset during onread', async (net, tools) => {
    const { client, peer } = await tools.client(net, {
      make: (to) =>
        net.connect({
          ...to,
          onread: {
            buffer: Buffer.alloc(8),
            callback(count: number): boolean {
              tools.note('onread', count);
              return true;
            },
          },
        }),
    });
    peer.write('x');
    await tools.settled();
    peer.resetAndDestroy();
    await tools.until(client, 'close');
  });

  script('onread of wrong types is ignored', async (net, tools) => {
    for (const onread of [null, 1, {}, { buffer: 'x' }, { buffer: Buffer.alloc(1) }, { callback: () => true }]) {
      const { client, peer } = await tools.client(net, {
        make: (to) => net.connect({ ...to, onread: bad(onread) }),
      });
      client.on('data', () => undefined);
      peer.write('hello');
      await tools.until(client, 'data');
    }
  });
});
