import { getEventListeners } from 'node:events';

import { concat, EMPTY, map, NEVER, Observable, of, Subject, throwError } from '../../src/rx.ts';
import { describe, expect, it, vi } from 'vitest';

import { ConnectionReset, IdleTimeout, isNetFailure } from '../../src/core/failures/index.ts';
import { catchAll } from '../../src/observables/failures/catch-all.ts';
import { catchFailure } from '../../src/observables/failures/catch-failure.ts';
import { catchFailures } from '../../src/observables/failures/catch-failures.ts';
import { Defect } from '../../src/observables/failures/defect.ts';
import { orDie } from '../../src/observables/failures/or-die.ts';
import { runFlow } from '../../src/observables/failures/run-flow.ts';
import type { Flow } from '../../src/observables/flow.ts';
import { SlowConsumer } from './support/fake-upstream.ts';

class TooHot extends Error {
  readonly _tag = 'TooHot';
}

const failing = <E>(error: E): Flow<string, E> =>
  concat(
    of('before'),
    throwError(() => error),
  );
const idle = new IdleTimeout({ limit: 5 });
const reset = new ConnectionReset({ code: 'ECONNRESET' });

const outcome = (flow: Observable<unknown>): SlowConsumer<unknown> => {
  const consumer = new SlowConsumer<unknown>(false);
  flow.subscribe(consumer.observer);
  return consumer;
};

describe('catchAll', () => {
  it('handles every failure, of the network or of the user’s own', () => {
    for (const error of [idle, reset, new TooHot()] as const) {
      const seen = outcome(failing(error).pipe(catchAll((failure) => of(failure._tag, 'after'))));
      expect(seen.values).toEqual(['before', error._tag, 'after']);
      expect(seen.completed).toBe(true);
    }
  });

  it('passes defects, and whatever has no tag or one that is not its own, as they are', () => {
    const handler = vi.fn(() => EMPTY);
    const lookalike = Object.assign(new Error('not one of ours'), { _tag: 'IdleTimeout' });
    for (const error of [new Defect(idle), new RangeError('bug'), lookalike, 'text', 7]) {
      expect(outcome(failing(error).pipe(catchAll(handler))).error).toBe(error);
    }
    expect(handler).not.toHaveBeenCalled();
  });

  it('takes any input of an Observable, and a failure of it goes on', async () => {
    expect(await runFlow(failing(idle).pipe(catchAll(() => Promise.resolve('later'))))).toBe('later');
    expect(outcome(failing(idle).pipe(catchAll(() => failing(reset)))).error).toBe(reset);
  });

  it('a handler that throws is a defect', () => {
    const bug = new RangeError('bug');
    const thrower = (): Observable<string> => {
      throw bug;
    };
    expect(outcome(failing(idle).pipe(catchAll(thrower))).error).toBe(bug);
  });
});

describe('a handler that is no function', () => {
  it.each([[undefined], [null], [5], [{}]])('%o: InvalidOptions on subscription, before the source', (handler) => {
    let subscriptions = 0;
    const source: Flow<string, IdleTimeout> = new Observable<string>(() => {
      subscriptions++;
    });
    const refused = { _tag: 'InvalidOptions', option: 'handler', value: handler, allowed: 'a function' };
    expect(outcome(source.pipe(catchFailure('IdleTimeout', handler as never))).error).toMatchObject(refused);
    expect(outcome(source.pipe(catchAll(handler as never))).error).toMatchObject(refused);
    if (handler !== undefined) {
      const flow = source.pipe(catchFailures({ IdleTimeout: handler as never }));
      expect(outcome(flow).error).toMatchObject({ ...refused, option: 'IdleTimeout' });
    }
    expect(subscriptions).toBe(0);
  });
});

describe('what is no tag', () => {
  it.each([
    [undefined],
    [null],
    [5],
    [{}],
    [{ tags: 'IdleTimeout' }],
    [{ tags: [5] }],
    [['IdleTimeout', 5]],
    [[['IdleTimeout']]],
  ])('%o: InvalidOptions on subscription, before the source', (which) => {
    const subscribed = vi.fn();
    const source: Flow<string, IdleTimeout> = new Observable<string>(subscribed);
    const seen = outcome(source.pipe(catchFailure(which as never, () => EMPTY)));
    expect(seen.error).toMatchObject({ _tag: 'InvalidOptions', option: 'tag', value: which });
    expect(subscribed).not.toHaveBeenCalled();
  });
});

