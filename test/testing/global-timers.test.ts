// Programs that can't be given a clock: the timers of the process in virtual time, while a run lasts.
import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as setTimeoutOfNode } from 'node:timers/promises';
import { promisify } from 'node:util';

import { interval, take, toArray, firstValueFrom } from 'rxjs';
import { afterEach, describe, expect, test, vi } from 'vitest';

import { simulateNetwork, type SimulatedNetwork, type SimulateNetworkOptions } from '../../src/testing/index.ts';

const found = { ...globals() };

function globals() {
  const { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate, Date } = globalThis;
  const times = [Reflect.get(performance, 'now'), Reflect.get(AbortSignal, 'timeout')];
  const own = Object.hasOwn(performance, 'now');
  return { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate, Date, times, own };
}

afterEach(() => expect(globals()).toEqual(found));

const virtually = <T>(
  program: (network: SimulatedNetwork) => Promise<T> | T,
  options: SimulateNetworkOptions = {},
): Promise<T> => {
  const network = simulateNetwork(options);
  return network.run(() => program(network), { globalTimers: true });
};

/** For a run that is to fail. */
const fails = <T>(program: () => Promise<T> | T): Promise<T> => virtually(program, { report: () => {} });

const wait = (ms?: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

describe('in virtual time', () => {
  test('setTimeout, with what it passes on, and what is no delay', async () => {
    const seen: unknown[] = [];
    await virtually(async ({ clock }) => {
      setTimeout((...values) => void seen.push(...values, clock.now()), 1_000, 'a', 'b');
      setTimeout(() => void seen.push(clock.now()), 2.9);
      for (const delay of [undefined, -5, Number.NaN, 2 ** 31, 0]) setTimeout(() => void seen.push(clock.now()), delay);
      await wait(1_001);
      expect(clock.now()).toBe(1_001);
    });
    expect(seen).toEqual([1, 1, 1, 1, 1, 2, 'a', 'b', 1_000]);
  });

  test('setInterval, and what clears it, from inside and by its number', async () => {
    await virtually(async ({ clock }) => {
      const ticks: number[] = [];
      const ticking = setInterval(() => {
        ticks.push(clock.now());
        if (ticks.length === 3) clearInterval(ticking);
      }, 1_000);
      const other = setInterval(() => void ticks.push(-1), 1_000);
      clearTimeout(Number(other));
      await wait(10_000);
      expect(ticks).toEqual([1_000, 2_000, 3_000]);
      expect(clock.pending).toBe(0);
    });
  });

  test('setImmediate takes no time, behind what is due', async () => {
    await virtually(async ({ clock }) => {
      const seen: string[] = [];
      setImmediate((value) => void seen.push(value), 'immediate');
      clearImmediate(setImmediate(() => void seen.push('cleared')));
      await promisify(setImmediate)();
      expect([seen, clock.now()]).toEqual([['immediate'], 0]);
    });
  });

  test('what a timer can: refresh, close, ref, unref', async () => {
    await virtually(async ({ clock }) => {
      const seen: number[] = [];
      const timer = setTimeout(() => void seen.push(clock.now()), 100);
      expect(timer.hasRef()).toBe(true);
      expect(timer.unref().hasRef()).toBe(false);
      expect(timer.ref().hasRef()).toBe(true);
      await wait(60);
      timer.refresh();
      await wait(110);
      expect(seen).toEqual([160]);
      // Node begins anew a timer that has fired, and not one that was cleared.
      timer.refresh();
      await wait(110);
      expect(seen).toEqual([160, 270]);
      timer.close();
      timer.refresh();
      setTimeout(() => void seen.push(-1), 1)[Symbol.dispose]();
      await wait(500);
      expect(seen).toEqual([160, 270]);
    });
  });

  test('Date, performance.now and AbortSignal.timeout', async () => {
    await virtually(async ({ clock }) => {
      expect(Date.now()).toBe(Date.UTC(2000, 0, 1));
      await wait(1_500);
      expect(new Date().toISOString()).toBe('2000-01-01T00:00:01.500Z');
      expect(new Date()).toBeInstanceOf(Date);
      expect(new Date(0).getTime()).toBe(0);
      expect(Date.UTC(1970, 0, 2)).toBe(86_400_000);
      expect(Reflect.apply(Date, undefined, [])).toBe(new Date().toString());
      expect(performance.now()).toBe(1_500);
      const signal = AbortSignal.timeout(60_000);
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      expect([clock.now(), signal.reason.name]).toEqual([61_500, 'TimeoutError']);
      expect(() => AbortSignal.timeout(-1)).toThrow(RangeError);
    });
    const network = simulateNetwork();
    const startDate = new Date('2030-05-01T12:00:00Z');
    const date = await network.run(() => new Date(), { globalTimers: { startDate } });
    expect(date).toEqual(startDate);
  });

  test('promises of timers, with a signal', async () => {
    await virtually(async ({ clock }) => {
      const sleep = promisify(setTimeout);
      expect(await sleep(100, 'value')).toBe('value');
      expect(clock.now()).toBe(100);
      const controller = new AbortController();
      const waiting = sleep(10_000, undefined, { signal: controller.signal });
      controller.abort();
      await expect(waiting).rejects.toMatchObject({ name: 'AbortError', code: 'ABORT_ERR' });
      await expect(sleep(1, undefined, { signal: controller.signal })).rejects.toMatchObject({ name: 'AbortError' });
      expect(await sleep(1, 'late', { signal: new AbortController().signal })).toBe('late');
      expect([clock.pending, clock.now()]).toEqual([0, 101]);
    });
  });

  test('timers of RxJS, which are given no scheduler', async () => {
    await virtually(async ({ clock }) => {
      expect(await firstValueFrom(interval(60_000).pipe(take(3), toArray()))).toEqual([0, 1, 2]);
      expect(clock.now()).toBe(180_000);
    });
  });

  test('the asynchronous context is that of whoever starts a timer', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen = await virtually(() =>
      storage.run('mine', () => new Promise((resolve) => void setTimeout(() => resolve(storage.getStore()), 10))),
    );
    expect(seen).toBe('mine');
  });

  test('what is no function is refused as the platform does', async () => {
    await virtually(() => {
      expect(() => Reflect.apply(setTimeout, undefined, ['code', 1])).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
      );
    });
  });
});

