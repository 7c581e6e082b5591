// What a program does wrong is never swallowed: an exception of a handler ends what it belongs to, and is a warning of the process.
import process from 'node:process';

import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';

import {
  answerWith,
  ConnectionReset,
  type Connection,
  type Defect,
  lines,
  orDie,
  rpc,
  serve,
  serveFramed,
  type ServeEvent,
  type ServeOptions,
} from '../../src/index.ts';
import { from, mergeMap, Observable, throwError } from '../../src/rx.ts';
import { servingMessages, client as clientOf, type Message, type MessageChannel } from './channels/support.ts';
import { type Place, placeOf, rawPeer } from './support/sockets.ts';
import { failureOf, next, turn, until, watch, within } from './support/wait.ts';

interface Warned {
  readonly name: string;
  readonly message: string;
  readonly code: string;
  readonly detail: string;
}

let warnings: Warned[] = [];

beforeEach(() => {
  warnings = [];
  const note = (warning: Error): void => {
    if (Reflect.get(warning, 'code') === 'RXJS_NET_DEFECT') warnings.push(warning as Error & Warned);
  };
  process.on('warning', note);
  onTestFinished(() => void process.off('warning', note));
});

const addressOf = ({ remote }: Connection): string | undefined =>
  remote !== undefined && 'address' in remote ? remote.address : undefined;

type Serve = (options: ServeOptions) => Observable<ServeEvent<unknown>>;

/** Serves, connects so often, one after the other, and gives the failures of the events. */
async function failuresOf(make: Serve, times: number, options: Partial<ServeOptions> = {}): Promise<unknown[]> {
  const log: ServeEvent<unknown>[] = [];
  const events = new Observable<ServeEvent<unknown>>((subscriber) => {
    const subscription = make({ host: '127.0.0.1', port: 0, ...options } as ServeOptions).subscribe({
      next: (event) => {
        log.push(event);
        subscriber.next(event);
      },
    });
    onTestFinished(() => subscription.unsubscribe());
  });
  const listening = await next(events, 'listening');
  const place: Place = placeOf((listening as { address: Parameters<typeof placeOf>[0] }).address);
  for (let n = 1; n <= times; n++) {
    const peer = await rawPeer(place);
    peer.read();
    peer.socket.write('hello\n');
    await until(() => log.filter(({ type }) => type === 'closed').length === n, 'the close');
  }
  return log.flatMap((event) => (event.type === 'failed' ? [event.failure] : []));
}

const boom = (): never => {
  throw new TypeError('undefined is not a function');
};

/** A flow that dies of a failure. */
const dying = (): Observable<never> => from(throwError(() => new ConnectionReset())).pipe(orDie());

describe('a handler that throws', () => {
  test.each<[string, () => Serve]>([
    ['at once', () => (options) => serve(options, () => boom())],
    [
      'in an operator',
      () => (options) =>
        serve(options, ({ incoming }) => incoming.pipe(mergeMap(() => throwError(() => new RangeError('no'))))),
    ],
    ['as an async function', () => (options) => serve(options, async () => boom())],
    [
      'after it has destroyed its connection',
      () => (options) =>
        serve(options, (connection) => {
          connection.destroy();
          return boom();
        }),
    ],
    [
      'over a framing',
      () => (options) => serveFramed(options, lines(), (channel) => channel.incoming.pipe(mergeMap(boom))),
    ],
    [
      'what is no Error',
      () => (options) =>
        serve(options, () => {
          throw 'a string of its own';
        }),
    ],
    ['where it dies of a failure', () => (options) => serve(options, () => dying())],
  ])('%s: a failed event, and one warning for all connections', async (_name, make) => {
    // Each has a place of its own, since one place is reported once.
    const failures = await failuresOf(make(), 3);
    expect(failures.map((failure) => (failure as Defect)._tag)).toEqual(['Defect', 'Defect', 'Defect']);
    await turn();
    const known = _name === 'over a framing' || _name.startsWith('as an') || _name.startsWith('after');
    // `boom` is one place for all tests that use it.
    expect(warnings.length).toBe(known ? 0 : 1);
    if (known) return;
    expect(warnings[0]).toMatchObject({ name: 'Defect', code: 'RXJS_NET_DEFECT' });
    expect(warnings[0]?.message).toContain((failures[0] as Defect).message);
    if (_name !== 'what is no Error') expect(warnings[0]?.detail).toContain('defects.test.ts');
  });

  test('onDefect takes it instead', async () => {
    const taken: [string, string | undefined][] = [];
    const fail = (): never => {
      throw new Error('for onDefect');
    };
    const onDefect: ServeOptions['onDefect'] = (defect, connection) =>
      void taken.push([defect.message, addressOf(connection)]);
    await failuresOf((options) => serve(options, fail), 2, { onDefect });
    await failuresOf((options) => serveFramed(options, lines(), fail), 1, { onDefect });
    await turn();
    expect(taken).toEqual(Array.from({ length: 3 }, () => ['a handler failed: for onDefect', '127.0.0.1']));
    expect(warnings).toEqual([]);
  });

  test('an onDefect that throws is reported, and so is the defect', async () => {
    const onDefect = (): never => {
      throw new Error('in onDefect');
    };
    await failuresOf(
      (options) =>
        serve(options, () => {
          throw new Error('in the handler');
        }),
      1,
      { onDefect },
    );
    await turn();
    expect(warnings.map(({ message }) => /in \w+ ?\w*/.exec(message)?.[0])).toEqual(['in the handler', 'in onDefect ']);
  });

  test('a failure of the network is none, and is not reported', async () => {
    const failures = await failuresOf(
      (options) => serve(options, ({ incoming }) => incoming.pipe(lines({ maxLength: 2 }))),
      1,
    );
    expect(failures).toMatchObject([{ _tag: 'FrameTooLarge' }]);
    await turn();
    expect(warnings).toEqual([]);
  });
});

