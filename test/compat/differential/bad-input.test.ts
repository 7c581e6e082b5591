import { describe } from 'vitest';

import { script } from './support/script.ts';
import { bad } from './support/tools.ts';

describe('bad input', () => {
  const connects: readonly (readonly [string, readonly unknown[]])[] = [
    ['no argument', []],
    ['undefined', [undefined]],
    ['null', [null]],
    ['an empty object', [{}]],
    ['an empty array', [[]]],
    ['an array of a port', [[1]]],
    ['a callback alone', [() => undefined]],
    ['true', [true]],
    ['false', [false]],
    ['an empty text', ['']],
    ['a space', [' ']],
    ['NaN', [NaN]],
    ['Infinity', [Infinity]],
    ['-1', [-1]],
    ['65536', [65_536]],
    ['1.5', [1.5]],
    ['a symbol', [Symbol('s')]],
    ['a bigint', [1n]],
    ['a date', [new Date(0)]],
    ['port true', [{ port: true }]],
    ['port false', [{ port: false }]],
    ['port null', [{ port: null }]],
    ['port undefined', [{ port: undefined }]],
    ['port []', [{ port: [] }]],
    ['port {}', [{ port: {} }]],
    ["port ''", [{ port: '' }]],
    ["port ' '", [{ port: ' ' }]],
    ["port '0x'", [{ port: '0x' }]],
    ["port '-0x1'", [{ port: '-0x1' }]],
    ['port NaN', [{ port: NaN }]],
    ['port Infinity', [{ port: Infinity }]],
    ['port -1', [{ port: -1 }]],
    ['port 65536', [{ port: 65_536 }]],
    ["port '65536'", [{ port: '65536' }]],
    ['port 1.5', [{ port: 1.5 }]],
    ['port 1n', [{ port: 1n }]],
    ['port a function', [{ port: () => 1 }]],
    ['port a symbol', [{ port: Symbol('s') }]],
    ['path 1', [{ path: 1 }]],
    ['path {}', [{ path: {} }]],
    ['path true', [{ path: true }]],
    ['path null and no port', [{ path: null }]],
    ['path a buffer', [{ path: Buffer.from('x') }]],
    ['host 1', [{ port: 1, host: 1 }]],
    ['host {}', [{ port: 1, host: {} }]],
    ['host true', [{ port: 1, host: true }]],
    ['host []', [{ port: 1, host: [] }]],
    ['a second argument that is no host', [1, {}]],
    ['a second argument that is a number', [1, 5]],
    ['localAddress nonsense', [{ port: 1, localAddress: 'nonsense' }]],
    ['localAddress 1', [{ port: 1, localAddress: 1 }]],
    ['localAddress {}', [{ port: 1, localAddress: {} }]],
    ["localPort 'x'", [{ port: 1, localPort: 'x' }]],
    ["localPort '1'", [{ port: 1, localPort: '1' }]],
    ['localPort true', [{ port: 1, localPort: true }]],
    ['localPort -1', [{ port: 1, host: '127.0.0.1', localPort: -1 }]],
    ['localPort 65536', [{ port: 1, host: '127.0.0.1', localPort: 65_536 }]],
    ['hints 100000', [{ port: 1, host: 'name.test', hints: 100_000 }]],
    ["hints 'x'", [{ port: 1, host: 'name.test', hints: 'x' }]],
    ['hints -1', [{ port: 1, host: 'name.test', hints: -1 }]],
    ["lookup 'x'", [{ port: 1, host: 'name.test', lookup: 'x' }]],
    ['lookup 1', [{ port: 1, host: 'name.test', lookup: 1 }]],
    ['lookup {}', [{ port: 1, host: 'name.test', lookup: {} }]],
    ['lookup null', [{ port: 1, host: '127.0.0.1', lookup: null }]],
    ["autoSelectFamily 'x'", [{ port: 1, host: 'name.test', autoSelectFamily: 'INVALID' }]],
    ['autoSelectFamily 1', [{ port: 1, host: '127.0.0.1', autoSelectFamily: 1 }]],
    ['autoSelectFamilyAttemptTimeout 0', [{ port: 1, host: '127.0.0.1', autoSelectFamilyAttemptTimeout: 0 }]],
    ['autoSelectFamilyAttemptTimeout -1', [{ port: 1, host: '127.0.0.1', autoSelectFamilyAttemptTimeout: -1 }]],
    ["autoSelectFamilyAttemptTimeout 'x'", [{ port: 1, host: '127.0.0.1', autoSelectFamilyAttemptTimeout: 'x' }]],
    ['autoSelectFamilyAttemptTimeout 1.5', [{ port: 1, host: '127.0.0.1', autoSelectFamilyAttemptTimeout: 1.5 }]],
    ['objectMode', [{ port: 1, objectMode: true }]],
    ['readableObjectMode', [{ port: 1, readableObjectMode: true }]],
    ['writableObjectMode', [{ port: 1, writableObjectMode: true }]],
    ["objectMode 'x'", [{ port: 1, objectMode: 'x' }]],
    ['objectMode false', [{ port: 1, host: '127.0.0.1', objectMode: false }]],
    ["highWaterMark 'x'", [{ port: 1, highWaterMark: 'x' }]],
    ['highWaterMark -1', [{ port: 1, highWaterMark: -1 }]],
    ['highWaterMark NaN', [{ port: 1, highWaterMark: NaN }]],
    ['timeout -1', [{ port: 1, timeout: -1 }]],
    ['a callback that is no function', [{ port: 1, host: '127.0.0.1' }, 'x']],
    ['a callback that is an object', [1, '127.0.0.1', {}]],
  ];
  for (const [title, args] of connects) {
    script(`connect with ${title}`, async (net, tools) => {
      const connect = net.connect as unknown as (...all: readonly unknown[]) => unknown;
      tools.call('net.connect', () => connect(...args));
      const socket = tools.watch('socket', new net.Socket());
      const { connect: method } = socket as unknown as { connect: (...all: readonly unknown[]) => unknown };
      tools.call('socket.connect', () => method.apply(socket, [...args]));
      tools.read(socket, 'connecting', 'pending', 'destroyed', 'readyState');
      if (!socket.connecting) {
        await tools.turns(2);
        tools.read(socket, 'destroyed');
      }
      tools.listeners(socket);
    });
  }

  const sockets: readonly (readonly [string, unknown])[] = [
    ['a number', 3000],
    ['a text', 'x'],
    ['true', true],
    ['null', null],
    ['a symbol', Symbol('s')],
    ['an array', []],
    ['a function', () => undefined],
    ['fd -1', { fd: -1 }],
    ["fd 'x'", { fd: 'x' }],
    ['fd 1.5', { fd: 1.5 }],
    ['fd NaN', { fd: NaN }],
    ['fd 2 ** 31', { fd: 2 ** 31 }],
    ['fd null', { fd: null }],
    ['fd {}', { fd: {} }],
    ['fd of a closed descriptor', { fd: 3000 }],
    ['objectMode', { objectMode: true }],
    ['readableObjectMode', { readableObjectMode: true }],
    ['writableObjectMode', { writableObjectMode: true }],
    ["highWaterMark 'x'", { highWaterMark: 'x' }],
    ['highWaterMark -1', { highWaterMark: -1 }],
    ['readableHighWaterMark -1', { readableHighWaterMark: -1 }],
    ["allowHalfOpen 'x'", { allowHalfOpen: 'x' }],
    ['handle 5', { handle: 5 }],
    ['signal 5', { signal: 5 }],
    ['blockList 5', { blockList: 5 }],
    ['blockList {}', { blockList: {} }],
    ['typeOfService -1', { typeOfService: -1 }],
    ["typeOfService 'x'", { typeOfService: 'x' }],
  ];
  for (const [title, options] of sockets) {
    script(`new Socket with ${title}`, (net, tools) => {
      const socket = tools.call('new Socket', () => new net.Socket(bad(options)));
      if (socket === undefined) return;
      tools.read(socket, 'readable', 'writable', 'allowHalfOpen', 'destroyed', 'readyState', 'readableHighWaterMark');
    });
  }

  for (const half of ['readable', 'writable'] as const) {
    script(
      `new Socket with ${half} false, and no fd`,
      (net, tools) => {
        const socket = tools.watch('socket', new net.Socket({ [half]: false }));
        tools.read(socket, 'readable', 'writable', 'readyState');
      },
      {
        specification: {
          sentence:
            half === 'readable'
              ? '`readable` {boolean} Allow reads on the socket when an `fd` is passed, otherwise ignored.'
              : '`writable` {boolean} Allow writes on the socket when an `fd` is passed, otherwise ignored.',
          trace: ['socket: readable=true writable=true readyState="open"'],
        },
      },
    );
  }

  script('getConnections without a callback', async (net, tools) => {
    const server = tools.name('server', net.createServer());
    for (const callback of [undefined, null, 1, 'x']) {
      tools.call('getConnections', () => server.getConnections(bad(callback)));
    }
    await tools.turns(2);
  });

  script('setDefaultEncoding and setEncoding of wrong types', (net, tools) => {
    for (const value of [1, {}, null, undefined, true, 'nope']) {
      const socket = tools.name('socket', new net.Socket());
      tools.call('setEncoding', () => socket.setEncoding(bad(value)));
      tools.call('setDefaultEncoding', () => socket.setDefaultEncoding(bad(value)));
    }
  });

  script('setKeepAlive with a delay of a wrong type, before there is a connection', (net, tools) => {
    for (const value of ['5', {}, null, true, 10n, Symbol('delay')]) {
      const socket = tools.name('socket', new net.Socket());
      tools.call(`setKeepAlive ${typeof value}`, () => socket.setKeepAlive(true, bad(value)));
    }
  });

  script('methods called on what is no socket', (net, tools) => {
    const prototype = net.Socket.prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
    for (const method of ['setTimeout', 'setNoDelay', 'setKeepAlive', 'address']) {
      tools.call(method, () => typeof prototype[method]?.call({}));
    }
  });
});
