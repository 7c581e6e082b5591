// When `reconnecting` dials, on a clock that the test turns: to the millisecond.
import * as fc from 'fast-check';
import { EMPTY, from, NEVER, Observable, Subject, VirtualTimeScheduler } from '../../../src/rx.ts';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, test } from 'vitest';

import {
  ConnectionAborted,
  ConnectionRefused,
  InvalidOptions,
  isWorthRetrying,
  PermissionDenied,
  PossiblyDelivered,
  type ReconnectEvent,
  reconnecting,
  type ReconnectOptions,
  type Flow,
} from '../../../src/index.ts';
import { ManualClock } from '../support-failures/manual-clock.ts';
import { tagOf } from '../support-failures/record.ts';

/** A source that the test works: each subscription is one attempt. */
class Attempts {
  readonly all: Subject<string>[] = [];
  readonly times: number[] = [];
  open = 0;
  readonly flow: Flow<string>;

  constructor(clock: { now(): number }) {
    const start = clock.now();
    this.flow = new Observable((subscriber) => {
      const attempt = new Subject<string>();
      this.all.push(attempt);
      this.times.push(clock.now() - start);
      this.open++;
      subscriber.add(() => this.open--);
      return attempt.subscribe(subscriber);
    });
  }

  get last(): Subject<string> {
    const last = this.all.at(-1);
    if (last === undefined) throw new Error('no attempt was made');
    return last;
  }
}

function started(options: ReconnectOptions = {}): {
  clock: ManualClock;
  attempts: Attempts;
  events: ReconnectEvent[];
  values: string[];
  end: { error?: unknown; completed?: true };
  unsubscribe: () => void;
} {
  const clock = new ManualClock();
  const attempts = new Attempts(clock);
  const events: ReconnectEvent[] = [];
  const values: string[] = [];
  const end: { error?: unknown; completed?: true } = {};
  const subscription = attempts.flow
    .pipe(reconnecting({ clock, jitter: 'none', onEvent: (event) => events.push(event), ...options }))
    .subscribe({
      next: (value) => values.push(value),
      error: (error: unknown) => {
        end.error = error;
      },
      complete: () => {
        end.completed = true;
      },
    });
  return { clock, attempts, events, values, end, unsubscribe: () => subscription.unsubscribe() };
}

const refused = (): ConnectionRefused => new ConnectionRefused({ address: '127.0.0.1', port: 9 });

describe('the waits', () => {
  test('double from 100 ms to 30 s by default, to the millisecond', () => {
    const { clock, attempts } = started();
    const waits = [100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000, 30_000];
    for (const [index, wait] of waits.entries()) {
      attempts.last.error(refused());
      clock.advance(wait - 1);
      expect(attempts.all).toHaveLength(index + 1);
      clock.advance(1);
      expect(attempts.all).toHaveLength(index + 2);
    }
    expect(attempts.open).toBe(1);
  });

  test('go by initial, factor and max', () => {
    const { clock, attempts } = started({ backoff: { initial: 7, factor: 3, max: 100 } });
    for (let each = 0; each < 5; each++) {
      attempts.last.error(refused());
      clock.advance(1_000);
    }
    expect(attempts.times.map((time, index) => time - index * 1_000)).toEqual([0, -993, -979, -937, -900, -900]);
  });

  test('never grow out of numbers', () => {
    const { clock, attempts } = started({ backoff: { initial: 1, factor: 1e300 } });
    for (let each = 0; each < 5; each++) {
      attempts.last.error(refused());
      clock.advance(30_000);
      expect(attempts.all).toHaveLength(each + 2);
    }
  });

  test('may be a function of their number', () => {
    const asked: number[] = [];
    const { clock, attempts, events } = started({ backoff: (wait) => (asked.push(wait), wait * 10) });
    for (let each = 0; each < 3; each++) {
      attempts.last.error(refused());
      clock.advance(100);
    }
    expect(asked).toEqual([1, 2, 3]);
    expect(events.flatMap((event) => (event.type === 'waiting' ? [event.delay] : []))).toEqual([10, 20, 30]);
  });

  test.each([
    ['full', [0, 25, 50, 100]],
    ['equal', [50, 63, 75, 100]],
    ['none', [100, 100, 100, 100]],
  ] as const)('are spread by %s jitter', (jitter, expected) => {
    const chances = [0, 0.25, 0.5, 1];
    const { clock, attempts, events } = started({
      jitter,
      backoff: () => 100,
      random: () => chances.shift() ?? 0,
    });
    for (let each = 0; each < 4; each++) {
      attempts.last.error(refused());
      clock.advance(100);
    }
    expect(events.flatMap((event) => (event.type === 'waiting' ? [event.delay] : []))).toEqual(expected);
  });

  test('are as long as the first one again after a success', () => {
    const { clock, attempts } = started({ stableAfter: 1_000 });
    for (const wait of [100, 200, 400]) {
      attempts.last.error(refused());
      clock.advance(wait);
    }
    attempts.last.next('up');
    clock.advance(1_000);
    attempts.last.complete();
    clock.advance(99);
    expect(attempts.all).toHaveLength(4);
    clock.advance(1);
    expect(attempts.all).toHaveLength(5);
    attempts.last.error(refused());
    clock.advance(199);
    expect(attempts.all).toHaveLength(5);
    clock.advance(1);
    expect(attempts.all).toHaveLength(6);
  });

  test('a source that fails at once recurses into nothing', () => {
    const clock = new ManualClock();
    let count = 0;
    const subscription = new Observable<never>((subscriber) => {
      count++;
      subscriber.error(refused());
    })
      .pipe(reconnecting({ clock, jitter: 'none', backoff: () => 1 }))
      .subscribe({ error: () => {} });
    expect(count).toBe(1);
    clock.advance(20_000);
    expect(count).toBe(20_001);
    subscription.unsubscribe();
    expect(clock.pending).toBe(0);
  });
});

