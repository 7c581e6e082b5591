import { concat, map, mergeMap, NEVER, Observable, of, Subject, throwError, toArray } from '../../../src/rx.ts';
import { firstValueFrom } from 'rxjs';
import { describe, expect, test } from 'vitest';

import { answerWith, ConnectionReset, type Defect, rpc } from '../../../src/index.ts';
import { FakeUpstream } from '../support/fake-upstream.ts';
import { failureOf, next, tick, turn, until, watch, within } from '../support/wait.ts';
import { client, type Message, servingMessages } from './support.ts';

interface Work {
  readonly id: number | undefined;
  readonly done: Subject<string>;
}

const work = (id: number | undefined): Work => ({ id, done: new Subject() });

const ids = {
  idOf: ({ id }: Work) => id,
  assign: (text: string, id: number) => `${id} ${text}`,
};

describe('by order', () => {
  test('answers leave in the order of the requests, whichever is ready first', async () => {
    const [a, b] = [work(1), work(2)];
    const seen = watch(of(a, b).pipe(answerWith(({ done }) => done)));
    b.done.next('b1');
    b.done.complete();
    expect(seen.values).toEqual([]);
    a.done.next('a1');
    a.done.next('a2');
    expect(seen.values).toEqual(['a1', 'a2']);
    a.done.complete();
    expect(seen.values).toEqual(['a1', 'a2', 'b1']);
    expect(seen.completed).toBe(true);
  });

  test('what a handler returns may be a promise, an iterable, or an array of answers', async () => {
    const seen = watch(
      of('promise', 'array', 'nothing').pipe(
        answerWith((kind) => {
          if (kind === 'promise') return Promise.resolve(['one']);
          return kind === 'array' ? ['two', 'three'] : [];
        }),
      ),
    );
    await within(seen.ended, 'the end');
    expect(seen.values).toEqual([['one'], 'two', 'three']);
  });

  test('so many are in work at once, and the source is held for more', async () => {
    const source = new FakeUpstream(10);
    const works: Work[] = [];
    const seen = watch(
      source.values.pipe(
        answerWith(
          (id) => {
            const each = work(id);
            works.push(each);
            return each.done;
          },
          { concurrency: 3, highWaterMark: 1 },
        ),
      ),
    );
    expect(works).toHaveLength(3);
    expect(source.held).toBe(1);
    for (let n = 0; n < 10; n++) {
      expect(works).toHaveLength(Math.min(10, n + 3));
      works[n]?.done.next(`${n}`);
      works[n]?.done.complete();
    }
    expect(seen.values).toEqual(Array.from({ length: 10 }, (_, n) => `${n}`));
    expect(seen.completed).toBe(true);
  });
});

