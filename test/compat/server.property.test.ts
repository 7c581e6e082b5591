import { mkdtempSync, rmSync } from 'node:fs';
import builtIn from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

import { fc } from '@fast-check/vitest';
import { afterAll, expect, test } from 'vitest';

import { createNet } from '../../src/compat/index.ts';
import { createNodeTransport, nodeTransport } from '../../src/core/node/index.ts';

type Net = typeof builtIn;

const long = process.env['RXJS_NET_LONG'] === '1';
const folder = mkdtempSync(join(tmpdir(), 'rxjs-net-model-'));
let paths = 0;
afterAll(() => rmSync(folder, { recursive: true }));

const blocker = builtIn.createServer();
await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
const taken = (blocker.address() as builtIn.AddressInfo).port;
afterAll(() => void blocker.close());

/** What can be listened on, and what can't. */
const targets = {
  'a port': () => [0],
  'a host': () => [0, '127.0.0.1'],
  'a host and a backlog': () => [{ port: 0, host: '127.0.0.1', backlog: 3 }],
  'a path': () => [join(folder, `${paths++}.sock`)],
  'a taken port': () => [taken, '127.0.0.1'],
  'a bad port': () => [-1],
  nothing: () => [{}],
  'a bad descriptor': () => [{ fd: 9_999 }],
} as const;

type Step =
  | { readonly kind: 'listen'; readonly target: keyof typeof targets; readonly callback: boolean }
  | { readonly kind: 'abortable'; readonly when: 'before' | 'at once' | 'later' }
  | { readonly kind: 'close'; readonly callback: boolean }
  | { readonly kind: 'ref' | 'unref' | 'count' | 'dispose' | 'connect' | 'tick' | 'turn' | 'abort' }
  | { readonly kind: 'destroy' | 'end'; readonly which: number }
  | { readonly kind: 'most'; readonly most: number | undefined };

const stepKinds: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('listen' as const),
      target: fc.constantFrom(...(Object.keys(targets) as (keyof typeof targets)[])),
      callback: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('abortable' as const),
      when: fc.constantFrom('before' as const, 'at once' as const, 'later' as const),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('close' as const), callback: fc.boolean() }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'ref' as const,
        'unref' as const,
        'count' as const,
        'dispose' as const,
        'tick' as const,
        'abort' as const,
      ),
    }),
  },
  { weight: 5, arbitrary: fc.constant({ kind: 'connect' as const }) },
  { weight: 5, arbitrary: fc.constant({ kind: 'turn' as const }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('destroy' as const, 'end' as const), which: fc.nat({ max: 2 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('most' as const), most: fc.constantFrom(undefined, 1, 2) }) },
);

