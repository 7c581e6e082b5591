// Where a simulated network has its time from, and what takes its time from it.
import { readFile } from 'node:fs/promises';
import { connect as connectNet, createServer } from 'node:net';

import {
  debounceTime,
  firstValueFrom,
  interval,
  map,
  type SchedulerAction,
  Subject,
  take,
  timer,
  toArray,
  VirtualTimeScheduler,
} from 'rxjs';
import { describe, expect, test, vi } from 'vitest';

import { connect, lines, orDie, runFlow, serve, systemClock } from '../../src/index.ts';
import { mergeMap } from '../../src/rx.ts';
import { clockScheduler, simulateNetwork, type SimulatedNetwork, VirtualClock } from '../../src/testing/index.ts';
import type { Clock } from '../../src/core/clock.ts';

/** Asks a server of lines, and says what it answered, and at what time. */
const exchange = <C extends Clock>(network: SimulatedNetwork<C>, answered: (line: string) => void) => {
  const server = serve({ port: 80, transport: network.host('server').transport }, (connection) =>
    connection.incoming.pipe(
      lines(),
      map((line) => `you said ${line}\n`),
    ),
  ).subscribe();
  return connect({ host: 'server', port: 80, transport: network.host('client').transport }).pipe(
    mergeMap((connection) => {
      connection.write('hello\n');
      return connection.incoming.pipe(lines());
    }),
    map((line) => {
      answered(`${line} at ${network.clock.now()}`);
      server.unsubscribe();
      return line;
    }),
    take(1),
    orDie(),
  );
};

describe('the scheduler', () => {
  test('drives timers and operators of RxJS', async () => {
    const { run, scheduler, clock } = unbound(simulateNetwork());
    const seen: string[] = [];
    await run(async () => {
      expect(await firstValueFrom(timer(1_000, scheduler))).toBe(0);
      expect(clock.now()).toBe(1_000);
      expect(await firstValueFrom(interval(500, scheduler).pipe(take(3), toArray()))).toEqual([0, 1, 2]);
      expect(clock.now()).toBe(2_500);
      const keys = new Subject<string>();
      const typed = firstValueFrom(
        keys.pipe(
          debounceTime(100, scheduler),
          map((key) => `${key} at ${clock.now()}`),
        ),
      );
      keys.next('a');
      await firstValueFrom(timer(99, scheduler));
      keys.next('b');
      seen.push(await typed);
    });
    expect(seen).toEqual(['b at 2699']);
    expect(clock.pending).toBe(0);
  });

  test('what is unsubscribed leaves nothing behind, also from within', () => {
    const clock = new VirtualClock();
    const scheduler = clockScheduler(clock);
    const ticks: number[] = [];
    const ticking = interval(10, scheduler).subscribe((tick) => {
      ticks.push(tick);
      if (tick === 2) ticking.unsubscribe();
    });
    const waiting = timer(15, scheduler).subscribe();
    clock.advance(10);
    waiting.unsubscribe();
    expect(clock.pending).toBe(1);
    clock.advance(1_000);
    expect([ticks, clock.pending]).toEqual([[0, 1, 2], 0]);
  });

  test('work that schedules itself again, with a state; and work that throws', () => {
    const clock = new VirtualClock();
    const scheduler = clockScheduler(clock);
    const seen: string[] = [];
    const scheduled = scheduler.schedule(
      function (this: SchedulerAction<number>, count) {
        seen.push(`${count} at ${clock.now()}`);
        if (count < 2) this.schedule(count + 1, 5);
      },
      1,
      0,
    );
    clock.advance(100);
    expect(seen).toEqual(['0 at 1', '1 at 6', '2 at 11']);
    expect([scheduled.closed, scheduler.now()]).toEqual([true, 100]);
    const broken = scheduler.schedule(() => {
      throw new Error('no');
    }, 1);
    expect(() => clock.advance(1)).toThrow('no');
    expect(broken.closed).toBe(true);
  });
});

