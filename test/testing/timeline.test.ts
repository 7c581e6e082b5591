// Scripted timelines and schedules of faults: when their steps are taken, how they are cancelled, and what is wrong with one.
import { describe, expect, test } from 'vitest';

import { connect, type Connection, serve, systemClock } from '../../src/index.ts';
import {
  delay,
  reset,
  type ScheduledFault,
  simulateNetwork,
  type SimulatedNetwork,
  type SimulateNetworkOptions,
} from '../../src/testing/index.ts';

const network = (options: SimulateNetworkOptions = {}): SimulatedNetwork => {
  const made = simulateNetwork(options);
  made.host('a');
  made.host('b');
  return made;
};

const story = (of: SimulatedNetwork): string[] =>
  of
    .trace()
    .split('\n')
    .filter(Boolean)
    .map((line) => line.trim());

describe('a timeline', () => {
  test('takes its steps at their moments, in order', async () => {
    const net = network();
    const steps: string[] = [];
    const note = (what: string) => () => void steps.push(`${what} at ${net.clock.now()}`);
    const timeline = net.at(2_000, note('second')).at(1_000, note('first')).at(2_000, note('third'));
    expect(timeline.pending).toBe(3);
    await net.advance(1_500);
    expect([steps, timeline.pending]).toEqual([['first at 1000'], 2]);
    await net.advance(500);
    expect(steps).toEqual(['first at 1000', 'second at 2000', 'third at 2000']);
    await timeline.done;
    expect(timeline.pending).toBe(0);
  });

  test('is part of a run: its end can be awaited, with the promises of its steps', async () => {
    const net = network();
    let slept = false;
    await net.run(async () => {
      await net.at(10, async () => {
        await net.sleep(500);
        slept = true;
      }).done;
    });
    expect([slept, net.clock.now()]).toEqual([true, 510]);
  });

  test('cancelled, takes no more, holds no timer, and is done', async () => {
    const net = network();
    const taken: number[] = [];
    const timeline = net.at(1, () => void taken.push(1)).at(2, () => timeline.cancel());
    timeline.at(2, () => void taken.push(2)).at(3, () => void taken.push(3));
    await net.advance(10);
    expect(taken).toEqual([1]);
    expect(net.clock.pending).toBe(0);
    await timeline.done;
    timeline.cancel();
  });

  test.each([
    [
      'throws',
      () => {
        throw new RangeError('no good');
      },
    ],
    ['rejects', () => Promise.reject(new RangeError('no good'))],
    [
      'rejects later',
      async () => {
        await Promise.resolve();
        throw new RangeError('no good');
      },
    ],
  ])('a step that %s fails the run, with its time', async (_how, step) => {
    const net = network({ report: () => {} });
    net.at(1_234, step);
    const run = net.run(() => net.sleep(5_000));
    await expect(run).rejects.toThrow('the step at 1234 ms failed: no good');
    await expect(run).rejects.toMatchObject({ cause: expect.any(RangeError) as unknown });
    expect(net.clock.now()).toBe(1_234);
    // The network goes on.
    await net.run(() => net.sleep(1));
  });

  test('a step that throws what is no error, and one that fails in advance()', async () => {
    const net = network();
    net.at(5, () => {
      throw 'text';
    });
    await expect(net.advance(10)).rejects.toThrow('the step at 5 ms failed: text');
  });

  test('what a step throws as a wrong rule names the host', async () => {
    const net = network();
    net.at(5, () => net.partition('a', 'c'));
    await expect(net.advance(10)).rejects.toThrow(/the step at 5 ms failed: .*"c"/);
  });

  test.each([[-1], [Number.NaN], [Number.POSITIVE_INFINITY], ['5' as never], [49]])(
    'the moment %s is refused',
    async (time) => {
      const net = network();
      await net.advance(50);
      expect(() => net.at(time, () => {})).toThrow(expect.objectContaining({ _tag: 'InvalidOptions', option: 'time' }));
    },
  );

  test('a step that is no function is refused', () => {
    expect(() => network().at(5, 'heal' as never)).toThrow(expect.objectContaining({ option: 'step' }));
  });
});

