import builtin from 'node:net';

import { describe, expect, test } from 'vitest';

import { differenceOfRuns } from './support/compare.ts';
import { knownDifferences } from './support/known-differences.ts';
import { record, type Script } from './support/record.ts';
import type { Net } from './support/tools.ts';

/** `node:net` with one thing changed. */
const changed = (change: (socket: InstanceType<Net['Socket']>) => void): Net => {
  class Socket extends builtin.Socket {
    constructor(...args: ConstructorParameters<Net['Socket']>) {
      super(...args);
      change(this);
    }
  }
  return { ...builtin, Socket };
};

const exchange: Script = async (net, tools) => {
  const server = tools.builtin.createServer((socket) => socket.end('hello'));
  const port = await tools.listen(server);
  const client = tools.watch('client', new net.Socket());
  client.on('data', () => undefined);
  tools.call('connect', () => client.connect(port, '127.0.0.1'));
  tools.read(client, 'readyState', 'remotePort');
  await tools.until(client, 'close');
  tools.read(client, 'timeout');
  tools.listeners(client);
};

const compare = async (net: Net, script: Script): Promise<string | undefined> =>
  differenceOfRuns(await record(builtin, script), await record(net, script));

describe('the harness', () => {
  test('two runs of the same thing are equal, although ports and folders are not', async () => {
    expect(await compare(builtin, exchange)).toBeUndefined();
  });

  test('a property of another value is found', async () => {
    const net = changed((socket) => {
      Object.assign(socket, { timeout: 0 });
    });
    expect(await compare(net, exchange)).toContain('- client: timeout=undefined\n+ client: timeout=0');
  });

  test('another return value is found', async () => {
    const net = changed((socket) => {
      const connect = socket.connect.bind(socket);
      socket.connect = ((...args: Parameters<typeof connect>) => {
        connect(...args);
        return new builtin.Socket();
      }) as typeof socket.connect;
    });
    expect(await compare(net, exchange)).toContain('- connect => <client>\n+ connect => a Socket');
  });

  test('one more event is found', async () => {
    const net = changed((socket) => {
      socket.once('end', () => socket.emit('more', 1));
    });
    const found = await compare(net, exchange);
    expect(found).toContain('+ client: more 1');
  });

  test('another order of events is found', async () => {
    const net = changed((socket) => {
      socket.once('connect', () => socket.emit('ready'));
    });
    expect(await compare(net, exchange)).toContain('+ client: ready');
  });

  test('a listener that is left is found', async () => {
    const net = changed((socket) => {
      socket.on('close', () => undefined);
    });
    expect(await compare(net, exchange)).toContain('close=1');
  });

  test('another message, and another code, are found', async () => {
    const failing: Script = (net, tools) => {
      tools.call('connect', () => new net.Socket().connect(-1));
    };
    const net = changed((socket) => {
      socket.connect = () => {
        throw new RangeError('Port should be right');
      };
    });
    const found = await compare(net, failing);
    expect(found).toMatch(
      /^- connect throws RangeError RangeError \[ERR_SOCKET_BAD_PORT\]: .*\n\+ .*Port should be right$/,
    );
  });

  test('a script that hangs says where, and what it has seen', async () => {
    const hanging: Script = async (net, tools) => {
      const socket = tools.watch('socket', new net.Socket());
      tools.note('begun');
      await tools.until(socket, 'connect');
    };
    await expect(record(builtin, hanging, 30)).rejects.toThrow(
      /hung for 30 ms at: waiting for 'connect' of socket[^]*Trace so far:\nbegun/,
    );
  });

  test('what is left open is in the trace', async () => {
    let left: InstanceType<Net['Server']> | undefined;
    const leaving: Script = async (net, tools) => {
      left = net.createServer();
      await new Promise<void>((resolve) => left?.listen(0, '127.0.0.1', resolve));
      tools.note('listening');
    };
    expect(await record(builtin, leaving)).toEqual({ lines: ['listening'], left: ['TCPServerWrap'] });
    await new Promise((resolve) => left?.close(resolve));
  });

  test('more left open than by node:net is a difference, less is none', () => {
    const clean = { lines: ['line'], left: [] };
    const leaky = { lines: ['line'], left: ['TCPSocketWrap'] };
    expect(differenceOfRuns(clean, leaky)).toBe('  line\n+ left open: TCPSocketWrap');
    expect(differenceOfRuns(leaky, clean)).toBeUndefined();
  });

  test('the list of known differences names each script once, with its reason', () => {
    expect(new Set(knownDifferences.map(({ script }) => script)).size).toBe(knownDifferences.length);
    for (const { reason } of knownDifferences) expect(reason).not.toBe('');
  });
});
