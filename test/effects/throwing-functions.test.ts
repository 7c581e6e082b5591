// A function of the program throws within an effect: what was opened is released, the exception is told once, others go on.
import { pipe } from 'fp-ts/lib/function.js';
import { describe, expect, test } from 'vitest';

import { type CloseInfo, nodeTransport } from '../../src/index.ts';
import * as N from '../../src/effects/index.ts';
import { Bomb, countOf, watchProcess } from '../observables/exceptions/support.ts';
import { CountingClock, openSockets } from '../observables/support/resources.ts';
import { rawPeer, serving } from '../observables/support/sockets.ts';
import { turn, until, within } from '../observables/support/wait.ts';

/** How often what was thrown is in an exit, wherever it is inside of it. */
function timesIn(bomb: Bomb, report: unknown): number {
  const [boom] = bomb.thrown;
  if (boom === undefined) throw new Error('nothing was thrown');
  if (report instanceof Error) return countOf(boom, report);
  if (typeof report !== 'object' || report === null) return 0;
  return Object.values(report).reduce<number>((sum, each) => {
    const parts: unknown[] = Array.isArray(each) ? each : [each];
    return sum + parts.reduce<number>((inner, part) => inner + timesIn(bomb, part), 0);
  }, 0);
}

const nothing = N.of(undefined);
const goodbye: N.Net<string, never> = N.left('goodbye');

/** Effects over one connection, in which a function throws. */
const effects: Record<string, (bomb: Bomb) => N.Net<unknown, unknown>> = {
  'a release that throws, after a success': (bomb) => N.bracket(N.of(1), bomb.go)(() => nothing),
  'a release that throws, after a failure': (bomb) => N.bracket(N.of(1), bomb.go)(() => goodbye),
  'a release that dies': (bomb) => N.bracket(N.of(1), () => N.fromIO(bomb.go))(() => nothing),
  'a release that throws later': (bomb) => N.bracket(N.of(1), () => pipe(N.sleep(1), N.map(bomb.go)))(() => nothing),
  'a release within others': (bomb) =>
    N.bracket(
      N.of(1),
      () => nothing,
    )(() => N.bracket(N.of(2), bomb.go)(() => N.bracket(N.of(3), () => nothing)(() => nothing))),
  'a release of several': (bomb) =>
    N.bracketed(
      N.bracket(N.of(1), () => nothing),
      N.bracket(N.of(2), bomb.go),
      N.bracket(N.of(3), () => nothing),
    )(() => nothing),
  'a release of one that lost a race': (bomb) =>
    pipe(
      N.bracket(N.of(1), bomb.go)(() => N.sleep(60_000)),
      N.race(N.sleep(2)),
    ),
  'a release at a timeout': (bomb) =>
    pipe(
      N.bracket(N.of(1), bomb.go)(() => N.sleep(60_000)),
      N.timeout(2),
    ),
  'a use': (bomb) => N.bracket(N.of(1), () => nothing)(bomb.go),
  'an acquire': (bomb) => N.bracket(N.fromIO(bomb.go), () => nothing)(() => nothing),
  'a cancel of fromCallback': (bomb) =>
    pipe(
      N.fromCallback<never, never>(() => bomb.go),
      N.race(N.sleep(2)),
    ),
  'retryOn of retrying': (bomb) => pipe(goodbye, N.retrying(N.fixedDelay(1), { retryOn: bomb.go })),
  'onRetry of retrying': (bomb) =>
    pipe(goodbye, N.retrying(N.fixedDelay(1), { retryOn: () => true, onRetry: bomb.go })),
  tapError: (bomb) => pipe(goodbye, N.tapError(bomb.go)),
};

describe('an effect over a connection', () => {
  test.each(Object.keys(effects))('%s', async (name) => {
    const make = effects[name];
    if (make === undefined) throw new Error('no such effect');
    const bomb = new Bomb(name);
    const watched = watchProcess();
    const clock = new CountingClock();
    const server = await serving(({ incoming }) => incoming);
    const other = (await rawPeer(server.place)).read();
    const before = openSockets();
    const closed: CloseInfo[] = [];
    const program = N.withConnection(server.place)((connection) => {
      connection.closed.subscribe((info) => closed.push(info));
      return make(bomb);
    });
    const transport = { ...nodeTransport, clock };
    const exit = await within(N.toExit(program, { transport }), 'the end of the effect');
    expect(exit._tag).toBe('Defect');
    expect(bomb.thrown).toHaveLength(1);
    await until(() => closed.length === 1 && openSockets() <= before && clock.pending === 0, 'the end of all');
    other.socket.write('two');
    await until(() => other.text === 'two', 'the answer to another');
    await turn();
    expect(watched.uncaught).toEqual([]);
    const reported = watched.warnings.reduce<number>((sum, warning) => sum + timesIn(bomb, warning), 0);
    expect(timesIn(bomb, exit) + reported).toBe(1);
  });
});
