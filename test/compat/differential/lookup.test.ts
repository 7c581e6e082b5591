import type { Socket } from 'node:net';

import { describe } from 'vitest';

import { script } from './support/script.ts';
import { bad } from './support/tools.ts';

type Answer = (error: Error | null, address?: unknown, family?: unknown) => void;
type Lookup = (host: string, options: unknown, callback: Answer) => void;

/** A lookup that answers in a later turn, whatever it is asked. */
const answering = (...answer: Parameters<Answer>): Lookup => {
  return (_host, _options, callback) => {
    setImmediate(() => {
      callback(...answer);
    });
  };
};

describe('lookup', () => {
  script('the lookup option gets host, options and a callback', async (net, tools) => {
    const port = await tools.listen(net.createServer((socket) => socket.end()));
    const lookup: Lookup = (host, options, callback) => {
      tools.note('asked', host, options);
      setImmediate(() => {
        callback(null, '127.0.0.1', 4);
      });
    };
    const client = tools.watch(
      'client',
      net.connect({ port, host: 'name.test', family: 4, autoSelectFamily: false, lookup: bad(lookup) }),
    );
    client.resume();
    await tools.until(client, 'close');
  });

  script('hints and family reach the lookup', async (net, tools) => {
    const lookup: Lookup = (_host, options, callback) => {
      tools.note('asked', options);
      setImmediate(callback, new Error('no'));
    };
    for (const options of [{ family: 6 }, { family: 0 }, { hints: 0, family: 4 }, { hints: 1024, family: 4 }]) {
      const client = tools.watch(
        'client',
        net.connect({ port: 1, host: 'name.test', ...options, autoSelectFamily: false, lookup: bad(lookup) }),
      );
      await tools.until(client, 'close');
    }
  });

  script(
    'the family that is asked for when none is given',
    async (net, tools) => {
      const lookup: Lookup = (_host, options, callback) => {
        tools.note('asked', options);
        setImmediate(callback, new Error('no'));
      };
      const client = tools.watch('client', net.connect({ port: 1, host: 'name.test', lookup: bad(lookup) }));
      await tools.until(client, 'close');
    },
    {
      specification: {
        sentence: '`family` {number}: Version of IP stack, can be either `4` or `6`. **Default:** `4`.',
        trace: [
          'asked { family: 4, hints: 0 }',
          'client: lookup Error Error: no undefined undefined "name.test"',
          'client: error Error Error: no',
          'client: close true',
        ],
      },
    },
  );

  script('a lookup that answers at once', async (net, tools) => {
    const port = await tools.listen(net.createServer((socket) => socket.end()));
    const lookup: Lookup = (_host, _options, callback) => {
      callback(null, '127.0.0.1', 4);
    };
    const client = tools.watch(
      'client',
      net.connect({ port, host: 'name.test', autoSelectFamily: false, lookup: bad(lookup) }),
    );
    client.resume();
    await tools.until(client, 'close');
  });

  script('no lookup for an address', async (net, tools) => {
    const port = await tools.listen(net.createServer((socket) => socket.end()));
    const lookup: Lookup = (host) => {
      tools.note('asked', host);
    };
    const client = tools.watch('client', net.connect({ port, host: '127.0.0.1', lookup: bad(lookup) }));
    client.resume();
    await tools.until(client, 'close');
  });

  script('a lookup that fails', async (net, tools) => {
    const failure = Object.assign(new Error('getaddrinfo ENOTFOUND name.test'), {
      code: 'ENOTFOUND',
      hostname: 'name.test',
    });
    const client = tools.watch(
      'client',
      net.connect(
        { port: 1, host: 'name.test', autoSelectFamily: false, lookup: bad(answering(failure)) },
        tools.callback('connected'),
      ),
    );
    await tools.until(client, 'close');
    tools.read(client, 'connecting', 'pending', 'destroyed', 'readyState');
  });

  script('a lookup that fails after end', async (net, tools) => {
    const client = tools.watch(
      'client',
      net.connect({ port: 1, host: 'name.test', autoSelectFamily: false, lookup: bad(answering(new Error('no'))) }),
    );
    tools.call('end', () => client.end('data', tools.callback('ended')));
    await tools.until(client, 'close');
  });

  script('a lookup that fails, with autoSelectFamily', async (net, tools) => {
    const client = tools.watch(
      'client',
      net.connect({ port: 1, host: 'name.test', autoSelectFamily: true, lookup: bad(answering(new Error('no'))) }),
    );
    await tools.until(client, 'close');
  });

  for (const [title, address, family] of [
    ['no address', undefined, 4],
    ['a text that is no address', 'bla', 4],
    ['family 100', '127.0.0.1', 100],
    ['family of another kind', '127.0.0.1', 6],
    ['no family', '127.0.0.1', undefined],
    ['a number as address', 7, 4],
  ] as const) {
    script(`a lookup that answers ${title}`, async (net, tools) => {
      const port = await tools.deadPort();
      const client = tools.watch(
        'client',
        net.connect({
          port,
          host: 'name.test',
          autoSelectFamily: false,
          lookup: bad(answering(null, address, family)),
        }),
      );
      await tools.until(client, 'close');
    });
  }

  script('a lookup that answers with a list although one was asked for', async (net, tools) => {
    const client = tools.watch(
      'client',
      net.connect({
        port: 1,
        host: 'name.test',
        autoSelectFamily: false,
        lookup: bad(answering(null, [{ address: '127.0.0.1', family: 4 }])),
      }),
    );
    await tools.until(client, 'close');
  });

  script('a lookup that throws', (net, tools) => {
    const lookup: Lookup = () => {
      throw new Error('thrown by the lookup');
    };
    tools.call('connect', () => net.connect({ port: 1, host: 'name.test', lookup: bad(lookup) }));
  });

  script('a lookup that answers twice', async (net, tools) => {
    const server = tools.watch('server', net.createServer());
    const port = await tools.listen(server);
    const lookup: Lookup = (_host, _options, callback) => {
      setImmediate(() => {
        callback(null, '127.0.0.1', 4);
      });
    };
    const client = tools.watch(
      'client',
      net.connect({ port, host: 'name.test', autoSelectFamily: false, lookup: bad(lookup) }),
    );
    await tools.until(client, 'ready');
    await tools.turns(3);
  });

  script('the lookup event has the host, and comes before the attempt', async (net, tools) => {
    const port = await tools.listen(net.createServer((socket) => socket.end()));
    const client = tools.watch('client', net.connect({ port, host: 'localhost', family: 4 }));
    client.resume();
    await tools.until(client, 'close');
  });
});

