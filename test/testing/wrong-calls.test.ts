// What is called with what it can't use: each is a clear error that names what is wrong, and its value.
import { of } from '../../src/rx.ts';
import { connect, sendTo, serve } from 'rxjs-net';
import { mergeMap } from 'rxjs-net/rx';
import { exploreSeeds, Random, simulateNetwork, VirtualClock, byteMarbles, clockScheduler } from 'rxjs-net/testing';
import { lastValueFrom } from 'rxjs';
import { describe, expect, test } from 'vitest';

/** As a program without types would call it. */
const anything = (value: unknown) => value as never;

describe('refused at the call', () => {
  test.each<[option: string, value: unknown, call: () => unknown]>([
    ['name', undefined, () => simulateNetwork().host(anything(undefined))],
    ['name', 5, () => simulateNetwork().host(anything(5))],
    ['name', 'Db', () => simulateNetwork().host('Db')],
    ['ms', -1, () => new VirtualClock().advance(-1)],
    ['ms', Number.NaN, () => new VirtualClock().advance(Number.NaN)],
    ['ms', '5', () => new VirtualClock().advance(anything('5'))],
    ['ms', Number.POSITIVE_INFINITY, () => new VirtualClock().advance(Number.POSITIVE_INFINITY)],
    ['seed', -1, () => new Random(-1)],
    ['seed', undefined, () => new Random(anything(undefined))],
    ['stream', 0.5, () => new Random(1, 0.5)],
    ['least', 0.5, () => new Random(1).integer(0.5, 2)],
    ['most', 1, () => new Random(1).integer(5, 1)],
    ['most', undefined, () => new Random(1).integer(5, anything(undefined))],
    ['clock', null, () => clockScheduler(anything(null))],
    ['helpers', undefined, () => byteMarbles(anything(undefined))],
  ])('%s, given %o', (option, value, call) => {
    expect(call).toThrow(expect.objectContaining({ _tag: 'InvalidOptions', option, value }));
  });

  test.each<[option: string, scenario: Parameters<typeof exploreSeeds>[1]]>([
    ['seed', ({ network }) => void network(anything({ seed: 7 }))],
    ['options', ({ network }) => void network(anything(null))],
    ['network', ({ disturb }) => void disturb(anything(5), { links: [['a', 'b']] })],
  ])('of a scenario: %s', async (option, scenario) => {
    await expect(exploreSeeds(1, scenario)).rejects.toMatchObject({ cause: { _tag: 'InvalidOptions', option } });
  });
});

test('what is due after all time, or at no time, does not take time along', () => {
  const clock = new VirtualClock();
  let fired = 0;
  clock.after(Number.POSITIVE_INFINITY, () => fired++);
  expect(clock.step()).toBe(false);
  clock.after(5, () => {});
  clock.scheduleAt(Number.NaN, () => fired++);
  clock.advance(10);
  clock.moveTo(Number.POSITIVE_INFINITY);
  expect([clock.now(), fired, clock.pending]).toEqual([10, 1, 1]);
});

function fails(): never {
  throw Object.assign(new Error('its own'), { _tag: 'Own' });
}

test.each<[option: string | undefined, fault: unknown]>([
  [undefined, { judge: fails }],
  [undefined, { judge: () => undefined, mostBytes: fails }],
  ['verdict', { judge: () => null }],
  ['verdict', { judge: () => true }],
  ['drop', { judge: () => ({ drop: true }) }],
  ['verdict.delay', { judge: () => ({ delay: -1 }) }],
  ['verdict.delay', { judge: () => ({ delay: Number.NaN }) }],
  ['verdict.bytesPerSecond', { judge: () => ({ bytesPerSecond: 0 }) }],
  ['mostBytes', { judge: () => undefined, mostBytes: () => 0 }],
  ['mostBytes', { judge: () => undefined, mostBytes: () => Number.NaN }],
])('a fault of one’s own that says nonsense, or throws, fails the run: %s', async (option, fault) => {
  const network = simulateNetwork({ report: () => {} });
  network.host('a');
  network.fault({ from: 'a' }, anything(fault));
  const { transport } = network.host('a');
  const server = serve({ port: 80, transport: network.host('b').transport }, ({ incoming }) => incoming).subscribe();
  const talk = connect({ host: 'b', port: 80, transport }).pipe(
    mergeMap((connection) => of('x').pipe(sendTo(connection))),
  );
  await expect(network.run(() => lastValueFrom(talk))).rejects.toMatchObject(
    option === undefined ? { message: 'its own' } : { _tag: 'InvalidOptions', option },
  );
  server.unsubscribe();
});