describe('put back', () => {
  test('when the program fails, throws, or is stuck, and when a timer throws', async () => {
    await expect(fails(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    await expect(
      fails(() => {
        throw new Error('thrown');
      }),
    ).rejects.toThrow('thrown');
    await expect(fails(() => new Promise(() => {}))).rejects.toThrow('stuck');
    await expect(
      fails(() => {
        setTimeout(() => {
          throw new Error('in a timer');
        }, 5);
        return new Promise(() => {});
      }),
    ).rejects.toThrow('in a timer');
    // Nothing remains taken.
    expect(await virtually(() => 1)).toBe(1);
  });

  test('what keeps a replacement has the real one behind it', async () => {
    const kept = await virtually(() => ({ setTimeout, Date, now: Reflect.get(performance, 'now') }));
    expect(kept.setTimeout).not.toBe(setTimeout);
    await new Promise((resolve) => void kept.setTimeout(resolve, 1));
    expect(Math.abs(kept.Date.now() - Date.now())).toBeLessThan(60_000);
    expect(Math.abs(kept.now() - performance.now())).toBeLessThan(60_000);
  });

  test('a timer that is pending goes on in the next run', async () => {
    const network = simulateNetwork();
    const seen: number[] = [];
    const ticking = await network.run(() => setInterval(() => void seen.push(network.clock.now()), 100), {
      globalTimers: true,
    });
    await network.run(() => network.sleep(250));
    expect(seen).toEqual([100, 200]);
    ticking.close();
    expect(network.clock.pending).toBe(0);
  });

  test('a real timer from before is cleared within', async () => {
    let fired = false;
    const before = setTimeout(() => (fired = true), 1);
    await virtually(() => clearTimeout(before));
    await wait(5);
    expect(fired).toBe(false);
  });

  test('on top of fake timers, and below them', async () => {
    vi.useFakeTimers();
    try {
      const fake = setTimeout;
      expect(await virtually(() => wait(50).then(() => performance.now()))).toBe(50);
      expect(setTimeout).toBe(fake);
    } finally {
      vi.useRealTimers();
    }
    await virtually(async ({ clock }) => {
      vi.useFakeTimers();
      const waiting = wait(50);
      vi.advanceTimersByTime(50);
      await waiting;
      expect(clock.now()).toBe(0);
      vi.useRealTimers();
      await wait(7);
      expect(clock.now()).toBe(7);
    });
  });
});

describe('refused', () => {
  test('a wait that they do not reach is named', async () => {
    const controller = new AbortController();
    // Several, since a timer of the test runner that ends meanwhile hides one.
    const beyond = (): Promise<void> => setTimeoutOfNode(60_000, undefined, { signal: controller.signal });
    const waits = (): Promise<unknown> => Promise.all(Array.from({ length: 5 }, beyond));
    await expect(fails(waits)).rejects.toThrow(/[1-5] real timer\(s\) are pending.*node:timers\/promises/);
    controller.abort();
  });

  test('what is no program', async () => {
    await expect(simulateNetwork().run(null as never)).rejects.toMatchObject({
      _tag: 'InvalidOptions',
      option: 'program',
    });
  });

  test('a second run of the process that wants them', async () => {
    await virtually(async () => {
      await expect(fails(() => 1)).rejects.toThrow(/another run of this process has the global timers/);
      expect(await simulateNetwork().run(() => 1)).toBe(1);
    });
  });

  test.each([
    [{ globalTimers: 'yes' }, 'globalTimers'],
    [{ globalTimers: { startDate: Number.NaN } }, 'globalTimers.startDate'],
    [{ globalTimers: { start: 0 } }, 'start'],
    [{ globalTimer: true }, 'globalTimer'],
  ])('%j names %s', async (options, option) => {
    await expect(simulateNetwork().run(() => 1, options as never)).rejects.toMatchObject({
      _tag: 'InvalidOptions',
      option,
    });
  });
});