describe('success', () => {
  test.each([
    [999, 'one ms short', 3],
    [1_000, 'to the ms', 1],
  ])('after %i ms up: %s', (uptime, _what, expected) => {
    const { clock, attempts, events } = started({ stableAfter: 1_000, backoff: () => 1 });
    attempts.last.error(refused());
    clock.advance(1);
    attempts.last.next('up');
    clock.advance(uptime);
    attempts.last.complete();
    clock.advance(1);
    expect(events.findLast((event) => event.type === 'attempt')).toMatchObject({ attempt: expected });
  });

  test('stableAfter 0 counts at once', () => {
    const { attempts, events, end } = started({ stableAfter: 0, maxAttempts: 1, backoff: () => 1 });
    attempts.last.next('up');
    attempts.last.error(refused());
    expect(events.map(({ type }) => type)).toEqual(['attempt', 'up', 'stable', 'lost', 'waiting']);
    expect(end).toEqual({});
  });

  test('what the source emits passes, of every attempt', () => {
    const { clock, attempts, values } = started();
    attempts.last.next('a');
    attempts.last.next('b');
    attempts.last.complete();
    clock.advance(100);
    attempts.last.next('c');
    expect(values).toEqual(['a', 'b', 'c']);
  });
});

describe('giving up', () => {
  test('after maxAttempts the last failure comes through', () => {
    const { clock, attempts, end, events } = started({ maxAttempts: 3, backoff: () => 5 });
    const failures = [refused(), refused(), refused()];
    for (const failure of failures) {
      attempts.last.error(failure);
      clock.advance(5);
    }
    expect(end.error).toBe(failures[2]);
    expect(attempts.all).toHaveLength(3);
    expect(clock.pending).toBe(0);
    expect(events.map(({ type }) => type).join(' ')).toBe(
      'attempt lost waiting attempt lost waiting attempt lost gaveUp',
    );
    expect(events.at(-1)).toEqual({ type: 'gaveUp', attempt: 3, failure: failures[2] });
  });

  test('a peer that greets and drops uses up the attempts', () => {
    const { clock, attempts, end, values } = started({ maxAttempts: 4, backoff: () => 5, stableAfter: 100 });
    for (let each = 0; each < 4; each++) {
      attempts.last.next('hello');
      clock.advance(99);
      attempts.last.complete();
      clock.advance(5);
    }
    expect(values).toHaveLength(4);
    expect(tagOf(end.error)).toBe('ConnectionClosed');
    expect((end.error as Error).message).toBe('the connection ended 4 times in a row before it had been up for 100 ms');
  });

  test('maxAttempts of 1 still dials again after a success', () => {
    const { clock, attempts, end } = started({ maxAttempts: 1, backoff: () => 5, stableAfter: 100 });
    attempts.last.next('up');
    clock.advance(100);
    attempts.last.complete();
    clock.advance(5);
    expect(attempts.all).toHaveLength(2);
    attempts.last.error(refused());
    expect(tagOf(end.error)).toBe('ConnectionRefused');
  });

  test.each([
    new InvalidOptions({ option: 'port', value: 0, allowed: 'more' }),
    new PermissionDenied(),
    new PossiblyDelivered(),
    new ConnectionAborted({ code: 'ABORT_ERR' }),
  ])('$_tag is not worth another attempt', (failure) => {
    const { attempts, end, clock } = started();
    attempts.last.error(failure);
    expect(end.error).toBe(failure);
    expect(clock.pending).toBe(0);
    expect(isWorthRetrying(failure)).toBe(false);
  });

  test('what the system aborted is', () => {
    expect(isWorthRetrying(new ConnectionAborted({ code: 'ECONNABORTED' }))).toBe(true);
  });

  test('retryOn decides instead', () => {
    const asked: string[] = [];
    const { attempts, end, clock } = started({
      backoff: () => 1,
      retryOn: (failure) => {
        asked.push(failure._tag);
        return failure._tag === 'PermissionDenied';
      },
    });
    attempts.last.error(new PermissionDenied());
    clock.advance(1);
    attempts.last.complete();
    clock.advance(1);
    expect(attempts.all).toHaveLength(3);
    attempts.last.error(refused());
    expect(tagOf(end.error)).toBe('ConnectionRefused');
    expect(asked).toEqual(['PermissionDenied', 'ConnectionRefused']);
  });

  test('a defect passes as it is, and so does a failure of the caller’s own', () => {
    for (const error of [new TypeError('mine'), Object.assign(new Error('own'), { _tag: 'TooHot' })]) {
      const { attempts, end, clock } = started({ retryOn: () => true });
      attempts.last.error(error);
      expect(end.error).toBe(error);
      expect(clock.pending).toBe(0);
    }
  });
});