describe('a handler of answerWith that throws', () => {
  const failing = (text: string | undefined): string[] => {
    if (text === 'bad') throw new RangeError('a bad request');
    return [text ?? ''];
  };
  const idOf = ({ id }: Message): number | undefined => id;
  const byId = (channel: MessageChannel) =>
    rpc(channel, { assign: (text: string, id): Message => ({ id, text }), idOf });

  test('by id ends its own request: the other 999 are answered, and the process is warned once', async () => {
    const { place, log } = await servingMessages(({ incoming }) =>
      incoming.pipe(
        answerWith(({ text }: Message) => failing(text), { idOf, assign: (text, id): Message => ({ id, text }) }),
      ),
    );
    const service = byId(await clientOf(place));
    const isBad = (n: number): boolean => n % 500 === 7;
    const all = Array.from({ length: 1_000 }, (_, n) => watch(service.request(isBad(n) ? 'bad' : `${n}`)));
    for (const [n, seen] of all.entries()) if (!isBad(n)) await within(seen.ended, 'an answer');
    expect(all.map(({ values }) => values.map(({ text }) => text))).toEqual(
      all.map((_, n) => (isBad(n) ? [] : [`${n}`])),
    );
    expect(service.inFlight).toBe(2);
    for (const seen of all) seen.unsubscribe();
    expect(log.map(({ type }) => type)).toEqual(['listening', 'opened']);
    expect(warnings.map(({ message }) => message)).toEqual([expect.stringContaining('a bad request')]);
    expect(warnings[0]?.detail).toContain('defects.test.ts');
  });

  test('a stream that breaks off has no end marker, as it is not whole', async () => {
    const broken = new Observable<string>((subscriber) => {
      subscriber.next('first');
      subscriber.error(new RangeError('in the middle'));
    });
    const out = watch(
      new Observable<Message>((subscriber) => {
        subscriber.next({ id: 1, text: 'stream' });
        subscriber.next({ id: 2, text: 'other' });
        subscriber.complete();
      }).pipe(
        answerWith(({ id }: Message) => (id === 1 ? broken : ['fine']), {
          idOf,
          assign: (text, id): Message => ({ id, text }),
          end: (id): Message => ({ id, part: 'end' }),
        }),
      ),
    );
    expect(out.values).toEqual([
      { id: 1, text: 'first' },
      { id: 2, text: 'fine' },
      { id: 2, part: 'end' },
    ]);
    expect(out.completed).toBe(true);
  });

  test('by order it ends the connection: the answers behind it would be taken for its own', async () => {
    const { place, log } = await servingMessages(({ incoming }) =>
      incoming.pipe(answerWith(({ text }: Message) => failing(text).map((answer): Message => ({ text: answer })))),
    );
    const service = rpc(await clientOf(place));
    const good = watch(service.request({ text: 'good' }));
    const bad = watch(service.request({ text: 'bad' }));
    await within(bad.ended, 'the end');
    expect(good.values).toEqual([{ text: 'good' }]);
    expect(failureOf(bad)._tag).toBe('PossiblyDelivered');
    expect(log.flatMap((event) => (event.type === 'failed' ? [event.failure] : []))).toMatchObject([
      { _tag: 'Defect' },
    ]);
  });

  test('a typed failure without `failed` still ends the connection, as its type says', async () => {
    const { place, log } = await servingMessages(({ incoming }) =>
      incoming.pipe(
        answerWith(() => throwError(() => new ConnectionReset()), {
          idOf,
          assign: (_: never, id): Message => ({ id }),
        }),
      ),
    );
    const seen = watch(byId(await clientOf(place)).request('any'));
    await within(seen.ended, 'the end');
    expect(failureOf(seen)._tag).toBe('PossiblyDelivered');
    await until(() => log.some(({ type }) => type === 'failed'), 'the event');
    expect(warnings).toEqual([]);
  });
});
