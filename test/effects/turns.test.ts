// A loop without an end whose steps never wait lets the event loop have its turn.
import { pipe } from 'fp-ts/lib/function.js';
import * as O from 'fp-ts/lib/Option.js';
import { expect, test } from 'vitest';

import { systemClock } from 'rxjs-net';
import { as, flatMap, fromIO, of, repeatUntilNone, sleep, stream, timeout, toExit, toPromise } from 'rxjs-net/effects';
import { simulateNetwork } from 'rxjs-net/testing';

const endless = of(O.some(1));

test('a time limit ends repeatUntilNone', async () => {
  const exit = await toExit(pipe(repeatUntilNone(endless), timeout(5)));
  expect(exit).toMatchObject({ _tag: 'Failure', failure: { _tag: 'DeadlineExceeded' } });
});

test('an abort ends repeatUntilNone', async () => {
  const exit = await toExit(repeatUntilNone(endless), { signal: AbortSignal.timeout(5) });
  expect(exit).toMatchObject({ _tag: 'Interrupted' });
});

test('a timer ends a stream', async () => {
  const running = stream()(endless).subscribe();
  await toPromise(sleep(5));
  running.unsubscribe();
  expect(running.closed).toBe(true);
});

test('no timer is left, however the loop ends', async () => {
  let open = 0;
  const clock: typeof systemClock = {
    now: () => systemClock.now(),
    after: (delay, callback, keepsAlive) => {
      open += 1;
      let isOpen = true;
      const close = (): void => {
        if (isOpen) open -= 1;
        isOpen = false;
      };
      const cancel = systemClock.after(delay, () => (close(), callback()), keepsAlive);
      return () => (close(), cancel());
    },
  };
  for (const steps of [1, 999, 1000, 1001, 1999, 2000, 2001, 5000]) {
    const counted = (): typeof endless => {
      let step = 0;
      return fromIO(() => ((step += 1) < steps ? O.some(1) : O.none));
    };
    await toPromise(repeatUntilNone(counted()), { clock });
    expect([steps, open]).toEqual([steps, 0]);
    await new Promise<void>((resolve) => stream({ clock })(counted()).subscribe({ complete: resolve }));
    await Promise.resolve();
    expect([steps, open]).toEqual([steps, 0]);
  }
});

test('no virtual time passes meanwhile', async () => {
  const network = simulateNetwork({ seed: 1 });
  const { transport } = network.host('a');
  let step = 0;
  const program = pipe(
    repeatUntilNone(fromIO(() => ((step += 1) < 10_000 ? O.some(1) : O.none))),
    flatMap(() => fromIO(() => transport.clock.now())),
  );
  expect(
    await network.run(() =>
      toPromise(
        pipe(
          sleep(7),
          flatMap(() => program),
        ),
        { transport },
      ),
    ),
  ).toMatchObject({
    right: 7,
  });
  expect(await network.run(() => toPromise(pipe(program, as(1)), { transport }))).toMatchObject({ right: 1 });
});