describe('autoSelectFamily', () => {
  const list = (...addresses: readonly string[]): Lookup =>
    answering(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );

  const attempts = async (
    net: Parameters<Parameters<typeof script>[1]>[0],
    tools: Parameters<Parameters<typeof script>[1]>[1],
    options: object,
  ): Promise<Socket> => {
    const client = tools.watch(
      'client',
      net.connect({ host: 'name.test', autoSelectFamily: true, ...options } as never),
    );
    client.on('ready', () => {
      tools.read(client, 'autoSelectFamilyAttemptedAddresses', 'remoteAddress');
    });
    client.resume();
    await tools.until(client, 'close');
    tools.read(client, 'autoSelectFamilyAttemptedAddresses');
    return client;
  };

  script('the lookup is asked for all addresses', async (net, tools) => {
    const lookup: Lookup = (host, options, callback) => {
      tools.note('asked', host, options);
      setImmediate(callback, new Error('enough'));
    };
    await attempts(net, tools, { port: 1, lookup });
  });

  script('the second family is tried when the first one refuses', async (net, tools) => {
    const port = await tools.listen(net.createServer((socket) => socket.end()));
    await attempts(net, tools, { port, lookup: list('::1', '127.0.0.1') });
  });

  script('families alternate, beginning with that of the first result', async (net, tools) => {
    const port = await tools.deadPort();
    await attempts(net, tools, { port, lookup: list('::1', '::1', '127.0.0.1', '127.0.0.2', '127.0.0.3') });
  });

  script('it stops at the first success', async (net, tools) => {
    const port = await tools.listen(net.createServer((socket) => socket.end()));
    await attempts(net, tools, { port, lookup: list('127.0.0.1', '::1') });
  });

  script('one candidate gives the plain error', async (net, tools) => {
    const port = await tools.deadPort();
    await attempts(net, tools, { port, lookup: list('127.0.0.1') });
  });

  script('a list with what is no address', async (net, tools) => {
    const port = await tools.deadPort();
    await attempts(net, tools, { port, lookup: list('bla', '127.0.0.1') });
  });

  script('a list with an unknown family', async (net, tools) => {
    const port = await tools.deadPort();
    const lookup = answering(null, [
      { address: '127.0.0.1', family: 100 },
      { address: '::1', family: 6 },
    ]);
    await attempts(net, tools, { port, lookup });
  });

  script('all of the list refuse: an error of errors', async (net, tools) => {
    const port = await tools.deadPort();
    const client = await attempts(net, tools, { port, lookup: list('127.0.0.1', '127.0.0.2') });
    tools.read(client, 'errored', 'destroyed');
  });

  script('switched off, the first address alone is tried', async (net, tools) => {
    const port = await tools.deadPort();
    await attempts(net, tools, { port, autoSelectFamily: false, lookup: answering(null, '127.0.0.1', 4) });
  });

  script('a family of its own is asked for alone', async (net, tools) => {
    const lookup: Lookup = (_host, options, callback) => {
      tools.note('asked', options);
      setImmediate(callback, null, [{ address: '127.0.0.1', family: 4 }]);
    };
    const port = await tools.deadPort();
    await attempts(net, tools, { port, family: 4, lookup });
  });

  script('with a local address', async (net, tools) => {
    const port = await tools.listen(net.createServer((socket) => socket.end()));
    await attempts(net, tools, { port, localAddress: '127.0.0.1', lookup: list('::1', '127.0.0.1') });
  });

  script('written before it is settled: sent once', async (net, tools) => {
    const server = tools.builtin.createServer();
    const got = new Promise<Buffer>((resolve) => {
      server.on('connection', (socket) => {
        socket.once('data', (chunk: Buffer) => {
          socket.end();
          resolve(chunk);
        });
      });
    });
    const port = await tools.listen(server);
    const client = tools.watch(
      'client',
      net.connect({ port, host: 'name.test', autoSelectFamily: true, lookup: bad(list('::1', '127.0.0.1')) }),
    );
    client.resume();
    tools.call('write', () => client.write('hello', tools.callback('written')));
    tools.note('got', await tools.wait('the data', got));
    await tools.until(client, 'close');
    tools.read(client, 'bytesWritten');
  });

  script('destroy between two attempts', async (net, tools) => {
    const port = await tools.deadPort();
    const client = tools.watch(
      'client',
      net.connect({ port, host: 'name.test', autoSelectFamily: true, lookup: bad(list('::1', '127.0.0.1')) }),
    );
    client.on('connectionAttemptFailed', () => {
      client.destroy();
    });
    await tools.until(client, 'close');
    await tools.turns(3);
    tools.read(client, 'autoSelectFamilyAttemptedAddresses');
  });
});
