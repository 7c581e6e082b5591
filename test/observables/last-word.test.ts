// A handler that refuses what a peer sends may say so: the peer is still sending, and reads it all the same.
import { map, type Observable, of, timer } from 'rxjs';
import { describe, expect, onTestFinished, test } from 'vitest';

import {
  catchFailure,
  type Connection,
  jsonLines,
  lines,
  serve,
  type ServeEvent,
  serveFramed,
} from '../../src/index.ts';
import { ipcPath, placeOf, rawPeer } from './support/sockets.ts';
import { until } from './support/wait.ts';

type Make = (place: { host: string; port: number } | { path: string }) => Observable<ServeEvent<unknown>>;

const WORD = '500 line too long';

const servers: [string, Make][] = [
  [
    'serve and lines()',
    (place) =>
      serve(place, ({ incoming }: Connection) =>
        incoming.pipe(
          lines({ maxLength: 1_000 }),
          map((line) => `${line}\n`),
          catchFailure('FrameTooLarge', () => of(`${WORD}\n`)),
        ),
      ),
  ],
  [
    'serveFramed',
    (place) =>
      serveFramed(place, lines({ maxLength: 1_000 }), ({ incoming }) =>
        incoming.pipe(catchFailure('FrameTooLarge', () => of(WORD))),
      ),
  ],
  [
    'serveFramed, a while later',
    (place) =>
      serveFramed(place, lines({ maxLength: 1_000 }), ({ incoming }) =>
        incoming.pipe(catchFailure('FrameTooLarge', () => timer(50).pipe(map(() => WORD)))),
      ),
  ],
  [
    'a message that can not be decoded',
    (place) =>
      serveFramed(place, jsonLines(), ({ incoming }) => incoming.pipe(catchFailure('DecodeFailed', () => of(WORD)))),
  ],
];

describe.each(servers)('%s', (_name, make) => {
  test.each([
    ['TCP', () => ({ host: '127.0.0.1', port: 0 })],
    ['IPC', () => ({ path: ipcPath() })],
  ])('a last word reaches a peer that goes on sending, over %s', async (_transport, place) => {
    const log: ServeEvent<unknown>[] = [];
    const subscription = make(place()).subscribe((event) => log.push(event));
    onTestFinished(() => subscription.unsubscribe());
    await until(() => log.length > 0, 'listening');
    const [listening] = log;
    if (listening?.type !== 'listening') throw new Error('not listening');
    const peer = await rawPeer(placeOf(listening.address));
    peer.read();
    const sending = setInterval(() => peer.socket.write('x'.repeat(10_000)), 1);
    onTestFinished(() => clearInterval(sending));
    peer.socket.write('{'.repeat(1_001));
    peer.socket.write('x'.repeat(200_000));
    peer.socket.write('\n');
    await until(() => peer.text.includes(WORD), 'the last word');
    clearInterval(sending);
    peer.socket.end();
    await until(() => log.some(({ type }) => type === 'closed'), 'the close');
    expect(peer.text.replaceAll('"', '')).toBe(`${WORD}\n`);
    expect(log.filter(({ type }) => type === 'failed')).toEqual([]);
  });
});