describe('functions of the caller’s', () => {
  const thrown = new Error('mine');
  const fail = (): never => {
    throw thrown;
  };

  test.each([
    ['backoff', { backoff: fail }],
    ['random', { jitter: 'full', random: fail }],
    ['retryOn', { retryOn: fail }],
    ['onEvent', { onEvent: (event) => (event.type === 'lost' ? fail() : undefined) }],
  ] satisfies [string, ReconnectOptions][])('what %s throws is a defect that ends the flow', (_name, options) => {
    const { attempts, end, clock } = started(options);
    attempts.last.error(refused());
    expect(end.error).toBe(thrown);
    expect(clock.pending).toBe(0);
    expect(attempts.open).toBe(0);
  });

  test.each([
    ['backoff', { backoff: () => -1 }],
    ['backoff', { backoff: () => Number.NaN }],
    ['backoff', { backoff: () => Number.POSITIVE_INFINITY }],
    ['backoff', { backoff: () => '5' as never }],
    ['random', { jitter: 'equal', random: () => 1.1 }],
    ['random', { jitter: 'full', random: () => Number.NaN }],
    ['retryOn', { retryOn: () => undefined as never }],
  ] satisfies [string, ReconnectOptions][])('what %s returns is checked', (option, options) => {
    const { attempts, end, clock } = started(options);
    attempts.last.error(refused());
    expect(end.error).toMatchObject({ _tag: 'InvalidOptions', option });
    expect(clock.pending).toBe(0);
  });

  test.each(['attempt', 'up', 'stable', 'lost', 'waiting', 'gaveUp'])('unsubscribing at %s ends all of it', (type) => {
    const clock = new ManualClock();
    const attempts = new Attempts(clock);
    const seen: string[] = [];
    const subscription = attempts.flow
      .pipe(
        reconnecting({
          clock,
          maxAttempts: 2,
          stableAfter: 10,
          backoff: () => 5,
          onEvent: (event) => {
            seen.push(event.type);
            if (event.type === type) stop();
          },
        }),
      )
      .subscribe({ error: () => seen.push('error') });
    function stop(): void {
      // The first event comes inside `subscribe`.
      if (subscription === undefined) throw new Error('too early');
      subscription.unsubscribe();
    }
    const step = (action: () => void): void => {
      if (!subscription.closed) action();
    };
    step(() => attempts.last.next('up'));
    step(() => clock.advance(10));
    step(() => attempts.last.complete());
    step(() => clock.advance(5));
    step(() => attempts.last.error(refused()));
    step(() => clock.advance(5));
    step(() => attempts.last.error(refused()));
    expect(seen.at(-1)).toBe(type === 'attempt' ? 'error' : type);
    expect(clock.pending).toBe(0);
    expect(attempts.open).toBe(0);
  });
});