describe('the clock', () => {
  test('is shared by networks that are given one', async () => {
    const clock = new VirtualClock();
    const one = simulateNetwork({ clock, latency: 5 });
    const other = simulateNetwork({ clock, latency: 100, report: () => {} });
    const seen: string[] = [];
    await one.run(async () => {
      const both = [one, other].map((network) => runFlow(exchange(network, (line) => void seen.push(line))));
      await expect(other.run(() => 1)).rejects.toThrow(/run\(\): run\(\) moves the time already/);
      await Promise.all(both);
    });
    expect(seen).toEqual(['you said hello at 20', 'you said hello at 400']);
  });

  test('of the process: the same program takes real time, and nothing moves it', async () => {
    const network = simulateNetwork({
      clock: systemClock,
      latency: 3,
      chunking: { least: 1, most: 3 },
      jitter: 2,
      report: () => {},
    });
    const seen: string[] = [];
    const start = performance.now();
    await network.run(() => runFlow(exchange(network, (line) => void seen.push(line))));
    expect(seen).toHaveLength(1);
    expect(performance.now() - start).toBeGreaterThanOrEqual(11);
    await network.settle();
    await network.sleep(1);
    await expect(network.advance(5)).rejects.toThrow(/advance\(\) moves virtual time/);
    await expect(network.run(() => 1, { globalTimers: true })).rejects.toThrow(/globalTimers.*virtual time/);
  });

  test('of the process: bytes in order, whatever the jitter', async () => {
    const network = simulateNetwork({ clock: systemClock, latency: 0, jitter: 4, chunking: { least: 1, most: 20 } });
    const sent = Buffer.from(Array.from({ length: 2_000 }, (_, index) => index % 251));
    const server = serve(
      { port: 80, transport: network.host('server').transport },
      (connection) => connection.incoming,
    ).subscribe();
    const received: Buffer[] = [];
    await network.run(
      () =>
        new Promise<void>((resolve, reject) => {
          connect({ host: 'server', port: 80, transport: network.host('client').transport }).subscribe({
            next: (connection) => {
              connection.incoming.subscribe((chunk) => void received.push(chunk));
              connection.end(sent);
            },
            error: reject,
            complete: resolve,
          });
        }),
    );
    server.unsubscribe();
    await network.settle();
    expect(Buffer.concat(received).equals(sent)).toBe(true);
  });

  test.each([[null], [{}], [{ now: Date.now }], ['real'], [new VirtualTimeScheduler()]])('refuses %o', (clock) => {
    expect(() => simulateNetwork({ clock: clock as never })).toThrow(
      expect.objectContaining({ _tag: 'InvalidOptions', option: 'clock' }),
    );
  });
});

describe('real time, mixed with virtual time', () => {
  const stuck = async (program: () => Promise<unknown>): Promise<string> => {
    const error: unknown = await simulateNetwork({ report: () => {} })
      .run(program)
      .catch((reason: unknown) => reason);
    return error instanceof Error ? error.message : 'it ended';
  };

  test('a real timer is named', async () => {
    // More of them than the runner has, one of whose own may end meanwhile.
    const handles: NodeJS.Timeout[] = [];
    const message = await stuck(
      () =>
        new Promise((resolve) => {
          for (let i = 0; i < 10; i++) handles.push(setTimeout(resolve, 60_000));
        }),
    );
    for (const handle of handles) clearTimeout(handle);
    expect(message).toMatch(/stuck: nothing can happen .*\d real timer\(s\) are pending.*globalTimers: true/);
  });

  test('a connection of the operating system is named', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => void server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const socket = connectNet(port, '127.0.0.1');
    await new Promise((resolve) => void socket.once('connect', resolve));
    const more: ReturnType<typeof connectNet>[] = [];
    const message = await stuck(
      () =>
        new Promise((resolve) => {
          const another = connectNet(port, '127.0.0.1');
          more.push(another);
          another.on('data', resolve);
        }),
    );
    for (const each of [socket, ...more]) each.destroy();
    server.close();
    expect(message).toMatch(/real socket\(s\) are open: .*not given the transport/);
  });

  test('a promise that nothing settles has no such explanation', async () => {
    expect(await stuck(() => new Promise(() => {}))).not.toMatch(/Perhaps/);
  });

  test('files may take their time', async () => {
    const text = await simulateNetwork().run(async () => {
      let all = '';
      for (let round = 0; round < 20; round++) all += await readFile(import.meta.filename, 'utf8');
      return all;
    });
    expect(text).toMatch(/files may take their time/);
  });

  test('who goes on for ever beside a real timer is told of it', async () => {
    const network = simulateNetwork({ maxEvents: 100, report: () => {} });
    let handle: NodeJS.Timeout | undefined;
    const ticking = interval(1, network.scheduler).subscribe();
    await expect(
      network.run(() => new Promise((resolve) => void (handle = setTimeout(resolve, 60_000)))),
    ).rejects.toThrow(/still going on after 100 events.*1 real timer/);
    ticking.unsubscribe();
    clearTimeout(handle);
  });

  test('two who move one time', async () => {
    const network = simulateNetwork({ report: () => {} });
    await network.run(async () => {
      expect(() => network.clock.advance(1)).toThrow(/advance\(\): run\(\) moves the time already/);
      for (const call of [() => network.run(() => 1), () => network.settle(), () => network.advance(1)])
        await expect(call()).rejects.toThrow(/run\(\) moves the time already/);
    });
    network.clock.advance(5);
    expect(network.clock.now()).toBe(5);
  });
});

describe('beside fake timers of a test runner', () => {
  test('virtual time goes on, and theirs stands', async () => {
    vi.useFakeTimers();
    try {
      const network = simulateNetwork();
      const seen: string[] = [];
      await network.run(() => runFlow(exchange(network, (line) => void seen.push(line))));
      expect(seen).toEqual(['you said hello at 4']);
    } finally {
      vi.useRealTimers();
    }
  });
});

const unbound = (network: SimulatedNetwork) => ({
  run: network.run.bind(network),
  scheduler: network.scheduler,
  clock: network.clock,
});
