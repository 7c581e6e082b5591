import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from 'vitest';

const programs = new URL('drivers/', import.meta.url);
const program = (name: string): string => fileURLToPath(new URL(name, programs));

/** Whether something listens there. */
const reachable = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

const services = [
  ['PostgreSQL', 'postgres', 5432],
  ['Mosquitto', 'mosquitto', 1883],
  ['Redis', 'redis', 6379],
  ['RabbitMQ', 'rabbitmq', 5672],
] as const;

const required = process.env['RXJS_NET_REQUIRE_SERVICES'] === '1';

describe.each(services)(
  'a client of %s that works over its own connection for each message',
  async (service, driver, port) => {
    const isThere = required || (await reachable(port));

    test.skipIf(!isThere).each(['concatMap', 'mapAsync', 'mergeMap'])(
      'through %s: every one',
      async (operator) => {
        expect(await reachable(port), `${service} listens on port ${port}`).toBe(true);
        const child = spawn(
          process.execPath,
          ['--require', program('substitute.cjs'), program('work-per-message.mjs'), driver, operator],
          { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NODE_OPTIONS: '' } },
        );
        const timer = setTimeout(() => child.kill('SIGKILL'), 50_000);
        const exit = new Promise((resolve) => void child.once('close', (code, signal) => resolve(code ?? signal)));
        const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
        clearTimeout(timer);
        expect({ output, errors, exit: await exit }).toEqual({ output: '200\n', errors: '', exit: 0 });
      },
      60_000,
    );
  },
);