describe('by id', () => {
  test('answers leave as they come', () => {
    const [a, b] = [work(1), work(2)];
    const seen = watch(of(a, b).pipe(answerWith(({ done }) => done, ids)));
    b.done.next('x');
    a.done.next('y');
    b.done.next('z');
    expect(seen.values).toEqual(['2 x', '1 y', '2 z']);
    a.done.complete();
    b.done.complete();
    expect(seen.completed).toBe(true);
  });

  test('with an end marker where there is one', () => {
    const [a, b] = [work(1), work(2)];
    const options = { ...ids, end: (id: number) => `${id} end` };
    const seen = watch(of(a, b).pipe(answerWith(({ done }) => done, options)));
    b.done.complete();
    a.done.next('x');
    a.done.complete();
    expect(seen.values).toEqual(['2 end', '1 x', '1 end']);
  });

  test('a request without an id gets no answer, but its handler runs', () => {
    const told: string[] = [];
    const options = {
      ...ids,
      end: (id: number) => `${id} end`,
      failed: (failure: Defect) => {
        told.push(failure.message);
        return 'failed';
      },
    };
    const [a, b] = [work(undefined), work(undefined)];
    const seen = watch(of(a, b).pipe(answerWith(({ done }) => done, options)));
    a.done.next('x');
    a.done.complete();
    b.done.error(new Error('lost'));
    expect(seen.values).toEqual([]);
    expect(seen.completed).toBe(true);
    expect(told).toEqual(['a handler failed: lost']);
  });

  test('a request that is taken back: its handler ends, and nothing more is sent for it', () => {
    const source = new Subject<Work | { readonly cancel: number }>();
    const [a, b] = [work(1), work(2)];
    const signals: AbortSignal[] = [];
    const seen = watch(
      source.pipe(
        answerWith(
          (message, signal) => {
            signals.push(signal);
            return 'done' in message ? message.done : [];
          },
          {
            idOf: (message) => ('id' in message ? message.id : undefined),
            assign: (text: string, id: number) => `${id} ${text}`,
            end: (id: number) => `${id} end`,
            cancelOf: (message) => ('cancel' in message ? message.cancel : undefined),
            concurrency: 2,
          },
        ),
      ),
    );
    source.next(a);
    source.next({ cancel: 1 });
    expect(a.done.observed).toBe(false);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    // Its place is free, and one that is not in work, or no longer, can be taken back as well.
    source.next(b);
    source.next({ cancel: 1 });
    source.next({ cancel: 7 });
    a.done.next('too late');
    b.done.next('x');
    b.done.complete();
    source.next({ cancel: 2 });
    source.complete();
    expect(seen.values).toEqual(['2 x', '2 end']);
    expect(seen.completed).toBe(true);
  });

  test('so many are in work at once', () => {
    const source = new FakeUpstream(5);
    const all = Array.from({ length: 5 }, (_, id) => work(id));
    const options = { idOf: (n: number) => n, assign: (text: string, id: number) => `${id} ${text}`, concurrency: 2 };
    const seen = watch(source.values.pipe(answerWith((n) => all[n]?.done ?? NEVER, { ...options, highWaterMark: 1 })));
    expect(source.emitted).toBe(3);
    expect(source.held).toBe(1);
    all[1]?.done.complete();
    expect(source.emitted).toBe(4);
    for (const { done } of all) {
      done.next('x');
      done.complete();
    }
    expect(seen.values).toEqual(['0 x', '2 x', '3 x', '4 x']);
    expect(seen.completed).toBe(true);
  });
});

describe('a handler that fails', () => {
  const reset = new ConnectionReset();
  const defect = new TypeError('a mistake');

  test('ends it, as it is', () => {
    expect(watch(of(1).pipe(answerWith(() => throwError(() => reset)))).errors).toEqual([reset]);
    const thrown = watch(
      of(1).pipe(
        answerWith(() => {
          throw defect;
        }),
      ),
    );
    expect(thrown.errors).toEqual([defect]);
  });

  test('what is no input counts as a failure, too', () => {
    expect(watch(of(1).pipe(answerWith(() => 7 as never))).errors[0]).toBeInstanceOf(TypeError);
  });

  test('is answered where a mapping is given, after what it had said; no end marker follows', async () => {
    const told: unknown[] = [];
    const seen = watch(
      of(1, 2, 3).pipe(
        answerWith(
          (n) => {
            if (n === 2) throw defect;
            return n === 1
              ? concat(
                  of('one'),
                  throwError(() => reset),
                )
              : Promise.resolve('three');
          },
          {
            idOf: (n) => n,
            assign: (text, id) => `${id} ${text}`,
            end: (id) => `${id} end`,
            failed: (failure, n) => {
              told.push([failure._tag, n]);
              return `${n} failed`;
            },
          },
        ),
      ),
    );
    await within(seen.ended, 'the end');
    expect(seen.values).toEqual(['1 one', '1 failed', '2 failed', '3 three', '3 end']);
    expect(told).toEqual([
      ['ConnectionReset', 1],
      ['Defect', 2],
    ]);
  });

  test.each(['failed', 'assign', 'idOf', 'end'])('%s may throw, and then that ends it as it is', (name) => {
    const options = {
      ...ids,
      failed: () => 'failed',
      end: () => 'end',
      [name]: () => {
        throw defect;
      },
    };
    const input = name === 'failed' ? throwError(() => reset) : of('x');
    let teardowns = 0;
    const counted = new Observable<string>((subscriber) => {
      subscriber.add(() => teardowns++);
      return input.subscribe(subscriber);
    });
    const seen = watch(of(work(1)).pipe(answerWith(() => counted, options)));
    expect(seen.errors).toEqual([defect]);
    expect(teardowns).toBe(name === 'idOf' ? 0 : 1);
  });
});