describe('catchFailure', () => {
  it('goes on with what the handler returns', () => {
    const seen = outcome(failing(idle).pipe(catchFailure('IdleTimeout', (failure) => of(failure._tag, 'after'))));
    expect(seen.values).toEqual(['before', 'IdleTimeout', 'after']);
    expect(seen.completed).toBe(true);
  });

  it('takes any input of an Observable', async () => {
    const flow = failing(idle).pipe(catchFailure('IdleTimeout', () => Promise.resolve('later')));
    expect(await runFlow(flow)).toBe('later');
  });

  it('passes everything else as it is', () => {
    const handler = vi.fn(() => EMPTY);
    const plain = new Error('plain');
    const lookalike = Object.assign(new Error('not one of ours'), { _tag: 'IdleTimeout' });
    for (const error of [reset, plain, lookalike, new TooHot(), new Defect(idle), 'text', null, undefined, 7]) {
      const seen: unknown[] = [];
      // The failures that it can have are what is under test.
      const flow = throwError(() => error) as Flow<never, IdleTimeout>;
      flow.pipe(catchFailure('IdleTimeout', handler)).subscribe({ error: (each) => seen.push(each) });
      expect(seen).toEqual([error]);
    }
    expect(handler).not.toHaveBeenCalled();
  });

  it('catches a tagged error of the user’s own', () => {
    const hot = new TooHot('99 degrees');
    const seen = outcome(failing(hot).pipe(catchFailure('TooHot', (failure) => of(failure.message))));
    expect(seen.values).toEqual(['before', '99 degrees']);
  });

  it('takes a list of tags, and nothing by an empty one', () => {
    for (const error of [idle, new TooHot()] as const) {
      const flow: Flow<string, IdleTimeout | TooHot | ConnectionReset> = failing(error);
      const seen = outcome(flow.pipe(catchFailure(['TooHot', 'IdleTimeout'], (failure) => of(failure._tag))));
      expect(seen.values).toEqual(['before', error._tag]);
      expect(outcome(flow.pipe(catchFailure(['ConnectionReset'], () => EMPTY))).error).toBe(error);
      expect(outcome(flow.pipe(catchFailure([], () => EMPTY))).error).toBe(error);
    }
  });

  it('takes a group, alone and in a list', () => {
    const late = { tags: ['IdleTimeout', 'ReadTimeout'] } as const;
    expect(outcome(failing(idle).pipe(catchFailure(late, () => of('late')))).values).toEqual(['before', 'late']);
    expect(outcome(failing(reset).pipe(catchFailure(late, () => EMPTY))).error).toBe(reset);
    const either = outcome(failing(reset).pipe(catchFailure([late, 'ConnectionReset'], () => of('either'))));
    expect(either.values).toEqual(['before', 'either']);
  });

  it('a handler that throws is a defect', () => {
    const bug = new RangeError('bug');
    const seen = outcome(
      failing(idle).pipe(
        catchFailure('IdleTimeout', (): Observable<string> => {
          throw bug;
        }),
      ),
    );
    expect(seen.error).toBe(bug);
  });

  it('a failure of the handler’s flow goes on', () => {
    const seen = outcome(failing(idle).pipe(catchFailure('IdleTimeout', () => failing(reset))));
    expect(seen.values).toEqual(['before', 'before']);
    expect(seen.error).toBe(reset);
  });

  it('unsubscribing reaches the handler’s flow', () => {
    const subject = new Subject<string>();
    const subscription = failing(idle)
      .pipe(catchFailure('IdleTimeout', () => subject))
      .subscribe();
    expect(subject.observed).toBe(true);
    subscription.unsubscribe();
    expect(subject.observed).toBe(false);
  });
});

describe('catchFailures', () => {
  const handled = (error: IdleTimeout | ConnectionReset | TooHot): SlowConsumer<unknown> =>
    outcome(
      failing(error).pipe(
        catchFailures({
          IdleTimeout: () => of('idle'),
          ConnectionReset: (failure) => of(failure.code),
        }),
      ),
    );

  it('goes on with what the handler of the tag returns', () => {
    expect(handled(idle).values).toEqual(['before', 'idle']);
    expect(handled(reset).values).toEqual(['before', 'ECONNRESET']);
  });

  it('passes everything else as it is, names of Object’s own included', () => {
    expect(handled(new TooHot()).error).toBeInstanceOf(TooHot);
    for (const tag of ['constructor', 'toString', '__proto__']) {
      const error = { _tag: tag };
      const flow = throwError(() => error) as Flow<never, IdleTimeout>;
      expect(outcome(flow.pipe(catchFailures({ IdleTimeout: () => EMPTY }))).error).toBe(error);
    }
  });
});

