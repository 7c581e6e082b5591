import { filter, firstValueFrom, Observable, share, Subject, takeUntil, tap } from 'rxjs';
import { afterEach, describe, expect, test, vi } from 'vitest';

import { lines } from '../../src/observables/framing/lines.ts';
import { stallTimeout } from '../../src/observables/limits/stall-timeout.ts';
import { mapAsync } from '../../src/observables/map-async.ts';
import { concatMap, mergeMap } from '../../src/rx.ts';
import { currentUpstream, sendTo } from '../../src/index.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { fakeConnection } from './support/fake-link.ts';
import { watch } from './support/wait.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const flood = Buffer.from('line\n'.repeat(40));

describe('stallTimeout', () => {
  test.each([
    ['mapAsync', mapAsync(() => new Promise<never>(() => {}))],
    ['concatMap', concatMap(() => new Observable<never>())],
    ['mergeMap', mergeMap(() => new Observable<never>(), 2)],
  ] as const)('ends a connection that %s has paused by work that does not move', async (operator, work) => {
    const clock = new VirtualClock();
    const { connection, link } = await fakeConnection({ clock });
    const seen = watch(connection.incoming.pipe(lines(), work, stallTimeout(1_000)));
    link.deliver(flood);
    expect(link.reading).toBe(false);
    clock.advance(999);
    expect(seen.errors).toEqual([]);
    clock.advance(1);
    expect(seen.errors).toMatchObject([{ _tag: 'ConsumerStalled', operator, limit: 1_000 }]);
    expect(link.closed).toBe(true);
    expect(clock.pending).toBe(0);
  });

  test('work that goes on, however slowly, is no stall', async () => {
    const clock = new VirtualClock();
    const { connection, link } = await fakeConnection({ clock });
    const works: Subject<string>[] = [];
    const seen = watch(
      connection.incoming.pipe(
        lines(),
        mapAsync(() => {
          const work = new Subject<string>();
          works.push(work);
          return work;
        }),
        stallTimeout(1_000),
      ),
    );
    link.deliver(flood);
    for (let n = 0; n < 5; n++) {
      clock.advance(900);
      works[n]?.next(`${n}`);
      works[n]?.complete();
    }
    expect(seen.errors).toEqual([]);
    expect(seen.values).toEqual(['0', '1', '2', '3', '4']);
    clock.advance(2_000);
    expect(seen.errors).toMatchObject([{ _tag: 'ConsumerStalled' }]);
  });

  test('a peer that takes nothing is up to writeTimeout', async () => {
    const clock = new VirtualClock();
    const from = await fakeConnection({ clock });
    const to = await fakeConnection({ clock, highWaterMark: 10 });
    to.link.stall();
    const seen = watch(from.connection.incoming.pipe(stallTimeout(1_000), sendTo(to.connection)));
    from.link.deliver(flood);
    expect(from.link.reading).toBe(false);
    clock.advance(10_000);
    expect(seen.errors).toEqual([]);
    expect(from.link.closed).toBe(false);
  });

  test('as an option of the connection', async () => {
    const clock = new VirtualClock();
    const { connection, link } = await fakeConnection({ clock, stallTimeout: 1_000 });
    const seen = watch(
      connection.incoming.pipe(
        lines(),
        mapAsync(() => new Promise<never>(() => {})),
      ),
    );
    link.deliver(flood);
    clock.advance(1_000);
    expect(seen.errors).toMatchObject([
      { _tag: 'ConnectionClosed', cause: { _tag: 'ConsumerStalled', operator: 'mapAsync' } },
    ]);
    expect(link.closed).toBe(true);
  });

  test('a pause that ends is none, and a later one counts anew', async () => {
    const clock = new VirtualClock();
    const { connection, link } = await fakeConnection({ clock });
    let release = (): void => {};
    const pausing = tap(() => {
      release = currentUpstream()?.hold() ?? release;
    });
    const seen = watch(connection.incoming.pipe(pausing, stallTimeout(1_000)));
    for (let n = 0; n < 3; n++) {
      link.deliver(flood);
      clock.advance(900);
      release();
    }
    expect(seen.errors).toEqual([]);
    link.deliver(flood);
    clock.advance(1_000);
    expect(seen.errors).toMatchObject([{ _tag: 'ConsumerStalled', operator: 'a hold() of the program' }]);
  });
});

describe('the warning of a stall', () => {
  test('hand-made correlation over share() stands still, with a word', async () => {
    const emit = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const clock = new VirtualClock();
    const { connection, link } = await fakeConnection({ clock });
    const messages = connection.incoming.pipe(lines(), share());
    const stop = new Subject<void>();
    const answered: string[] = [];
    messages
      .pipe(
        mapAsync(async (text) => {
          await Promise.resolve();
          const answer = messages.pipe(
            filter((each) => each === `answer to ${text}`),
            takeUntil(stop),
          );
          return firstValueFrom(answer, { defaultValue: text });
        }),
      )
      .subscribe((text) => answered.push(text));
    link.deliver(flood);
    clock.advance(4_999);
    expect(emit).not.toHaveBeenCalled();
    clock.advance(1);
    expect(emit).toHaveBeenCalledOnce();
    expect(emit.mock.calls[0]?.[0]).toMatch(/^mapAsync has paused the connection .* for 5000 ms/);
    // Once per place.
    clock.advance(60_000);
    expect(emit).toHaveBeenCalledOnce();
    stop.next();
    connection.destroy();
    await Promise.resolve();
    expect(clock.pending).toBe(0);
  });

  test('stallWarning: 0 turns it off, and no timer is set', async () => {
    const emit = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const clock = new VirtualClock();
    const { connection, link } = await fakeConnection({ clock, stallWarning: 0 });
    const seen = watch(
      connection.incoming.pipe(
        lines(),
        concatMap(() => new Observable<never>()),
      ),
    );
    link.deliver(flood);
    expect(clock.pending).toBe(0);
    clock.advance(60_000);
    expect(emit).not.toHaveBeenCalled();
    seen.unsubscribe();
  });

  test('no timer outlives its reader', async () => {
    const clock = new VirtualClock();
    const { connection, link } = await fakeConnection({ clock });
    const seen = watch(
      connection.incoming.pipe(
        lines(),
        concatMap(() => new Observable<never>()),
      ),
    );
    link.deliver(flood);
    expect(clock.pending).toBe(1);
    seen.unsubscribe();
    expect(clock.pending).toBe(0);
  });
});
