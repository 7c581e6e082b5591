import { pipeline, Readable, finished } from 'node:stream';
import { promisify } from 'node:util';

import { describe } from 'vitest';

import { script } from './support/script.ts';
import { bad } from './support/tools.ts';

describe('write, drain, backpressure', () => {
  script('write callbacks: once each, in order', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    const read = tools.peerReads(peer, 20);
    for (let index = 0; index < 20; index++) client.write('x', tools.callback(`callback ${index}`));
    tools.read(client, 'bytesWritten', 'writableLength', 'bufferSize');
    await read;
    tools.read(client, 'bytesWritten', 'writableLength', 'bufferSize');
  });

  script('a small write returns true and calls back later', async (net, tools) => {
    const { client } = await tools.client(net);
    await tools.called('written', (callback) => {
      tools.call('write', () => client.write('hello', callback));
      tools.note('after the call');
      process.nextTick(() => {
        tools.note('next tick');
      });
    });
    tools.read(client, 'writableLength', 'writableNeedDrain', 'bytesWritten');
  });

  script('an empty write', async (net, tools) => {
    const { client } = await tools.client(net);
    await tools.called('written', (callback) => {
      tools.call('write', () => client.write('', callback));
    });
    await tools.called('written', (callback) => {
      tools.call('write', () => client.write(Buffer.alloc(0), callback));
    });
    tools.read(client, 'bytesWritten');
  });

  script('more than the high-water mark, taken at once', async (net, tools) => {
    const { client } = await tools.client(net);
    await tools.called('written', (callback) => {
      tools.call('write', () => client.write(Buffer.alloc(100_000), callback));
    });
    tools.read(client, 'bytesWritten', 'writableLength', 'writableNeedDrain');
  });

  script('a peer that does not read: false, then drain', async (net, tools) => {
    const { client, peer } = await tools.client(net, { path: tools.path() });
    const size = 5_000_000;
    tools.call('write', () => client.write(Buffer.alloc(size), tools.callback('written')));
    tools.read(client, 'bytesWritten', 'writableLength', 'bufferSize', 'writableNeedDrain');
    tools.call('write', () => client.write('x', tools.callback('x written')));
    tools.read(client, 'bytesWritten', 'writableLength', 'bufferSize');
    await tools.turns(3);
    tools.note('still waiting');
    const read = tools.peerReads(peer, size + 1);
    await tools.until(client, 'drain');
    await read;
    tools.read(client, 'bytesWritten', 'writableLength', 'bufferSize', 'writableNeedDrain');
  });

  script('end of 10 MB, counted at once', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    client.resume();
    const size = 10_000_000;
    tools.call('end', () => client.end(Buffer.alloc(size), tools.callback('ended')));
    tools.read(client, 'bytesWritten', 'writableLength', 'writableEnded', 'writableFinished');
    await tools.peerReads(peer, size);
    await tools.until(client, 'finish');
    tools.note('peer read', peer.bytesRead);
    peer.end();
    await tools.until(client, 'close');
    tools.read(client, 'bytesWritten');
  });

  script('cork and uncork', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    const read = tools.peerReads(peer, 6);
    client.cork();
    for (const part of ['a', 'bc', 'def']) {
      tools.call('write', () => client.write(part, tools.callback(`${part} written`)));
    }
    tools.read(client, 'bytesWritten', 'writableLength', 'writableCorked');
    tools.call('uncork', () => {
      client.uncork();
    });
    tools.read(client, 'bytesWritten', 'writableLength', 'writableCorked');
    tools.note('peer got', await read);
    tools.read(client, 'bytesWritten');
  });

  script('cork with mixed encodings', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    const read = tools.peerReads(peer, 10);
    client.cork();
    client.write('ä', 'utf8');
    client.write('ä', 'latin1');
    client.write('00ff', 'hex');
    client.write(Buffer.from('b'));
    client.write('YWI=', 'base64');
    client.write('c', 'utf16le');
    tools.read(client, 'bytesWritten');
    client.uncork();
    tools.note('peer got', await read);
    tools.read(client, 'bytesWritten');
  });

  script('cork while connecting', async (net, tools) => {
    const server = tools.builtin.createServer();
    const got = new Promise<string>((resolve) => {
      server.on('connection', (socket) => {
        socket.once('data', (chunk: Buffer) => {
          resolve(chunk.toString());
        });
      });
    });
    const port = await tools.listen(server);
    const client = tools.watch('client', net.connect(port, '127.0.0.1'));
    client.cork();
    client.write('a', tools.callback('a written'));
    client.write('b', tools.callback('b written'));
    await tools.until(client, 'ready');
    await tools.turns(2);
    tools.note('uncorked now');
    client.uncork();
    tools.note('got', await tools.wait('the data', got));
  });

  script('corked and never uncorked, then ended', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    client.resume();
    const read = tools.peerReads(peer, 2);
    client.cork();
    client.write('a', tools.callback('a written'));
    client.end('b', tools.callback('ended'));
    tools.note('peer got', await read);
    peer.end();
    await tools.until(client, 'close');
  });

  for (const encoding of [
    'latin1',
    'binary',
    'hex',
    'base64',
    'base64url',
    'ascii',
    'utf8',
    'utf16le',
    'ucs2',
  ] as const) {
    script(`write in ${encoding}`, async (net, tools) => {
      const { client, peer } = await tools.client(net);
      const text = encoding === 'hex' ? '00ff10' : encoding.startsWith('base64') ? 'aGVsbG8' : 'häl\u00FFo';
      const length = Buffer.byteLength(text, encoding);
      const read = tools.peerReads(peer, length);
      tools.call('write', () => client.write(text, encoding));
      tools.read(client, 'bytesWritten');
      tools.note('peer got', await read);
    });
  }

  script('all 256 values in latin1, both ways', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    const text = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join('');
    const read = tools.peerReads(peer, 256);
    client.write(text, 'latin1');
    tools.note('peer got', await read);
    client.setEncoding('latin1');
    client.on('data', () => undefined);
    peer.write(text, 'latin1');
    await tools.until(client, 'data');
  });

  script('setDefaultEncoding', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    const read = tools.peerReads(peer, 2);
    tools.call('setDefaultEncoding', () => client.setDefaultEncoding('hex'));
    tools.call('write', () => client.write('00ff'));
    tools.note('peer got', await read);
    tools.call('unknown', () => client.setDefaultEncoding(bad('nope')));
  });

  script('a multi-byte text of 40 960 characters', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    const text = 'äöü€'.repeat(10_240);
    const length = Buffer.byteLength(text);
    const read = tools.peerReads(peer, length);
    client.write(text);
    tools.read(client, 'bytesWritten');
    tools.note('peer got', await read);
  });

  script('write of each kind of bytes', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    const values: readonly (readonly [string, unknown])[] = [
      ['Buffer', Buffer.from('ab')],
      ['Uint8Array', new Uint8Array([1, 2])],
      ['Uint16Array', new Uint16Array([1, 2])],
      ['DataView', new DataView(new ArrayBuffer(3))],
      ['part of a buffer', Buffer.from('abcdef').subarray(2, 4)],
      ['Float64Array', new Float64Array([1])],
    ];
    peer.resume();
    for (const [name, value] of values) {
      tools.call(name, () => client.write(bad(value), tools.callback('written')));
      tools.read(client, 'bytesWritten');
    }
    await tools.turns(2);
    tools.read(client, 'bytesWritten', 'destroyed');
  });

  script('the buffer is the caller’s again after the callback', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    const buffer = Buffer.from('one');
    const read = tools.peerReads(peer, 6);
    await tools.called('written', (callback) => client.write(buffer, callback));
    buffer.write('two');
    client.write(buffer);
    tools.note('peer got', await read);
  });

  for (const [title, value] of [
    ['undefined', undefined],
    ['null', null],
    ['a number', 1],
    ['NaN', NaN],
    ['a boolean', true],
    ['an object', {}],
    ['an array', []],
    ['a function', () => undefined],
    ['a symbol', Symbol('s')],
    ['an ArrayBuffer', new ArrayBuffer(3)],
    ['a date', new Date(0)],
  ] as const) {
    script(`write of ${title} throws, and the socket stays usable`, async (net, tools) => {
      const { client, peer } = await tools.client(net);
      tools.call('write', () => client.write(bad(value), tools.callback('written')));
      await tools.turns(1);
      tools.read(client, 'destroyed', 'bytesWritten', 'writableLength');
      const read = tools.peerReads(peer, 2);
      tools.call('write', () => client.write('ok'));
      tools.note('peer got', await read);
    });
  }

  script('write with a wrong encoding', async (net, tools) => {
    const { client } = await tools.client(net);
    for (const encoding of ['nope', 1, {}, true, null]) {
      tools.call('write', () => client.write('x', bad(encoding)));
    }
    await tools.turns(1);
    tools.read(client, 'bytesWritten', 'destroyed');
  });

  script('write of a text as buffer', async (net, tools) => {
    const { client } = await tools.client(net);
    tools.call('write', () => client.write('x', bad('buffer')));
    await tools.turns(2);
    tools.read(client, 'destroyed', 'errored');
  });

  script('write with a callback that is no function', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    peer.resume();
    for (const callback of [1, 'x', {}, null]) {
      tools.call('write', () => client.write('x', 'utf8', bad(callback)));
    }
    await tools.turns(2);
    tools.read(client, 'bytesWritten', 'destroyed');
  });

  script('write after destroy', async (net, tools) => {
    const { client } = await tools.client(net);
    client.destroy();
    tools.call('write', () => client.write('x', tools.callback('written')));
    tools.note('after the call');
    await tools.until(client, 'close');
    tools.call('write', () => client.write('x', tools.callback('written')));
    await tools.turns(2);
    tools.read(client, 'bytesWritten');
  });

  script('destroy while connecting: what was queued is told', async (net, tools) => {
    const port = await tools.listen(net.createServer());
    const client = tools.watch('client', net.connect(port, '127.0.0.1'));
    client.write('a', tools.callback('a written'));
    client.write('b', tools.callback('b written'));
    client.destroy();
    await tools.until(client, 'close');
    await tools.turns(2);
    tools.read(client, 'bytesWritten', 'writableLength');
  });

  script('destroy with an error while connecting', async (net, tools) => {
    const port = await tools.listen(net.createServer());
    const client = tools.watch('client', net.connect(port, '127.0.0.1'));
    client.write('a', tools.callback('a written'));
    client.destroy(new Error('enough'));
    await tools.until(client, 'close');
  });

  script('destroy while a write waits', async (net, tools) => {
    const { client } = await tools.client(net, { path: tools.path() });
    client.write(Buffer.alloc(5_000_000), tools.callback('first'));
    client.write('x', tools.callback('second'));
    client.end(tools.callback('ended'));
    await tools.turns(2);
    client.destroy();
    await tools.until(client, 'close');
    await tools.turns(2);
    tools.read(client, 'bytesWritten', 'writableLength', 'writableFinished');
  });

  script('destroy with an error while a write waits', async (net, tools) => {
    const { client } = await tools.client(net, { path: tools.path() });
    client.write(Buffer.alloc(5_000_000), tools.callback('first'));
    client.write('x', tools.callback('second'));
    await tools.turns(2);
    client.destroy(new Error('enough'));
    await tools.until(client, 'close');
    await tools.turns(2);
  });

  script('write, write, destroy delivers both', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    const read = tools.peerReads(peer, 2);
    client.write('a', tools.callback('a written'));
    client.write('b', tools.callback('b written'));
    client.destroy();
    tools.note('peer got', await read);
    await tools.until(client, 'close');
  });

  script('the peer is gone: EPIPE', async (net, tools) => {
    const { client, peer } = await tools.client(net, { path: tools.path() });
    const closed = tools.peerEmits(peer, 'close');
    peer.destroy();
    await closed;
    tools.call('write', () => client.write('x', tools.callback('written')));
    await tools.until(client, 'close');
    tools.read(client, 'errored', 'destroyed', 'bytesWritten');
  });

  script('the peer resets while much is being written: one error', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    client.write(Buffer.alloc(20_000_000), tools.callback('written'));
    await tools.turns(2);
    peer.resetAndDestroy();
    await tools.until(client, 'close');
    await tools.turns(2);
  });

  script('writev of the peer that is gone', async (net, tools) => {
    const { client, peer } = await tools.client(net, { path: tools.path() });
    const closed = tools.peerEmits(peer, 'close');
    peer.destroy();
    await closed;
    client.cork();
    client.write('a', tools.callback('a'));
    client.write('b', tools.callback('b'));
    client.uncork();
    await tools.until(client, 'close');
  });

  script('the callback of a write throws: the process hears of it, and the socket lives', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    const heard = tools.uncaught();
    client.write('x', () => {
      throw new Error('thrown by the callback');
    });
    await tools.wait('the uncaught error', heard);
    const read = tools.peerReads(peer, 2);
    tools.call('write', () => client.write('y', tools.callback('written')));
    tools.note('peer got', await read);
    tools.read(client, 'destroyed');
  });

  script('a data listener throws: the process hears of it, and the socket lives', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    const heard = tools.uncaught();
    client.once('data', () => {
      throw new Error('thrown by the listener');
    });
    peer.write('one');
    await tools.wait('the uncaught error', heard);
    tools.read(client, 'destroyed', 'bytesRead');
    client.on('data', () => undefined);
    peer.write('two');
    await tools.until(client, 'data', 2);
    tools.read(client, 'destroyed', 'bytesRead');
  });

  script('an error that nobody listens to is thrown', async (net, tools) => {
    const port = await tools.deadPort();
    const client = tools.name('client', new net.Socket());
    const heard = tools.uncaught();
    client.connect(port, '127.0.0.1');
    await tools.wait('the uncaught error', heard);
    tools.read(client, 'destroyed');
  });

  script('bufferSize falls to 0 at finish', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    const read = tools.peerReads(peer, 10);
    for (let index = 0; index < 10; index++) {
      client.write('x');
      tools.read(client, 'bufferSize');
    }
    client.on('finish', () => {
      tools.read(client, 'bufferSize');
    });
    client.end();
    await read;
    await tools.until(client, 'finish');
  });

  script('pipeline into a socket', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    client.resume();
    const read = tools.peerReads(peer, 6);
    const source = Readable.from([Buffer.from('abc'), Buffer.from('def')]);
    const [error] = await tools.called('pipeline', (callback) => {
      pipeline(source, client, callback);
      void read.then(() => peer.end());
    });
    tools.note('error', error);
    tools.read(client, 'destroyed', 'writableFinished', 'bytesWritten');
  });

  script('pipeline whose source fails', async (net, tools) => {
    const { client } = await tools.client(net);
    const source = new Readable({
      read(): void {
        this.destroy(new Error('source failed'));
      },
    });
    await tools.called('pipeline', (callback) => {
      pipeline(source, client, callback);
    });
    await tools.until(client, 'close');
  });

  script('finished', async (net, tools) => {
    const { client, peer } = await tools.client(net);
    client.resume();
    const done = promisify(finished)(client).then(
      () => {
        tools.note('finished');
      },
      (error: unknown) => {
        tools.note('failed', error);
      },
    );
    peer.end('x');
    await tools.wait('finished', done);
    await tools.until(client, 'close');
  });

  script('finished on a premature close', async (net, tools) => {
    const { client } = await tools.client(net);
    const done = promisify(finished)(client).catch((error: unknown) => {
      tools.note('failed', error);
    });
    client.destroy();
    await tools.wait('finished', done);
  });
});