describe('when it is over', () => {
  test('handlers are unsubscribed, and their signals aborted', async () => {
    const signals: AbortSignal[] = [];
    let teardowns = 0;
    const seen = watch(
      of(1, 2).pipe(
        answerWith((n, signal) => {
          signals.push(signal);
          return n === 1
            ? new Promise<string>(() => {})
            : new Observable<string>(() => () => {
                teardowns++;
              });
        }),
      ),
    );
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
    seen.unsubscribe();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    expect(teardowns).toBe(1);
  });

  test('the signal of a handler that ended by itself is not aborted', async () => {
    const signals: AbortSignal[] = [];
    const seen = watch(
      of(1, 2).pipe(
        answerWith(
          (n, signal) => {
            signals.push(signal);
            return n === 1 ? of('one') : throwError(() => new Error('two'));
          },
          { failed: () => 'failed' },
        ),
      ),
    );
    await within(seen.ended, 'the end');
    expect(seen.values).toEqual(['one', 'failed']);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
  });

  test.each<[string, unknown, object]>([
    ['handler', 7, {}],
    ['concurrency', () => [], { concurrency: 0 }],
    ['highWaterMark', () => [], { highWaterMark: -1 }],
    ['failed', () => [], { failed: 'x' }],
    ['assign', () => [], { idOf: () => 1 }],
    ['idOf', () => [], { assign: () => 1 }],
    ['idOf', () => [], { end: () => 1 }],
    ['idOf', () => [], { cancelOf: () => 1 }],
    ['cancelOf', () => [], { idOf: () => 1, assign: () => 1, cancelOf: 1 }],
    ['end', () => [], { idOf: () => 1, assign: () => 1, end: 1 }],
    ['concurency', () => [], { concurency: 1 }],
  ])('a wrong %s is refused on subscription', (name, handler, options) => {
    const seen = watch(of(1).pipe(answerWith(handler as never, options as never)));
    expect(failureOf(seen)._tag).toBe('InvalidOptions');
    expect(failureOf(seen).message).toContain(name);
  });
});

