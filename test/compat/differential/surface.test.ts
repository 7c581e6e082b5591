import { describe } from 'vitest';

import { script } from './support/script.ts';
import { bad } from './support/tools.ts';

describe('module surface', () => {
  script('what the module exports', (net, tools) => {
    for (const [key, value] of Object.entries(net).toSorted(([one], [other]) => (one < other ? -1 : 1))) {
      if (key === 'default' || key === 'createNet' || key === 'toSocket' || key === 'fromSocket') continue;
      tools.note(key, typeof value, typeof value === 'function' ? value.length : value);
    }
  });

  script('Stream is Socket', (net, tools) => {
    tools.note('same', (net as { Stream?: unknown }).Stream === net.Socket);
  });

  script('names of the classes and functions', (net, tools) => {
    for (const made of [net.Socket, net.Server, net.connect, net.createConnection, net.createServer, net.isIP]) {
      tools.note('name', made.name);
    }
  });

  script('Socket and Server work without new', (net, tools) => {
    const Socket = net.Socket as unknown as () => InstanceType<typeof net.Socket>;
    const Server = net.Server as unknown as () => InstanceType<typeof net.Server>;
    const socket = tools.watch('socket', Socket());
    const server = tools.watch('server', Server());
    tools.note('socket', socket instanceof net.Socket, 'server', server instanceof net.Server);
  });

  script('a class may extend Socket', async (net, tools) => {
    class Named extends net.Socket {
      readonly title = 'mine';
    }
    const server = net.createServer((socket) => socket.end('hello'));
    const port = await tools.listen(server);
    const named = tools.watch('named', new Named());
    named.setEncoding('utf8').resume();
    tools.call('connect', () => named.connect(port, '127.0.0.1'));
    tools.note('is', named instanceof Named, named instanceof net.Socket, named.title);
    await tools.until(named, 'close');
  });

  script('a class may extend Server', async (net, tools) => {
    class Counting extends net.Server {
      readonly title = 'mine';
    }
    const server = tools.watch('server', new Counting({ pauseOnConnect: true }));
    tools.call('listen', () => server.listen(0, '127.0.0.1'));
    await tools.until(server, 'listening');
    tools.note('is', server instanceof Counting, server instanceof net.Server, server.title);
    tools.call('close', () => server.close());
    await tools.until(server, 'close');
  });

  script('an old-style subclass calls Socket on itself', async (net, tools) => {
    interface Old extends InstanceType<typeof net.Socket> {
      title: string;
    }
    const OldSocket = function (this: Old): void {
      (net.Socket as unknown as (this: Old, options: object) => void).call(this, { allowHalfOpen: true });
      this.title = 'old';
    } as unknown as new () => Old;
    Object.setPrototypeOf(OldSocket.prototype, net.Socket.prototype);
    Object.setPrototypeOf(OldSocket, net.Socket);
    const server = net.createServer((socket) => socket.end('hello'));
    const port = await tools.listen(server);
    const old = tools.watch('old', new OldSocket());
    old.resume();
    tools.call('connect', () => old.connect(port, '127.0.0.1'));
    await tools.until(old, 'end');
    tools.read(old, 'title', 'allowHalfOpen', 'writable', 'readyState');
  });

  script('connect and createConnection call Socket.prototype.connect', (net, tools) => {
    const prototype = net.Socket.prototype as { connect: (...args: unknown[]) => unknown };
    const original = prototype.connect;
    prototype.connect = function replaced(this: object, ...args: unknown[]): object {
      tools.note('connect called with', args.length);
      return this;
    };
    try {
      tools.call('connect', () => net.connect(1));
      tools.call('createConnection', () => net.createConnection({ port: 1 }, () => undefined));
      tools.call('connect(path)', () => net.connect('/nowhere'));
    } finally {
      prototype.connect = original;
    }
  });

  script('isIP, isIPv4, isIPv6', (net, tools) => {
    const inputs = [
      '127.0.0.1',
      'x127.0.0.1',
      'example.com',
      '0000:0000:0000:0000:0000:0000:0000:0000',
      '0000:0000:0000:0000:0000:0000:0000:0000::0000',
      '1050:0:0:0:5:600:300c:326b',
      '2001:252:0:1::2008:6',
      '2001:dead:beef:1::2008:6',
      '2001::',
      '2001:dead::',
      '2001:dead:beef:1:0:0:0:0',
      ':2001:252:0:1::2008:6:',
      ':2001:252:0:1::2008:6',
      '2001:252:0:1::2008:6:',
      '2001:252::1::2008:6',
      '::2001:252:1:2008:6',
      '::2001:252:1:1.1.1.1',
      '::2001:252:1:255.255.255.255.76',
      'fe80::2008%eth0',
      'fe80::2008%eth0.0',
      'fe80::2008%eth0@1',
      'fe80::1%1',
      '::anything',
      '::1',
      '::',
      '0000:0000:0000:0000:0000:0000:12345:0000',
      '0',
      '',
      '01.1.1.1',
      '1.1.1',
      '256.1.1.1',
      '1.2.3.4 ',
      '::ffff:1.2.3.4',
      '::ffff:1.2.3.400',
    ];
    for (const input of inputs) {
      tools.note(JSON.stringify(input), net.isIP(input), net.isIPv4(input), net.isIPv6(input));
    }
  });

  script('isIP of what is no string', (net, tools) => {
    const inputs: readonly unknown[] = [
      undefined,
      null,
      0,
      1,
      true,
      {},
      [],
      ['127.0.0.1'],
      { toString: () => '::1' },
      { toString: () => '127.0.0.1' },
      { toString: () => 'bla' },
      Buffer.from('127.0.0.1'),
    ];
    for (const input of inputs) {
      tools.call('isIP', () => net.isIP(bad(input)));
      tools.call('isIPv4', () => net.isIPv4(bad(input)));
      tools.call('isIPv6', () => net.isIPv6(bad(input)));
    }
    tools.call('isIP without an argument', () => (net.isIP as () => number)());
    tools.call('isIP of a symbol', () => net.isIP(bad(Symbol('s'))));
  });

  script('properties read on the prototype are undefined and do not throw', (net, tools) => {
    for (const property of ['bytesWritten', 'bytesRead', 'connecting', 'timeout']) {
      tools.call(property, () => (net.Socket.prototype as unknown as Record<string, unknown>)[property]);
    }
  });

  script('which properties of the prototypes are enumerable', (net, tools) => {
    const names = (prototype: object): string[] =>
      Object.keys(prototype)
        .filter((name) => !name.startsWith('_'))
        .toSorted();
    tools.note('Socket', names(net.Socket.prototype).join(' '));
    tools.note('Server', names(net.Server.prototype).join(' '));
  });

  script('a fresh Socket', (net, tools) => {
    const socket = tools.watch('socket', new net.Socket());
    tools.read(
      socket,
      'allowHalfOpen',
      'readable',
      'writable',
      'connecting',
      'pending',
      'destroyed',
      'readyState',
      'bytesRead',
      'bytesWritten',
      'bufferSize',
      'timeout',
      'localAddress',
      'localPort',
      'localFamily',
      'remoteAddress',
      'remotePort',
      'remoteFamily',
      'autoSelectFamilyAttemptedAddresses',
      'server',
      'readableFlowing',
      'writableLength',
      'writableHighWaterMark',
      'readableHighWaterMark',
      'readableObjectMode',
      'writableObjectMode',
      'closed',
      'errored',
      '_handle',
      '_connecting',
    );
    tools.call('address', () => socket.address());
    tools.listeners(socket);
  });

  script('the own enumerable properties of a fresh Socket that programs use', (net, tools) => {
    const keys = new Set(Object.keys(new net.Socket()));
    for (const key of ['connecting', 'allowHalfOpen', 'server', 'destroyed', '_handle', '_parent', '_host']) {
      tools.note(key, keys.has(key));
    }
  });

  script('a fresh Server', (net, tools) => {
    const server = tools.watch('server', net.createServer());
    tools.read(server, 'listening', 'maxConnections', 'allowHalfOpen', 'pauseOnConnect', '_handle');
    tools.call('address', () => server.address());
    tools.listeners(server);
  });

  script('createServer takes a listener alone, or options and a listener', (net, tools) => {
    const listener = (): void => undefined;
    tools.note('alone', net.createServer(listener).listeners('connection').length);
    const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true }, listener);
    tools.note('second', server.listeners('connection')[0] === listener);
    tools.read(server, 'allowHalfOpen', 'pauseOnConnect');
    tools.read(net.createServer({ allowHalfOpen: bad(1), pauseOnConnect: bad('') }), 'allowHalfOpen', 'pauseOnConnect');
  });

  script('methods that return the socket', (net, tools) => {
    const socket = tools.watch('socket', new net.Socket());
    tools.call('ref', () => socket.ref());
    tools.call('unref', () => socket.unref());
    tools.call('setTimeout', () => socket.setTimeout(0));
    tools.call('setKeepAlive', () => socket.setKeepAlive());
    tools.call('setNoDelay', () => socket.setNoDelay());
    tools.call('pause', () => socket.pause());
    tools.call('resume', () => socket.resume());
    tools.call('setEncoding', () => socket.setEncoding('utf8'));
    tools.call('cork', () => {
      socket.cork();
    });
    tools.call('destroy', () => socket.destroy());
    tools.call('destroy again', () => socket.destroy());
  });

  script('methods that return the server', async (net, tools) => {
    const server = tools.watch('server', net.createServer());
    tools.call('ref', () => server.ref());
    tools.call('unref', () => server.unref());
    tools.call('listen', () => server.listen(0, '127.0.0.1'));
    tools.call('getConnections', () => server.getConnections(tools.callback('counted')));
    await tools.until(server, 'listening');
    tools.call('close', () => server.close());
    await tools.until(server, 'close');
  });

  script('the default of autoSelectFamily', (net, tools) => {
    const before = net.getDefaultAutoSelectFamily();
    tools.note('before', before);
    tools.call('set', () => {
      net.setDefaultAutoSelectFamily(!before);
    });
    tools.note('after', net.getDefaultAutoSelectFamily());
    net.setDefaultAutoSelectFamily(before);
    tools.call('wrong type', () => {
      net.setDefaultAutoSelectFamily(bad('yes'));
    });
    tools.call('missing', () => {
      net.setDefaultAutoSelectFamily(bad(undefined));
    });
  });

  script('the default of the attempt timeout', (net, tools) => {
    const before = net.getDefaultAutoSelectFamilyAttemptTimeout();
    tools.note('before', before);
    for (const value of [5, 10, 123, 1.5, 0, -1, NaN, Infinity, 2 ** 31, '7', undefined, null]) {
      tools.call(`set ${String(value)}`, () => {
        net.setDefaultAutoSelectFamilyAttemptTimeout(bad(value));
      });
      tools.note('now', net.getDefaultAutoSelectFamilyAttemptTimeout());
    }
    net.setDefaultAutoSelectFamilyAttemptTimeout(before);
  });

  script('_setSimultaneousAccepts warns once, where it exists', (net, tools) => {
    const set = (net as unknown as { _setSimultaneousAccepts?: (handle: unknown) => void })._setSimultaneousAccepts;
    tools.note('there', typeof set);
    if (set !== undefined) tools.call('call', () => set(undefined));
  });
});
