// The proxy that can be slow and can break, in front of a server of `node:net`.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { type Program, run } from './program.ts';

let echo: Server;
const upstream = { sockets: new Set<Socket>(), closedBy: [] as (string | undefined)[] };

beforeAll(async () => {
  echo = createServer({ allowHalfOpen: true }, (socket) => {
    upstream.sockets.add(socket);
    let code: string | undefined;
    socket.on('error', (error: NodeJS.ErrnoException) => (code = error.code));
    socket.on('close', () => {
      upstream.sockets.delete(socket);
      upstream.closedBy.push(code);
    });
    socket.pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(echo, 'listening');
});
afterAll(() => {
  for (const socket of upstream.sockets) socket.destroy();
  echo.close();
});

const withProxy = async (
  args: readonly string[],
  use: (port: number, program: Program) => Promise<void>,
  to = (echo.address() as AddressInfo).port,
): Promise<void> => {
  await using program = run(['--port', '0', '--to', `127.0.0.1:${to}`, ...args], { program: 'programs/proxy' });
  const [, port] = await program.prints(/^listening on 127\.0\.0\.1:(\d+)$/m);
  await use(Number(port), program);
};

interface Talk {
  readonly chunks: Buffer[];
  readonly code: string | undefined;
}

/** Sends and ends, and reads to the end. */
const talk = (port: number, sent: Buffer): Promise<Talk> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const chunks: Buffer[] = [];
    let code: string | undefined;
    socket.on('data', (chunk) => void chunks.push(chunk));
    socket.on('error', (error: NodeJS.ErrnoException) => (code = error.code));
    socket.on('close', () => resolve({ chunks, code }));
    socket.end(sent);
  });

const data = (length: number): Buffer => Buffer.from(Array.from({ length }, (_, index) => (index * 7) % 251));
const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('proxy', () => {
  test('passes everything on, both FINs included', async () => {
    await withProxy([], async (port) => {
      const sent = data(3_000_000);
      const { chunks, code } = await talk(port, sent);
      expect(code).toBeUndefined();
      expect(digest(Buffer.concat(chunks))).toBe(digest(sent));
    });
  });

  test('--slice and --rate: the same bytes, in pieces', async () => {
    await withProxy(['--slice', '100', '--rate', '100000'], async (port) => {
      const sent = data(20_000);
      const { chunks } = await talk(port, sent);
      expect(Buffer.concat(chunks).equals(sent)).toBe(true);
      expect(chunks.length).toBeGreaterThan(1);
    });
  });

  test('--reset-after: both ends see a reset', async () => {
    await withProxy(['--reset-after', '50000'], async (port) => {
      const { code, chunks } = await talk(port, data(400_000));
      expect(code).toBe('ECONNRESET');
      expect(Buffer.concat(chunks).length).toBeLessThan(400_000);
    });
  });

  test('--stall-after: what comes later never arrives, and nobody is told', async () => {
    await withProxy(['--stall-after', '5', '--slice', '1'], async (port) => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      socket.write('1234567890');
      let heard = '';
      socket.setEncoding('utf8').on('data', (text: string) => (heard += text));
      while (heard.length < 5) await once(socket, 'data');
      socket.write('more');
      const more = await Promise.race([
        once(socket, 'data').then(() => 'data'),
        once(socket, 'close').then(() => 'closed'),
        new Promise((resolve) => setTimeout(resolve, 200, 'nothing')),
      ]);
      expect([heard, more]).toEqual(['12345', 'nothing']);
      socket.destroy();
    });
  });

  test('a target that refuses ends that client alone', async () => {
    const deaf = createServer().listen(0, '127.0.0.1');
    await once(deaf, 'listening');
    const { port: nobody } = deaf.address() as AddressInfo;
    deaf.close();
    await withProxy(
      [],
      async (port, program) => {
        const { chunks } = await talk(port, Buffer.from('x'));
        expect(chunks).toEqual([]);
        await program.prints(new RegExp(`a connection failed: .*127\\.0\\.0\\.1:${nobody}`));
      },
      nobody,
    );
  });

  test.each([
    [['--to', 'nowhere'], /--to must be host:port/],
    [['--to', '127.0.0.1:1', '--rate', 'fast'], /numbers of bytes/],
    [['--to', '127.0.0.1:1', '--slice', '0'], /./],
  ])('wrong arguments: %j', async (args, message) => {
    const { code, stderr } = await run(args, { program: 'programs/proxy' }).ended;
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});

test("the server's end is passed on, and the client may go on sending", async () => {
  let received = '';
  let ended = (): void => {};
  const clientEnded = new Promise<void>((resolve) => (ended = resolve));
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('data', (chunk) => (received += String(chunk))).on('end', ended);
    socket.end('hello');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await withProxy(
      [],
      async (port) => {
        const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).resume();
        await once(socket, 'end');
        socket.end('thanks');
        await clientEnded;
        expect(received).toBe('thanks');
      },
      (server.address() as AddressInfo).port,
    );
  } finally {
    server.close();
  }
});