describe('orDie', () => {
  it('makes a defect of a failure, with the failure as its cause', () => {
    const { error } = outcome(failing(idle).pipe(orDie()));
    expect(error).toBeInstanceOf(Defect);
    expect(error).toMatchObject({ _tag: 'Defect', name: 'Defect', cause: idle });
    expect(isNetFailure(error)).toBe(false);
    expect(outcome(failing(new TooHot()).pipe(orDie())).error).toBeInstanceOf(Defect);
  });

  it('passes a defect as it is', () => {
    const bug = new RangeError('bug');
    expect(outcome(throwError(() => bug).pipe(orDie())).error).toBe(bug);
    const defect = new Defect(idle);
    expect(outcome(throwError(() => defect).pipe(orDie())).error).toBe(defect);
  });

  it('what it made is caught by nothing further down', () => {
    const later = failing(idle).pipe(orDie()) as Flow<string, IdleTimeout>;
    expect(outcome(later.pipe(catchFailure('IdleTimeout', () => EMPTY))).error).toBeInstanceOf(Defect);
  });
});

describe('runFlow', () => {
  it('resolves to the last value, or to undefined', async () => {
    expect(await runFlow(of(1, 2, 3))).toBe(3);
    expect(await runFlow(EMPTY)).toBeUndefined();
  });

  it('calls next with each value', async () => {
    const seen: number[] = [];
    await runFlow(of(1, 2, 3), { next: (n) => seen.push(n) });
    expect(seen).toEqual([1, 2, 3]);
  });

  it('is rejected with a defect, as it is', async () => {
    const bug = new RangeError('bug');
    await expect(
      runFlow(
        of(1).pipe(
          map((): number => {
            throw bug;
          }),
        ),
      ),
    ).rejects.toBe(bug);
  });

  it('makes a defect of a failure that the type had forgotten', async () => {
    for (const failure of [idle, new TooHot('99 degrees')]) {
      const forgetful: Flow<string> = failing<never>(failure as never);
      const defect: unknown = await runFlow(forgetful).catch((error: unknown) => error);
      expect(defect).toBeInstanceOf(Defect);
      expect(defect).toMatchObject({
        cause: failure,
        message: `the type had forgotten this failure: ${failure.message}`,
      });
    }
  });

  it('passes what is a defect already, and what has no tag', async () => {
    for (const error of [new Defect(idle), new RangeError('bug'), 'text', undefined, { _tag: 5 }]) {
      await expect(runFlow(throwError(() => error) as Flow<never>)).rejects.toBe(error);
    }
  });

  it('is rejected with what next throws as it is, be it a failure', async () => {
    const bug = new TooHot('99 degrees');
    const run = runFlow(of(1), {
      next: () => {
        throw bug;
      },
    });
    await expect(run).rejects.toBe(bug);
  });

  it('is rejected with what next throws, and unsubscribes', async () => {
    const source = new Subject<number>();
    const bug = new Error('next');
    const run = runFlow(source, {
      next: () => {
        throw bug;
      },
    });
    source.next(1);
    await expect(run).rejects.toBe(bug);
    expect(source.observed).toBe(false);
  });

  it('does not subscribe under a signal that is aborted', async () => {
    const subscribed = vi.fn();
    const reason = new Error('too late');
    const flow = new Observable<number>(subscribed);
    await expect(runFlow(flow, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(subscribed).not.toHaveBeenCalled();
  });

  it('an abort unsubscribes and rejects with its reason', async () => {
    const source = new Subject<number>();
    const controller = new AbortController();
    const run = runFlow(source, { signal: controller.signal });
    controller.abort('enough');
    await expect(run).rejects.toBe('enough');
    expect(source.observed).toBe(false);
  });

  it('an abort inside next stops a source that emits in a loop', async () => {
    let asked = 0;
    const endless = new Observable<number>((subscriber) => {
      while (!subscriber.closed) subscriber.next(asked++);
    });
    const controller = new AbortController();
    const run = runFlow(endless, { signal: controller.signal, next: (n) => n === 2 && controller.abort() });
    await expect(run).rejects.toMatchObject({ name: 'AbortError' });
    expect(asked).toBe(3);
  });

  it('leaves no listener on the signal, however it ends', async () => {
    const { signal } = new AbortController();
    await runFlow(of(1), { signal });
    await runFlow(of(1).pipe(map((): number => JSON.parse('}'))), { signal }).catch(() => undefined);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    const aborted = new AbortController();
    const run = runFlow(NEVER, { signal: aborted.signal });
    expect(getEventListeners(aborted.signal, 'abort')).toHaveLength(1);
    aborted.abort();
    await run.catch(() => undefined);
    expect(getEventListeners(aborted.signal, 'abort')).toEqual([]);
  });
});
