// `npm start -- serve`: the spec's echo server, over TCP and over IPC, until a signal.
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type NetConnectOpts, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, test } from 'vitest';

import { run } from './program.ts';

const folder = mkdtempSync(join(tmpdir(), 'rxjs-net-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Everything that comes until the server has ended its side. */
const untilEnd = async (socket: Socket): Promise<string> => {
  let text = '';
  for await (const chunk of socket.setEncoding('utf8')) text += String(chunk);
  return text;
};

const untilIt = async (socket: Socket, text: string): Promise<void> => {
  let seen = '';
  await new Promise<void>((resolve, reject) => {
    const look = (chunk: Buffer): void => {
      seen += chunk.toString();
      if (!seen.includes(text)) return;
      socket.off('data', look);
      resolve();
    };
    socket.on('data', look).once('close', () => {
      reject(new Error(`closed before "${text}" came: "${seen}"`));
    });
  });
};

const talk = async (options: NetConnectOpts): Promise<string> => {
  const socket = connect(options);
  socket.end('how are you?\n');
  return untilEnd(socket);
};

describe('serve', () => {
  test('over TCP: greets, echoes, and stops at SIGTERM with a report', async () => {
    await using program = run(['serve', '--port', '0']);
    const [, port] = await program.prints(/^listening on 127\.0\.0\.1:(\d+)$/m);
    await program.prints(new RegExp(`^  nc 127\\.0\\.0\\.1 ${port}\n  telnet 127\\.0\\.0\\.1 ${port}\n`, 'm'));
    expect(await talk({ host: '127.0.0.1', port: Number(port) })).toBe('hello\r\nhow are you?\n');
    await program.prints(/^client disconnected: 13 bytes in, 20 out/m);
    program.kill('SIGTERM');
    const { code, stdout, stderr } = await program.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^no longer listening; 0 connections may take 5000 ms to finish$/m);
    expect(stdout).toMatch(/^stopped after \d+ ms: 0 connections finished, none cut\n$/m);
  });

  test('over IPC: the same, and its file is gone afterwards', async () => {
    const path = join(folder, 'echo.sock');
    await using program = run(['serve', '--path', path]);
    await program.prints(new RegExp(`^listening on ${path}\n.*\n  nc -U ${path}\n`, 'm'));
    expect(await talk({ path })).toBe('hello\r\nhow are you?\n');
    program.kill('SIGINT');
    const { code, stderr } = await program.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(existsSync(path)).toBe(false);
  });

  test('an idle client is not waited for', async () => {
    await using program = run(['serve', '--port', '0', '--host', '127.0.0.1']);
    const [, port] = await program.prints(/listening on 127\.0\.0\.1:(\d+)/);
    const socket = connect({ host: '127.0.0.1', port: Number(port) });
    await untilIt(socket, 'hello\r\n');
    socket.write('once\n');
    await untilIt(socket, 'once\n');
    const ended = untilEnd(socket);
    program.kill('SIGTERM');
    expect(await ended).toBe('');
    const { code, stdout } = await program.ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/stopped after \d{1,3} ms: 1 connection finished, none cut/);
  });

  test('a second signal does not wait for a client that takes nothing', async () => {
    await using program = run(['serve', '--port', '0']);
    const [, port] = await program.prints(/listening on 127\.0\.0\.1:(\d+)/);
    const socket = connect({ host: '127.0.0.1', port: Number(port) }).on('error', () => {});
    await untilIt(socket, 'hello\r\n');
    socket.pause();
    // More than all the buffers on the way, so that the server is left with something to send.
    socket.write(Buffer.alloc(64 * 1024 * 1024));
    await new Promise((resolve) => setTimeout(resolve, 300));
    program.kill('SIGTERM');
    await program.prints(/no longer listening; 1 connection may take/);
    program.kill('SIGTERM');
    const { code, signal } = await program.ended;
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    socket.destroy();
  });

  test('a port that is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const { code, stdout, stderr } = await run(['serve', '--port', String(port)]).ended;
    server.close();
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toBe(
      `listen EADDRINUSE: address already in use 127.0.0.1:${port}: choose another port, or --port 0 for any that is free\n`,
    );
  });

  test('a path that is taken', async () => {
    const path = join(folder, 'taken.sock');
    const server = createServer().listen(path);
    await once(server, 'listening');
    const { code, stderr } = await run(['serve', '--path', path]).ended;
    server.close();
    expect(code).toBe(1);
    expect(stderr).toContain(`address already in use ${path}: another server listens there`);
  });

  test('a folder that does not exist', async () => {
    const path = join(folder, 'nowhere', 'echo.sock');
    const { code, stderr } = await run(['serve', '--path', path]).ended;
    expect(code).toBe(1);
    expect(stderr).toContain(path);
  });

  test('a host that is not on this machine', async () => {
    const { code, stderr } = await run(['serve', '--port', '0', '--host', '192.0.2.1']).ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/address not available 192\.0\.2\.1/);
  });
});

describe('wrong arguments name the argument and the value, with exit code 2', () => {
  test.each([
    [['sreve'], 'there is no command "sreve"'],
    [['serve', 'now'], '"serve" takes no "now"'],
    [['serve', '--port', '80x'], '--port must be an integer from 0 to 65535, got "80x"'],
    [['serve', '--port', '65536'], '--port must be an integer from 0 to 65535, got "65536"'],
    [['serve', '--port', '-1'], '--port must be an integer from 0 to 65535, got "-1"'],
    [['serve', '--port='], '--port must not be empty, got ""'],
    [['serve', '--port'], '--port needs a value'],
    [['serve', '--prot', '80'], 'there is no option --prot'],
    [['serve', '-p', '80'], 'there is no option -p'],
    [['serve', '--host', ''], '--host must not be empty, got ""'],
    [['serve', '--path', 'a', '--port', '1'], '--port and --path exclude each other, got "1" and "a"'],
    [['serve', '--path', 'x'.repeat(300)], 'option "path" must be a path of at most '],
    [['--port', '80'], '--port goes with "serve"'],
    [['--help=yes'], '--help takes no value, got "yes"'],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await run(args).ended;
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.split('\n')[0]).toContain(message);
    expect(stderr).toContain('\nUsage:\n');
  });

  test('--help', async () => {
    const { code, stdout, stderr } = await run(['--help']).ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Usage:\n/);
  });
});
