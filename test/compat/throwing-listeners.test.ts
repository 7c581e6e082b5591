// A listener or a callback throws: as with `node:net` the exception is uncaught, once, and no other connection is touched.
import builtin from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

import { describe, expect, onTestFinished, test } from 'vitest';

import { createNodeTransport, nodeTransport } from 'rxjs-net';
import { createNet, type Net } from 'rxjs-net/compat';
import { openSockets } from '../observables/support/resources.ts';
import { turn, until, within } from '../observables/support/wait.ts';
import { Bomb, misreported, watchProcess } from '../observables/exceptions/support.ts';

/** Where the program calls, and one place throws. */
const places = [
  'server: listening',
  'server: callback of listen',
  'server: connection',
  'server: close',
  'server: callback of close',
  'server side: data',
  'server side: end',
  'server side: finish',
  'server side: close',
  'server side: timeout',
  'server side: callback of write',
  'server side: callback of end',
  'client: connect',
  'client: callback of connect',
  'client: ready',
  'client: lookup',
  'client: data',
  'client: end',
  'client: drain',
  'client: finish',
  'client: close',
  'client: callback of write',
  'client: callback of end',
] as const;

type Place = (typeof places)[number];

/** What happened, for each party in its own order. */
type Log = Record<string, string[]>;

const FLOOD = Buffer.alloc(1_000_000, 'x');

/** Runs the program, with one place that throws. */
async function run(net: Net, place: Place): Promise<Log> {
  const bomb = new Bomb(place);
  const watched = watchProcess();
  const log: Log = { server: [], serverSide: [], client: [] };
  let impatience: NodeJS.Timeout | undefined = undefined;
  const at = (here: Place): void => {
    const [party = '', what = ''] = here.split(': ');
    log[party === 'server side' ? 'serverSide' : party]?.push(what);
    impatience?.refresh();
    if (here === place) bomb.go();
  };
  const before = openSockets();
  let accepted = 0;
  const serverSides: Socket[] = [];
  const server = net.createServer((socket) => {
    serverSides.push(socket);
    // The first one has nothing to do with the one that fails.
    if (accepted++ === 0) socket.on('data', (chunk: Buffer) => socket.write(chunk));
    else beginServerSide(socket, at);
  });
  onTestFinished(() => void (server.listening && server.close()));
  server.on('listening', () => at('server: listening'));
  server.on('close', () => at('server: close'));
  server.listen(0, '127.0.0.1', () => at('server: callback of listen'));
  // A listener of `listening` behind one that throws would not be called.
  await until(() => server.address() !== null, 'the address');
  await until(() => log['server']?.includes('listening') === true, 'listening');
  const { port } = server.address() as AddressInfo;

  const other = builtin.connect(port, '127.0.0.1');
  let heard = '';
  other.on('data', (chunk: Buffer) => (heard += String(chunk)));
  const otherAnswers = async (text: string): Promise<void> => {
    other.write(text);
    await until(() => heard.endsWith(text), `the answer to ${text}`);
  };
  await otherAnswers('one');

  server.once('connection', () => at('server: connection'));
  const client = net.connect({ port, host: 'localhost', family: 4 }, () => at('client: callback of connect'));
  beginClient(client, at);
  // Where one side is not told what it has to do, and nothing happens any more, the test sees to the end.
  impatience = setTimeout(() => {
    client.destroy();
    serverSides[1]?.destroy();
  }, 400);
  await within(
    until(() => client.destroyed && serverSides[1]?.destroyed !== false, 'the end of both sides'),
    'the end',
  );
  clearTimeout(impatience);
  await turn();
  await turn();
  await otherAnswers('two');
  other.destroy();
  await until(() => serverSides[0]?.destroyed === true, 'the end of the other');
  server.close(() => at('server: callback of close'));
  await until(() => log['server']?.includes('close') === true, 'the close of the server');
  await until(() => openSockets() <= before, 'the end of all that was opened');
  await turn();

  expect(bomb.thrown).toHaveLength(1);
  expect(misreported(bomb, watched.uncaught)).toEqual([]);
  expect(watched.uncaught).toHaveLength(1);
  expect(watched.warnings).toEqual([]);
  return log;
}

/** Answers once all has come, says goodbye at a timeout, and ends when the client has. */
function beginServerSide(socket: Socket, at: (place: Place) => void): void {
  let bytes = 0;
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes !== FLOOD.length) return;
    socket.write('answer', () => at('server side: callback of write'));
    socket.setTimeout(10, () => {
      socket.setTimeout(0);
      socket.write('goodbye');
      at('server side: timeout');
    });
    at('server side: data');
  });
  socket.on('end', () => {
    socket.end(() => at('server side: callback of end'));
    at('server side: end');
  });
  socket.on('finish', () => at('server side: finish'));
  socket.on('close', () => at('server side: close'));
}

/** Sends more than fits at once, waits for the answer and a goodbye, and ends. */
function beginClient(socket: Socket, at: (place: Place) => void): void {
  socket.on('error', () => {});
  socket.on('lookup', () => at('client: lookup'));
  socket.on('connect', () => at('client: connect'));
  socket.on('ready', () => at('client: ready'));
  socket.once('drain', () => at('client: drain'));
  socket.write(FLOOD, () => at('client: callback of write'));
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    const isFirst = text === '';
    text += String(chunk);
    if (text.endsWith('goodbye')) socket.end(() => at('client: callback of end'));
    if (isFirst) at('client: data');
  });
  socket.on('end', () => at('client: end'));
  socket.on('finish', () => at('client: finish'));
  socket.on('close', () => at('client: close'));
}

describe.each([
  ['over the system', createNet(nodeTransport)],
  ['over links', createNet(createNodeTransport({ driver: 'plain' }))],
])('%s', (name, net) => {
  test.each(places)('%s', async (place) => {
    const ours = await run(net, place);
    const theirs = await run(builtin, place);
    // Node's socket never connects then; over links the dial is not its listener's.
    const hasLinks = name === 'over links' || process.env['RXJS_NET_DRIVER'] === 'plain';
    if (hasLinks && place === 'client: lookup') expect(ours['client']).toContain('data');
    else expect(ours).toEqual(theirs);
  });
});
