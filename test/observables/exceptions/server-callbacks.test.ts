// A function of `answerWith`, or of an operator behind a connection, throws on a server: that connection ends, and no other.
import { map, NEVER } from 'rxjs';
import { describe, expect, test } from 'vitest';

import {
  answerWith,
  type BufferOverflow,
  type Chunk,
  type Defect,
  lines,
  nodeTransport,
  type Op,
} from '../../../src/index.ts';
import { concatMap, of } from '../../../src/rx.ts';
import { CountingClock, openSockets } from '../support/resources.ts';
import { rawPeer, serving } from '../support/sockets.ts';
import { until } from '../support/wait.ts';
import { Bomb, misreported, watchProcess } from './support.ts';

const idOf = (line: string): number | undefined =>
  line.startsWith('#') ? Number.parseInt(line.slice(1), 10) : undefined;

/** Requests are lines: `#1 text` asks, `!1` takes back. The answer of one that is not bad comes at once. */
const reader = {
  idOf: (line: string) => idOf(line),
  assign: (answer: string, id: number) => `#${id} ${answer}`,
};

/** What a server makes of lines; `bomb` throws for those that are bad. */
const servers: Record<string, (bomb: Bomb) => Op<string, string, BufferOverflow>> = {
  'idOf of answerWith': (bomb) =>
    answerWith((line: string) => of(line), { ...reader, idOf: (line) => orThrow(bomb, line) ?? idOf(line) }),
  'assign of answerWith': (bomb) =>
    answerWith((line: string) => of(line), {
      ...reader,
      assign: (answer: string, id: number) => orThrow(bomb, answer) ?? `#${id} ${answer}`,
    }),
  'end of answerWith': (bomb) =>
    answerWith((line: string) => of(line), { ...reader, end: (id: number) => (id === 8 ? bomb.go() : '') }),
  'cancelOf of answerWith': (bomb) =>
    answerWith((line: string) => of(line), { ...reader, cancelOf: (line) => orThrow(bomb, line) }),
  'cancelOf of answerWith, while work is in flight': (bomb) =>
    answerWith((line: string) => (line.includes('slow') ? NEVER : of(line)), {
      ...reader,
      concurrency: 1,
      cancelOf: (line) => orThrow(bomb, line),
    }),
  'cancelled of answerWith': (bomb) =>
    answerWith((line: string) => (line.includes('slow') ? NEVER : of(line)), {
      ...reader,
      cancelOf: (line) => (line.startsWith('!') ? 9 : undefined),
      cancelled: (): string => bomb.go(),
    }),
  'failed of answerWith, by id': (bomb) =>
    answerWith((line: string) => of(orReject(line)), { ...reader, failed: () => bomb.go() }),
  'failed of answerWith, by order': (bomb) =>
    answerWith((line: string) => of(orReject(line)), { failed: () => bomb.go() }),
  'sizeOf of answerWith': (bomb) =>
    answerWith((line: string) => of(line), {
      ...reader,
      cancelOf: () => undefined,
      sizeOf: (line: string) => orThrow(bomb, line) ?? line.length,
    }),
  'sizeOf of concatMap, of what waits': (bomb) =>
    concatMap((line: string) => (line.includes('slow') ? NEVER : of(line)), {
      sizeOf: (line: string) => orThrow(bomb, line) ?? line.length,
    }),
};

function orThrow(bomb: Bomb, line: string): undefined {
  if (line.includes('bad')) bomb.go();
}

function orReject(line: string): string {
  // A handler's own fault, which `failed` is to make an answer of.
  if (line.includes('bad')) throw new Error('a bad line');
  return line;
}

describe('on a server', () => {
  test.each(Object.keys(servers))('%s', async (name) => {
    const answering = servers[name];
    if (answering === undefined) throw new Error('no such server');
    const bomb = new Bomb(name);
    const watched = watchProcess();
    const clock = new CountingClock();
    const defects: Defect[] = [];
    const before = openSockets();
    const server = await serving(
      ({ incoming }) => {
        const answered = incoming.pipe(lines()).pipe(answering(bomb));
        return answered.pipe(map((line): Chunk => `${line}\n`));
      },
      { transport: { ...nodeTransport, clock }, onDefect: (defect) => defects.push(defect) },
    );
    const other = (await rawPeer(server.place)).read();
    const peer = (await rawPeer(server.place)).read();
    other.socket.write('#1 hello\n');
    await until(() => other.text.includes('#1 hello\n'), 'an answer');
    peer.socket.write('#9 slow\n#8 bad\n!9\n');
    await until(() => server.log.filter(({ type }) => type === 'closed').length === 1, 'the end of the connection');
    other.socket.write('#2 hello\n');
    await until(() => other.text.includes('#2 hello\n'), 'a later answer');
    other.socket.destroy();
    peer.socket.destroy();
    await until(() => server.log.filter(({ type }) => type === 'closed').length === 2, 'the end of the other');
    server.stop();
    await until(() => openSockets() <= before && clock.pending === 0, 'the end of all that was opened');
    expect(watched.uncaught).toEqual([]);
    expect(bomb.thrown).toHaveLength(1);
    expect(server.log.filter(({ type }) => type === 'failed')).toHaveLength(1);
    expect(misreported(bomb, [...defects, ...watched.warnings])).toEqual([]);
  });
});