/** Loopback does what it does within the system call: a few turns of the event loop show all of it. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 6; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** What is seen of a server through these steps. */
async function traceOf(net: Net, steps: readonly Step[]): Promise<string[]> {
  const trace: string[] = [];
  const server = net.createServer();
  const accepted: builtIn.Socket[] = [];
  const clients: builtIn.Socket[] = [];
  let controller = new AbortController();
  let names = 0;
  const seen = (): string => {
    const address = server.address();
    const place = typeof address === 'string' ? 'path' : address === null ? 'none' : address.family;
    return `${server.listening} ${place}`;
  };
  const note = (what: string): void => void trace.push(`${what} | ${seen()}`);
  for (const event of ['listening', 'close', 'drop'] as const)
    server.on(event, (...args) => note(`${event} ${args.length}`));
  server.on('error', (error: NodeJS.ErrnoException) => note(`error ${error.code} ${error.syscall}`));
  server.on('connection', (socket) => {
    const name = names++;
    accepted.push(socket);
    socket.on('error', () => {});
    socket.on('close', (hadError) => note(`socket ${name} closed ${hadError}`));
    socket.resume();
    note(`connection ${name} ${socket.server === server}`);
  });
  const attempt = (what: string, call: () => unknown): void => {
    try {
      note(`${what} → ${call() === server ? 'the server' : 'something'}`);
    } catch (error) {
      const { name, code } = error as NodeJS.ErrnoException;
      note(`${what} threw ${name} ${code}`);
    }
  };
  const listen = (what: string, args: readonly unknown[]): void =>
    attempt(what, () => Reflect.apply(Reflect.get(server, 'listen'), server, args));

  const told = (what: string) => (error?: NodeJS.ErrnoException | null, count?: number) =>
    note(`${what} called ${error?.code ?? 'fine'} ${count ?? ''}`);

  for (const step of steps) {
    switch (step.kind) {
      case 'listen': {
        const args = targets[step.target]();
        listen(`listen ${step.target}`, step.callback ? [...args, told(`listening on ${step.target}`)] : args);
        break;
      }
      case 'abortable': {
        controller = new AbortController();
        if (step.when === 'before') controller.abort();
        listen(`listen, abortable ${step.when}`, [{ port: 0, signal: controller.signal }]);
        if (step.when === 'at once') controller.abort();
        break;
      }
      case 'abort':
        controller.abort();
        note('aborted');
        break;
      case 'close':
        attempt('close', () => (step.callback ? server.close(told('closed')) : server.close()));
        break;
      case 'ref':
      case 'unref':
        attempt(step.kind, () => (step.kind === 'ref' ? server.ref() : server.unref()));
        break;
      case 'count':
        attempt('getConnections', () => server.getConnections(told('counted')));
        break;
      case 'dispose':
        server[Symbol.asyncDispose]().then(
          () => note('disposed'),
          (error: NodeJS.ErrnoException) => note(`dispose failed ${error.code}`),
        );
        break;
      case 'connect': {
        const address = server.address();
        if (address === null || !server.listening) break;
        const socket = builtIn.connect(
          typeof address === 'string' ? { path: address } : { port: address.port, host: '127.0.0.1' },
        );
        clients.push(socket);
        socket.on('error', () => {});
        await turns();
        break;
      }
      case 'destroy':
        accepted[step.which]?.destroy();
        break;
      case 'end':
        clients[step.which]?.end();
        await turns();
        break;
      case 'most':
        server.maxConnections = step.most as number;
        break;
      case 'tick':
        await new Promise<void>((resolve) => process.nextTick(resolve));
        break;
      case 'turn':
        await turns();
        break;
    }
  }
  await turns();
  note('in the end');
  trace.push(`listeners ${['close', 'listening', 'error'].map((name) => server.listenerCount(name)).join(' ')}`);
  for (const socket of [...clients, ...accepted]) socket.destroy();
  server.close();
  await turns();
  note('after all');
  return trace;
}

const { streams: _streams, ...bare } = nodeTransport;

const withTurns = (steps: readonly Step[]): Step[] =>
  steps.flatMap((step): Step[] =>
    step.kind === 'listen' || step.kind === 'abortable' ? [step, { kind: 'turn' }] : [step],
  );

test.each([
  [
    'over the system',
    createNet(createNodeTransport({ driver: 'direct' }), { behaviour: 'node' }),
    (steps: readonly Step[]) => steps,
  ],
  // A transport tells that it listens when it likes to, so what comes within the same turn can't be the same.
  ['over a transport', createNet(bare, { behaviour: 'node' }), withTurns],
])(
  'a server does what that of node:net does, whatever is asked of it: %s',
  async (_, net, spread) => {
    await fc.assert(
      fc.asyncProperty(fc.array(stepKinds, { minLength: 1, maxLength: 14 }), async (given) => {
        const steps = spread(given);
        expect(await traceOf(net, steps)).toEqual(await traceOf(builtIn, steps));
      }),
      { numRuns: long ? 3_000 : 60 },
    );
  },
  long ? 600_000 : 20_000,
);