describe('the end', () => {
  test('unsubscribing while it dials, is up, or waits leaves nothing', () => {
    const dialling = started();
    dialling.unsubscribe();
    expect([dialling.attempts.open, dialling.clock.pending]).toEqual([0, 0]);
    const up = started();
    up.attempts.last.next('up');
    expect(up.clock.pending).toBe(1);
    up.unsubscribe();
    expect([up.attempts.open, up.clock.pending]).toEqual([0, 0]);
    const waiting = started();
    waiting.attempts.last.error(refused());
    expect(waiting.clock.pending).toBe(1);
    waiting.unsubscribe();
    expect([waiting.attempts.open, waiting.clock.pending]).toEqual([0, 0]);
  });

  test.each(['dialling', 'up', 'waiting'])('an abort of signal while %s fails with ConnectionAborted', (stage) => {
    const controller = new AbortController();
    const { attempts, clock, end } = started({ signal: controller.signal });
    if (stage === 'up') attempts.last.next('up');
    if (stage === 'waiting') attempts.last.error(refused());
    controller.abort('enough');
    expect(end.error).toMatchObject({ _tag: 'ConnectionAborted', code: 'ABORT_ERR', cause: 'enough' });
    expect([attempts.open, clock.pending]).toEqual([0, 0]);
  });

  test('a signal that is aborted already makes no attempt', () => {
    const { attempts, end } = started({ signal: AbortSignal.abort() });
    expect(attempts.all).toEqual([]);
    expect(tagOf(end.error)).toBe('ConnectionAborted');
  });

  test('taking one value inside the call of subscribe leaves nothing', () => {
    const clock = new ManualClock();
    let open = 0;
    const values: string[] = [];
    new Observable<string>((subscriber) => {
      open++;
      subscriber.add(() => open--);
      subscriber.next('a');
      subscriber.next('b');
    })
      .pipe(reconnecting({ clock }))
      .subscribe(function (this: unknown, value) {
        values.push(value);
      })
      .unsubscribe();
    expect(values).toEqual(['a', 'b']);
    expect([open, clock.pending]).toEqual([0, 0]);
  });

  test('a teardown of the source that throws is a defect', () => {
    const clock = new ManualClock();
    const errors: unknown[] = [];
    const source = new Subject<string>();
    new Observable<string>((subscriber) => {
      subscriber.add(source.subscribe(subscriber));
      subscriber.add(() => {
        throw new Error('teardown');
      });
    })
      .pipe(reconnecting({ clock }))
      .subscribe({ error: (error: unknown) => errors.push(error) });
    source.error(refused());
    expect(errors).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });
});

describe('schedulers of RxJS', () => {
  test('VirtualTimeScheduler', () => {
    const scheduler = new VirtualTimeScheduler();
    const times: number[] = [];
    const source = new Observable<never>((subscriber) => {
      times.push(scheduler.now());
      subscriber.error(refused());
    });
    source.pipe(reconnecting({ clock: scheduler, jitter: 'none', maxAttempts: 4 })).subscribe({ error: () => {} });
    scheduler.flush();
    expect(times).toEqual([0, 100, 300, 700]);
  });

  test('TestScheduler drives it without being told', () => {
    new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(({ cold, expectObservable }) => {
      const source = cold('a 9ms |');
      const flow = from(source).pipe(reconnecting({ jitter: 'none', backoff: { initial: 5, factor: 1 } }));
      expectObservable(flow, '31ms !').toBe('a 14ms a 14ms a');
    });
  });
});