describe('with rpc on the other side, over sockets', () => {
  const assign = (text: string, id: number): Message => ({ id, text });
  const idOf = ({ id }: Message): number | undefined => id;

  test('a thousand requests by id, with handlers of all kinds, each gets its own', async () => {
    const { place, log } = await servingMessages(({ incoming }) =>
      incoming.pipe(
        answerWith(({ text = '' }) => (Number(text) % 2 === 0 ? [`${text}!`] : turn().then(() => `${text}!`)), {
          idOf,
          assign,
        }),
      ),
    );
    const asking = rpc(await client(place), { assign, idOf });
    const all = Array.from({ length: 1_000 }, (_, n) => firstValueFrom(asking.request(`${n}`)));
    const answers = await within(Promise.all(all), 'the answers', 20_000);
    expect(answers.map(({ text }) => text)).toEqual(Array.from({ length: 1_000 }, (_, n) => `${n}!`));
    expect([asking.inFlight, asking.waiting]).toEqual([0, 0]);
    expect(log.filter(({ type }) => type === 'failed')).toEqual([]);
  });

  test('streams by order, many at once', async () => {
    const { place } = await servingMessages(({ incoming }) =>
      incoming.pipe(
        answerWith(({ text }) =>
          concat(
            of<[Message, Message]>({ text: `${text} 1`, part: 'more' }, { text: `${text} 2`, part: 'more' }),
            of<Message>({ part: 'end' }),
          ),
        ),
      ),
    );
    const asking = rpc(await client(place), { part: (message) => message.part ?? 'last' });
    const all = ['a', 'b', 'c'].map((text) =>
      firstValueFrom(
        asking.request({ text }).pipe(
          map((answer) => answer.text),
          toArray(),
        ),
      ),
    );
    expect(await within(Promise.all(all), 'the answers')).toEqual([
      ['a 1', 'a 2'],
      ['b 1', 'b 2'],
      ['c 1', 'c 2'],
    ]);
  });

  test('a handler that fails ends its own connection; what was asked there is PossiblyDelivered', async () => {
    const { place, log } = await servingMessages(({ incoming }) =>
      incoming.pipe(
        answerWith(
          ({ text = '' }) => {
            // With a tag, it is a failure that its type names.
            if (text === 'fail') throw Object.assign(new Error('a mistake'), { _tag: 'Mistake' });
            return text === 'wait' ? NEVER : [text];
          },
          { idOf, assign },
        ),
      ),
    );
    const [first, second] = [rpc(await client(place), { assign, idOf }), rpc(await client(place), { assign, idOf })];
    const waiting = watch(first.request('wait'));
    const failing = watch(first.request('fail'));
    await within(waiting.ended, 'the failure');
    expect(failureOf(waiting)._tag).toBe('PossiblyDelivered');
    expect(failureOf(failing)._tag).toBe('PossiblyDelivered');
    expect(await next(second.request('still there'), 'the answer')).toEqual({ id: 1, text: 'still there' });
    await until(() => log.some((event) => event.type === 'failed'), 'the failed event');
    expect(log.filter((event) => event.type === 'failed')).toHaveLength(1);
  });

  test('a client that goes: the handlers of its requests are given up', async () => {
    let begun = 0;
    let ended = 0;
    const { place } = await servingMessages(({ incoming }) =>
      incoming.pipe(
        answerWith(
          () =>
            new Observable<string>(() => {
              begun++;
              return () => {
                ended++;
              };
            }),
          { idOf, assign, concurrency: 20 },
        ),
      ),
    );
    const channel = await client(place);
    const asking = rpc(channel, { assign, idOf });
    const all = Array.from({ length: 10 }, (_, n) => watch(asking.request(`${n}`)));
    await until(() => begun === 10, 'the handlers');
    channel.connection.reset();
    await until(() => ended === 10, 'their end');
    for (const seen of all) await within(seen.ended, 'the end');
    await tick();
    expect(begun).toBe(10);
  });

  test('one that is given up is taken back at the other side, by a word of the protocol', async () => {
    let ended = 0;
    const { place } = await servingMessages(({ incoming }) =>
      incoming.pipe(
        answerWith(
          ({ text }) =>
            text === 'wait'
              ? new Observable<string>(() => () => {
                  ended++;
                })
              : [`${ended} ended`],
          { idOf, assign, cancelOf: ({ id, text }) => (text === 'cancel' ? id : undefined) },
        ),
      ),
    );
    const asking = rpc(await client(place), { assign, idOf, cancel: (id) => ({ id, text: 'cancel' }) });
    const waiting = watch(asking.request('wait'));
    waiting.unsubscribe();
    expect(await next(asking.request('and'), 'the answer')).toEqual({ id: 2, text: '1 ended' });
  });

  test('a shutdown lets what is in work be answered', async () => {
    const shutdown = new Subject<void>();
    const done = new Subject<string>();
    const { place, log } = await servingMessages(
      ({ incoming }) => incoming.pipe(answerWith(() => done, { idOf, assign })),
      { shutdown },
    );
    const asking = rpc(await client(place), { assign, idOf });
    const seen = watch(asking.request('slow'));
    await until(() => done.observed, 'the handler');
    shutdown.next();
    done.next('answered');
    done.complete();
    await within(seen.ended, 'the answer');
    expect(seen.values).toEqual([{ id: 1, text: 'answered' }]);
    await until(() => log.at(-1)?.type === 'stopped', 'the end');
    expect(log.at(-1)).toMatchObject({ type: 'stopped', report: { cut: [] } });
  });

  test('one request after another on one connection, each made of the answer before', async () => {
    const { place } = await servingMessages(({ incoming }) =>
      incoming.pipe(answerWith(({ text }) => [`${Number(text) + 1}`], { idOf, assign })),
    );
    const asking = rpc(await client(place), { assign, idOf, maxInFlight: 1 });
    const step = (text: string, left: number): Observable<Message> =>
      left === 0 ? of({ text }) : asking.request(text).pipe(mergeMap((answer) => step(answer.text ?? '', left - 1)));
    expect(await next(step('0', 100), 'the hundredth')).toEqual({ text: '100' });
  });
});
