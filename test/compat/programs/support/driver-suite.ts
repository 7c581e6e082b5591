import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { beforeAll, describe, expect, test } from 'vitest';

import { within } from '../../../observables/support/wait.ts';
import type { Sum } from './bytes.ts';

/** How the driver gets its sockets: see `drivers/run.mjs`. */
export type Way = 'node:net' | 'option' | 'substitution';

export interface DriverSuite {
  /** What has to run on this machine, and where. */
  readonly service: string;
  readonly port: number;
  /** The program in `drivers/`, without its extension. */
  readonly driver: string;
  readonly ways: readonly Way[];
  /** What the driver says when the server disconnects it. */
  readonly loss: string;
}

type Step =
  | { readonly step: 'connected'; readonly socket: string }
  | ({ readonly step: 'exchanged' } & Sum)
  | { readonly step: 'disconnected'; readonly how: string }
  | { readonly step: 'reconnected'; readonly socket: string; readonly another: boolean };

interface Outcome {
  readonly steps: readonly Step[];
  readonly exit: number | string | null;
  readonly errors: string;
}

const LIMIT = 60_000;
const programs = new URL('../drivers/', import.meta.url);
const program = (name: string): string => fileURLToPath(new URL(name, programs));

/** Whether something listens there. */
function reachable(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** Runs the program to its end, which it has to come to by itself. */
async function outcomeOf(driver: string, way: Way): Promise<Outcome> {
  const preload = way === 'substitution' ? ['--require', program('substitute.cjs')] : [];
  const child = spawn(process.execPath, [...preload, program('run.mjs'), driver, way], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const exit = new Promise<number | string | null>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal));
  });
  const said = Promise.all([text(child.stdout), text(child.stderr)]);
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT - 5_000);
  const [output, errors] = await said;
  const code = await within(exit, 'the end of the program');
  clearTimeout(timer);
  const steps = output.split('\n').filter((line) => line !== '');
  return { steps: steps.map((line) => JSON.parse(line) as Step), exit: code, errors };
}

/** The same bytes as `parts` in `drivers/support.mjs`. */
function wanted(): Sum {
  const hash = createHash('sha256');
  for (let number = 0; number < 64; number++) hash.update(Buffer.alloc(65_536, `part ${number} of 64; `));
  return { bytes: 64 * 65_536, sha256: hash.digest('hex') };
}

/**
 * A driver against its real server: connect, 4 MiB there and back, a disconnection by the server's side, and a
 * reconnection by the driver; over `node:net`, which says whether the test itself holds, and over our sockets.
 *
 * Without such a server on the machine nothing is proved. Then the tests count as skipped, and with
 * `RXJS_NET_REQUIRE_SERVICES=1` (as in `.ci/run`) one fails.
 */
export async function driverSuite({ service, port, driver, ways, loss }: DriverSuite): Promise<void> {
  const there = await reachable(port);
  if (!there) {
    console.warn(
      `\n!!! NOT TESTED: there is no ${service} on 127.0.0.1:${port}, so nothing is known about ${driver}\n`,
    );
    if (process.env['RXJS_NET_REQUIRE_SERVICES'] === '1') {
      test(`${service} has to run on port ${port}`, () => {
        expect.unreachable(`there is no ${service} on 127.0.0.1:${port}`);
      });
    }
  }
  describe.skipIf(!there).each(ways)(`${service}, sockets by %s`, (way) => {
    const socket = way === 'node:net' ? 'node:net' : 'rxjs-net/compat';
    let outcome: Outcome;
    beforeAll(async () => {
      outcome = await outcomeOf(driver, way);
    }, LIMIT);

    const step = <Name extends Step['step']>(name: Name): Step & { step: Name } => {
      const found = outcome.steps.find((each): each is Step & { step: Name } => each.step === name);
      if (found === undefined) throw new Error(`it was not ${name}:\n${outcome.errors}`);
      return found;
    };

    test('connects, with sockets of this module', () => {
      expect(step('connected').socket).toBe(socket);
    });

    test('exchanges some MB, byte for byte', () => {
      expect(step('exchanged')).toEqual({ step: 'exchanged', ...wanted() });
    });

    test('hears that the server has disconnected it', () => {
      expect(step('disconnected').how).toBe(loss);
    });

    test('connects again, with another socket of this module', () => {
      expect(step('reconnected')).toEqual({ step: 'reconnected', socket, another: true });
    });

    test('closes, and nothing keeps the process alive', () => {
      expect(outcome).toMatchObject({ exit: 0, errors: '' });
    });
  });
}