describe('bad options', () => {
  test.each([
    ['backoff.initial', { backoff: { initial: 0 } }],
    ['backoff.factor', { backoff: { factor: 0.5 } }],
    ['backoff.factor', { backoff: { factor: Number.POSITIVE_INFINITY } }],
    ['backoff.max', { backoff: { max: -1 } }],
    ['backoff.max', { backoff: { initial: 500, max: 400 } }],
    ['maximum', { backoff: { maximum: 400 } as never }],
    ['backoff', { backoff: 5 as never }],
    ['backoff', { backoff: null as never }],
    ['jitter', { jitter: 'half' as never }],
    ['stableAfter', { stableAfter: -1 }],
    ['maxAttempts', { maxAttempts: 0 }],
    ['maxAttempts', { maxAttempts: 1.5 }],
    ['retryOn', { retryOn: ['ConnectionRefused'] as never }],
    ['onEvent', { onEvent: {} as never }],
    ['signal', { signal: {} as never }],
    ['random', { random: 4 as never }],
    ['clock', { clock: {} as never }],
    ['maxAttempt', { maxAttempt: 4 } as never],
  ] satisfies [string, ReconnectOptions][])('%s', (option, options) => {
    let failure: unknown;
    NEVER.pipe(reconnecting(options)).subscribe({
      error: (error: unknown) => {
        failure = error;
      },
    });
    expect(failure).toMatchObject({ _tag: 'InvalidOptions', option });
  });

  test('are told on subscription, before the source is subscribed', () => {
    let subscribed = false;
    const flow = new Observable(() => {
      subscribed = true;
    }).pipe(reconnecting({ maxAttempts: -1 }));
    flow.subscribe({ error: () => {} });
    expect(subscribed).toBe(false);
  });
});

describe('property', () => {
  /** What one attempt does: whether it comes up, for how long, and how it ends. */
  const outcome = fc.record({
    dial: fc.integer({ min: 0, max: 500 }),
    uptime: fc.option(fc.integer({ min: 0, max: 300 }), { nil: undefined }),
    fails: fc.boolean(),
  });
  const policy = fc.record({
    initial: fc.integer({ min: 1, max: 1_000 }),
    factor: fc.double({ min: 1, max: 4, noNaN: true }),
    max: fc.integer({ min: 1_000, max: 5_000 }),
    jitter: fc.constantFrom('full', 'equal', 'none'),
    stableAfter: fc.integer({ min: 0, max: 300 }),
    maxAttempts: fc.integer({ min: 1, max: 5 }),
    chance: fc.double({ min: 0, max: 1, noNaN: true }),
  });

  test('any sequence of outcomes gives the schedule that the policy says', () => {
    fc.assert(
      fc.property(fc.array(outcome, { minLength: 1, maxLength: 30 }), policy, (outcomes, rules) => {
        const { initial, factor, max, jitter, stableAfter, maxAttempts, chance } = rules;
        // What the policy says.
        const expected: number[] = [];
        let time = 0;
        let failures = 0;
        let waits = 0;
        let over = false;
        for (const { dial, uptime } of outcomes) {
          if (over) break;
          expected.push(time);
          time += dial + (uptime ?? 0);
          if (uptime !== undefined && uptime >= stableAfter) {
            failures = 0;
            waits = 0;
          } else {
            failures++;
          }
          over = failures >= maxAttempts;
          waits++;
          const wait = Math.min(max, initial * factor ** (waits - 1));
          const share = { full: chance, equal: 0.5 + chance / 2, none: 1 }[jitter];
          time += Math.round(jitter === 'equal' ? wait / 2 + (chance * wait) / 2 : wait * share);
        }
        // What it does.
        const { clock, attempts, end, unsubscribe } = started({
          backoff: { initial, factor, max },
          jitter,
          stableAfter,
          maxAttempts,
          random: () => chance,
        });
        for (const [index, { dial, uptime, fails }] of outcomes.entries()) {
          for (let guard = 0; attempts.all.length <= index && end.error === undefined; guard++) {
            if (guard > 5_001) throw new Error('no further attempt');
            clock.advance(guard === 0 ? 0 : 1);
          }
          if (end.error !== undefined) break;
          clock.advance(dial);
          if (uptime !== undefined) {
            attempts.last.next('up');
            clock.advance(uptime);
          }
          if (fails) attempts.last.error(refused());
          else attempts.last.complete();
        }
        expect(attempts.times).toEqual(expected);
        expect(end.error !== undefined).toBe(over);
        unsubscribe();
        expect([clock.pending, attempts.open]).toEqual([0, 0]);
      }),
      { numRuns: process.env['RXJS_NET_LONG'] === '1' ? 10_000 : 200 },
    );
  });
});

test('an empty source is tried again as well', () => {
  const clock = new ManualClock();
  const errors: unknown[] = [];
  EMPTY.pipe(reconnecting({ clock, maxAttempts: 3 })).subscribe({ error: (error: unknown) => errors.push(error) });
  clock.advance(10_000);
  expect(errors.map(tagOf)).toEqual(['ConnectionClosed']);
});