describe('a schedule', () => {
  test('has its times from when it is played, and takes each fault back', async () => {
    const net = network();
    await net.advance(1_000);
    const timeline = net.play([
      { at: 10, for: 5, fault: 'delay', ms: 20, from: 'a' },
      { at: 10, for: 0, fault: 'stall' },
      { at: 20, for: 10, fault: 'partition', between: ['a', 'b'] },
      { at: 40, for: 10, fault: 'crash', host: 'b' },
      { at: 60, fault: 'slice', most: 3, least: 1, to: 'b', port: 80 },
    ]);
    await net.run(() => timeline.done);
    expect(story(net)).toEqual([
      '1010.000 a → * FAULT delay(20)',
      '1010.000 * → * FAULT stall()',
      '1010.000 * → * FAULT-END stall()',
      '1015.000 a → * FAULT-END delay(20)',
      '1020.000 a ↔ b PARTITION',
      '1030.000 a ↔ b HEAL',
      '1040.000 b CRASH',
      '1050.000 b RESTART',
      '1060.000 * → b FAULT slice(3, 1) at port 80',
    ]);
    timeline.cancel();
    expect(story(net).at(-1)).toBe('1060.000 * → b FAULT-END slice(3, 1) at port 80');
    expect(net.clock.pending).toBe(0);
  });

  test('knows every fault', async () => {
    const net = network();
    const kinds: ScheduledFault[] = [
      { at: 0, fault: 'drop', chance: 0.5 },
      { at: 0, fault: 'drop' },
      { at: 0, fault: 'reset' },
      { at: 0, fault: 'cutAfter', bytes: 0 },
      { at: 0, fault: 'limitRate', bytesPerSecond: 10 },
      { at: 0, fault: 'slowClose' },
      { at: 0, fault: 'slowClose', ms: 5 },
      { at: 0, fault: 'corrupt' },
    ];
    net.play(kinds);
    await net.advance(1);
    expect(story(net).map((line) => line.replace(/.*FAULT /, ''))).toEqual([
      'drop(0.5)',
      'drop(1)',
      'reset()',
      'cutAfter(0)',
      'limitRate(10)',
      'slowClose()',
      'slowClose(5)',
      'corrupt(1)',
    ]);
  });

  test.each([
    ['schedule', 'soon'],
    ['schedule[0]', ['soon']],
    [
      'schedule[1].at',
      [
        { at: 0, fault: 'stall' },
        { at: -1, fault: 'stall' },
      ],
    ],
    ['schedule[0].for', [{ at: 0, for: -1, fault: 'stall' }]],
    ['schedule[0].fault', [{ at: 0, fault: 'stal' }]],
    ['schedule[0].ms', [{ at: 0, fault: 'delay' }]],
    ['schedule[0].ms', [{ at: 0, fault: 'delay', ms: -5 }]],
    ['schedule[0].chance', [{ at: 0, fault: 'drop', chance: 2 }]],
    ['schedule[0].chance', [{ at: 0, fault: 'stall', chance: 1 }]],
    ['schedule[0].least', [{ at: 0, fault: 'slice', most: 3, least: 5 }]],
    ['schedule[0].bytess', [{ at: 0, fault: 'cutAfter', bytess: 3 }]],
    ['schedule[0].from', [{ at: 0, fault: 'stall', from: 'nobody' }]],
    ['schedule[0].port', [{ at: 0, fault: 'stall', port: '80' }]],
    ['schedule[0].between', [{ at: 0, fault: 'partition', between: ['a'] }]],
    ['schedule[0].between', [{ at: 0, fault: 'partition' }]],
    ['schedule[0].between[1]', [{ at: 0, fault: 'partition', between: ['a', 'nobody'] }]],
    ['schedule[0].host', [{ at: 0, fault: 'crash', host: 'nobody' }]],
    ['schedule[0].from', [{ at: 0, fault: 'crash', host: 'a', from: 'b' }]],
  ])('%s is named, and nothing is played', (option, schedule) => {
    const net = network();
    expect(() => net.play(schedule as never)).toThrow(expect.objectContaining({ _tag: 'InvalidOptions', option }));
    expect(net.clock.pending).toBe(0);
  });
});

describe('a fault at a port', () => {
  /** How connections to two ports of one host end, one of them from a port of its own. */
  const outcomes = async (install: (net: SimulatedNetwork) => void): Promise<string[]> => {
    const net = network();
    for (const port of [80, 81])
      serve({ port, transport: net.host('b').transport }, ({ incoming }) => incoming).subscribe();
    await net.settle();
    install(net);
    const ends = ['open', 'open', 'open'];
    for (const [index, options] of [{ port: 80 }, { port: 81 }, { port: 80, localPort: 5_000 }].entries()) {
      connect({ host: 'b', transport: net.host('a').transport, ...options }).subscribe((connection: Connection) => {
        connection.incoming.subscribe({
          next: (bytes) => (ends[index] = `${bytes.toString()} at ${net.clock.now()}`),
          error: ({ _tag: tag }: { _tag: string }) => (ends[index] = tag),
        });
        connection.write('hi');
      });
    }
    await net.advance(1_000);
    return ends;
  };

  test('of a server, of one connection, or of anybody', async () => {
    expect(await outcomes((net) => net.fault({ port: 80 }, reset()))).toEqual([
      'ConnectionReset',
      'hi at 4',
      'ConnectionReset',
    ]);
    expect(await outcomes((net) => net.fault({ port: 5_000 }, reset()))).toEqual([
      'hi at 4',
      'hi at 4',
      'ConnectionReset',
    ]);
    expect(await outcomes((net) => net.fault({ from: 'b', port: 81 }, delay(50)))).toEqual([
      'hi at 4',
      'hi at 104',
      'hi at 4',
    ]);
    expect(await outcomes((net) => net.fault({ from: 'b', port: 82 }, delay(50)))).toEqual([
      'hi at 4',
      'hi at 4',
      'hi at 4',
    ]);
  });

  test.each([[0], [65_536], ['80'], [1.5]])('%j is no port', (port) => {
    expect(() => network().fault({ port: port as number }, reset())).toThrow(
      expect.objectContaining({ option: 'port' }),
    );
  });
});

describe('a step that fails where time moves by itself', () => {
  test.each([
    [
      'throws',
      () => {
        throw new Error('boom');
      },
    ],
    ['rejects', () => Promise.reject(new Error('boom'))],
  ])('it %s: the run that goes on fails, and what comes later still happens', async (_how, step) => {
    const inRealTime = simulateNetwork({ clock: systemClock, report: () => {} });
    const now = inRealTime.clock.now();
    const timeline = inRealTime.at(now + 5, step).at(now + 30, () => {});
    await expect(inRealTime.run(() => inRealTime.sleep(60_000))).rejects.toThrow(
      /^the step at [\d.]+ ms failed: boom$/,
    );
    await inRealTime.run(() => timeline.done);
    expect(timeline.pending).toBe(0);
  });
});
