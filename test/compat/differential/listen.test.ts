import { openSync, statSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:net';

import { describe } from 'vitest';

import { script } from './support/script.ts';
import { bad, type Tools } from './support/tools.ts';

describe('listen', () => {
  const forms: readonly (readonly [string, (server: Server, tools: Tools) => Server])[] = [
    ['()', (server) => server.listen()],
    ['(callback)', (server, tools) => server.listen(tools.callback('listening'))],
    ['(0)', (server) => server.listen(0)],
    ["('0')", (server) => server.listen('0')],
    ['(undefined)', (server) => server.listen(bad(undefined))],
    ['(null)', (server) => server.listen(bad(null))],
    ['(0, callback)', (server, tools) => server.listen(0, tools.callback('listening'))],
    ['(0, host)', (server) => server.listen(0, '127.0.0.1')],
    ['(0, host, callback)', (server, tools) => server.listen(0, '127.0.0.1', tools.callback('listening'))],
    ['(0, host, backlog, callback)', (server, tools) => server.listen(0, '127.0.0.1', 1, tools.callback('listening'))],
    ['(0, backlog, callback)', (server, tools) => server.listen(0, 1, tools.callback('listening'))],
    ['(undefined, callback)', (server, tools) => server.listen(bad(undefined), tools.callback('listening'))],
    ['({ port: 0 })', (server) => server.listen({ port: 0 })],
    ["({ port: '0' })", (server) => server.listen({ port: bad('0') })],
    ['({ port: undefined })', (server) => server.listen({ port: bad(undefined) })],
    ['({ port: null })', (server) => server.listen({ port: bad(null) })],
    [
      '({ port, host, backlog }, callback)',
      (server, tools) => server.listen({ port: 0, host: '127.0.0.1', backlog: 5 }, tools.callback('listening')),
    ],
    ['({ port, exclusive })', (server) => server.listen({ port: 0, host: '127.0.0.1', exclusive: true })],
    ['({ port, host: "" })', (server) => server.listen({ port: 0, host: '' })],
    ['({ port, host: "::1" })', (server) => server.listen({ port: 0, host: '::1' })],
  ];
  for (const [form, listen] of forms) {
    script(`listen${form}`, async (net, tools) => {
      const server = tools.watch('server', net.createServer());
      tools.read(server, 'listening');
      tools.call('listen', () => listen(server, tools));
      tools.read(server, 'listening');
      await tools.until(server, 'listening');
      tools.read(server, 'listening', '_connectionKey');
      tools.note('address', server.address());
      server.close();
      await tools.until(server, 'close');
      tools.read(server, 'listening');
      tools.note('address', server.address());
      tools.listeners(server);
    });
  }

  script('every form of a listen on a path', async (net, tools) => {
    const pathForms: readonly (readonly [string, (server: Server, path: string) => Server])[] = [
      ['(path)', (server, path) => server.listen(path)],
      ['(path, callback)', (server, path) => server.listen(path, tools.callback('listening'))],
      ['(path, backlog, callback)', (server, path) => server.listen(path, 5, tools.callback('listening'))],
      ['({ path })', (server, path) => server.listen({ path })],
      ['({ path }, callback)', (server, path) => server.listen({ path }, tools.callback('listening'))],
    ];
    for (const [form, listen] of pathForms) {
      const path = tools.path();
      const server = tools.watch('server', net.createServer());
      tools.call(form, () => listen(server, path));
      await tools.until(server, 'listening');
      tools.note('address', server.address());
      tools.read(server, '_connectionKey');
      server.close();
      await tools.until(server, 'close');
      tools.note('file left', statSync(path, { throwIfNoEntry: false }) !== undefined);
    }
  });

  for (const [title, target] of [
    ['false', false],
    ['true', true],
    ['a negative port', -1],
    ['NaN', NaN],
    ['123.456', 123.456],
    ['65536', 65_536],
    ['Infinity', Infinity],
    ['an empty object', {}],
    ['{ port: false }', { port: false }],
    ['{ port: true }', { port: true }],
    ['{ port: -1 }', { port: -1 }],
    ['{ port: 65536 }', { port: 65_536 }],
    ['{ port: 1.5 }', { port: 1.5 }],
    ['{ port: NaN }', { port: NaN }],
    ['{ port: {} }', { port: {} }],
    ['{ port: [] }', { port: [] }],
    ["{ port: '' }", { port: '' }],
    ["{ port: 'x' }", { port: 'x' }],
    ["{ port: '-1' }", { port: '-1' }],
    ['{ path: -1 }', { path: -1 }],
    ['{ path: true }', { path: true }],
    ['{ path: null }', { path: null }],
    ['{ fd: -1 }', { fd: -1 }],
    ["{ fd: 'x' }", { fd: 'x' }],
    ['{ host }', { host: '127.0.0.1' }],
    ['{ backlog }', { backlog: 5 }],
    ['a bad port beside a path', { port: -1, path: '/tmp/x' }],
    ['a symbol', Symbol('s')],
    ['an array', []],
    ['a date', new Date(0)],
  ] as const) {
    script(`listen on ${title}`, async (net, tools) => {
      const server = tools.watch('server', net.createServer());
      tools.call('listen', () => server.listen(bad(target)));
      tools.read(server, 'listening');
      await tools.turns(2);
      tools.listeners(server);
    });
  }

  script('listen with wrong types of the other arguments', (net, tools) => {
    for (const args of [
      [0, true],
      [0, {}],
      [0, []],
      [0, '127.0.0.1', 'x'],
      [0, '127.0.0.1', {}],
      [0, '127.0.0.1', 5, 'no callback'],
      [0, '127.0.0.1', -1],
    ]) {
      const server = tools.name('server', net.createServer());
      server.on('error', () => undefined);
      tools.call(`listen(${args.map(String).join(', ')})`, () =>
        (server.listen as (...all: unknown[]) => unknown).apply(server, args),
      );
      server.close();
    }
    for (const options of [
      { port: 0, host: 1 },
      { port: 0, host: {} },
      { port: 0, host: true },
      { port: 0, backlog: 'x' },
      { port: 0, ipv6Only: 'x' },
      { port: 0, exclusive: 'x' },
      { port: 0, signal: {} },
      { port: 0, signal: 'x' },
      { port: 0, reusePort: 'x' },
    ]) {
      const server = tools.name('server', net.createServer());
      server.on('error', () => undefined);
      tools.call('listen', () => server.listen(bad(options)));
      server.close();
    }
  });

  script('a port in use', async (net, tools) => {
    const port = await tools.listen(net.createServer());
    const server = tools.watch('server', net.createServer());
    tools.call('listen', () => server.listen(port, '127.0.0.1', tools.callback('listening')));
    await tools.until(server, 'error');
    await tools.turns(3);
    tools.read(server, 'listening', '_handle');
    tools.note('address', server.address());
    tools.listeners(server);
  });

  script('a path in use', async (net, tools) => {
    const path = tools.path();
    await tools.listen(net.createServer(), path);
    const server = tools.watch('server', net.createServer());
    tools.call('listen', () => server.listen(path));
    await tools.until(server, 'error');
    tools.read(server, 'listening');
  });

  script('a path in a folder that is not there', async (net, tools) => {
    const server = tools.watch('server', net.createServer());
    tools.call('listen', () => server.listen(tools.path('no/folder/socket')));
    await tools.until(server, 'error');
  });

  script('a path that is a plain file', async (net, tools) => {
    const path = tools.path('file');
    writeFileSync(path, 'text');
    const server = tools.watch('server', net.createServer());
    tools.call('listen', () => server.listen(path));
    await tools.until(server, 'error');
    const client = tools.watch('client', net.connect(path));
    await tools.until(client, 'close');
  });

  script('an address that is not ours', async (net, tools) => {
    const server = tools.watch('server', net.createServer());
    tools.call('listen', () => server.listen(0, '192.0.2.1'));
    await tools.until(server, 'error');
  });

  script('after an error the same server listens elsewhere', async (net, tools) => {
    const port = await tools.listen(net.createServer());
    const server = tools.watch('server', net.createServer());
    server.once('error', () => {
      tools.call('listen again', () => server.listen(0, '127.0.0.1', tools.callback('second')));
    });
    server.listen(port, '127.0.0.1', tools.callback('first'));
    await tools.until(server, 'listening');
    tools.listeners(server);
  });

  script('a name as host', async (net, tools) => {
    const server = tools.watch('server', net.createServer());
    tools.call('listen', () => server.listen({ port: 0, host: 'localhost' }));
    tools.read(server, 'listening');
    await tools.until(server, 'listening');
    tools.note('port', typeof (server.address() as { port: number }).port);
  });

  script('close right after listen', async (net, tools) => {
    const server = tools.watch('server', net.createServer());
    server.listen(0, '127.0.0.1', tools.callback('listening'));
    tools.call('close', () => server.close(tools.callback('closed')));
    await tools.until(server, 'close');
    await tools.turns(3);
    tools.listeners(server);
  });

  script('close right after listen on a name', async (net, tools) => {
    const server = tools.watch('server', net.createServer());
    server.listen(0, 'localhost', tools.callback('listening'));
    tools.call('close', () => server.close(tools.callback('closed')));
    await tools.turns(3);
    tools.read(server, 'listening');
  });

  script('close, then listen again, three times', async (net, tools) => {
    const server = tools.watch('server', net.createServer());
    for (let round = 1; round <= 3; round++) {
      tools.call('listen', () => server.listen(0, '127.0.0.1', tools.callback(`listening ${round}`)));
      await tools.until(server, 'listening', round);
      tools.call('close', () => server.close(tools.callback(`closed ${round}`)));
      await tools.until(server, 'close', round);
    }
    tools.listeners(server);
  });

  script('listen right after close, before it is closed', async (net, tools) => {
    const server = tools.watch('server', net.createServer());
    server.listen(0, '127.0.0.1');
    await tools.until(server, 'listening');
    tools.call('close', () => server.close());
    tools.call('listen', () => server.listen(0, '127.0.0.1', tools.callback('again')));
    await tools.until(server, 'listening', 2);
    await tools.turns(3);
    tools.read(server, 'listening');
  });

  script('listen(fd) of what is no socket', async (net, tools) => {
    const fd = openSync(tools.path('file'), 'w');
    const server = tools.watch('server', net.createServer());
    tools.call('listen', () => server.listen({ fd }));
    await tools.until(server, 'error');
  });

  script('listen(fd) of a descriptor that is not open', async (net, tools) => {
    const server = tools.watch('server', net.createServer());
    tools.call('listen', () => server.listen({ fd: 3000 }));
    await tools.until(server, 'error');
  });

  script('listen(handle) of another server', async (net, tools) => {
    const first = net.createServer();
    const port = await tools.listen(first);
    const second = tools.watch('second', net.createServer(), { accepted: 'socket' });
    tools.call('listen', () => second.listen(first, tools.callback('listening')));
    await tools.until(second, 'listening');
    tools.note('same address', (second.address() as { port: number }).port === port);
    const client = tools.name('client', tools.builtin.connect(port, '127.0.0.1'));
    client.on('error', () => undefined);
    await tools.until(second, 'connection');
  });

  script('ipv6Only on :: refuses IPv4', async (net, tools) => {
    const server = tools.watch('server', net.createServer());
    server.listen({ port: 0, host: '::', ipv6Only: true });
    await tools.until(server, 'listening');
    const port = tools.portOf(server);
    const client = tools.watch('client', net.connect({ port, host: '127.0.0.1' }));
    await tools.until(client, 'close');
  });

  script('readableAll and writableAll set the mode of the file', async (net, tools) => {
    for (const options of [
      {},
      { readableAll: true },
      { writableAll: true },
      { readableAll: true, writableAll: true },
    ]) {
      const path = tools.path();
      const server = tools.watch('server', net.createServer());
      server.listen({ path, ...options });
      await tools.until(server, 'listening');
      tools.note('mode', (statSync(path).mode & 0o777).toString(8));
      server.close();
      await tools.until(server, 'close');
    }
  });

  script('an abstract path', async (net, tools) => {
    const path = `\0rxjs-net-${process.pid}`;
    const server = tools.watch('server', net.createServer(), { accepted: 'socket' });
    server.listen({ path });
    await tools.until(server, 'listening');
    tools.note('address', server.address() === path);
    const client = tools.watch('client', net.connect(path));
    await tools.until(client, 'ready');
    await tools.until(server, 'connection');
  });

  script('an abstract path with a mode', (net, tools) => {
    for (const options of [{ readableAll: true }, { writableAll: true }]) {
      const server = tools.watch('server', net.createServer());
      tools.call('listen', () => server.listen({ path: '\0abstract', ...options }));
    }
  });

  script('a signal that is aborted before', async (net, tools) => {
    const server = tools.watch('server', net.createServer());
    tools.call('listen', () =>
      server.listen({ port: 0, host: '127.0.0.1', signal: AbortSignal.abort() }, tools.callback('listening')),
    );
    await tools.until(server, 'close');
    await tools.turns(2);
    tools.read(server, 'listening');
  });

  script('a signal that is aborted while listening', async (net, tools) => {
    const controller = new AbortController();
    const server = tools.watch('server', net.createServer());
    server.listen({ port: 0, host: '127.0.0.1', signal: controller.signal });
    await tools.until(server, 'listening');
    tools.call('abort', () => {
      controller.abort();
    });
    await tools.until(server, 'close');
    tools.read(server, 'listening');
  });

  script(
    'a second listen while listening',
    async (net, tools) => {
      const server = tools.watch('server', net.createServer());
      server.listen(0, '127.0.0.1');
      await tools.until(server, 'listening');
      tools.call('listen again', () => server.listen(0, '127.0.0.1'));
      await tools.turns(3);
      tools.read(server, 'listening');
      tools.note('address', typeof (server.address() as { port: number }).port);
    },
    {
      specification: {
        sentence:
          '`server.listen()` 方法可被多次调用。 Each subsequent call will *re-open* the server using the provided options.',
        trace: [
          'server: listening',
          'listen again => <server>',
          'server: listening',
          'server: listening=true',
          'address "number"',
        ],
      },
    },
  );

  script('the backlog of 511 is the default', async (net, tools) => {
    const server = tools.watch('server', net.createServer());
    server.listen({ port: 0, host: '127.0.0.1', backlog: 0 });
    await tools.until(server, 'listening');
    const port = tools.portOf(server);
    const client = tools.watch('client', net.connect(port, '127.0.0.1'));
    await tools.until(client, 'ready');
  });

  script(
    'reusePort',
    async (net, tools) => {
      const first = tools.watch('first', net.createServer());
      tools.call('listen', () => first.listen({ port: 0, host: '127.0.0.1', reusePort: true } as never));
      await tools.until(first, 'listening');
      const port = tools.portOf(first);
      const second = tools.watch('second', net.createServer());
      tools.call('listen', () => second.listen({ port, host: '127.0.0.1', reusePort: true } as never));
      await tools.next(second, 'listening');
    },
    { since: 24 },
  );
});
