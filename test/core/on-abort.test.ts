import { getEventListeners } from 'node:events';

import { expect, test } from 'vitest';

import { onAbort } from '../../src/core/on-abort.ts';

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

test('many share one listener, which goes with the last of them', () => {
  const { signal } = new AbortController();
  const calls: number[] = [];
  const stops = Array.from({ length: 100 }, (_, i) => onAbort(signal, () => calls.push(i)));
  expect(listeners(signal)).toBe(1);
  for (const stop of stops) stop();
  for (const stop of stops) stop();
  expect(listeners(signal)).toBe(0);
  expect(calls).toEqual([]);
});

test('each is called once, but for those that were taken back, also by one that is called', () => {
  const controller = new AbortController();
  const { signal } = controller;
  const calls: string[] = [];
  onAbort(signal, () => {
    calls.push('first');
    stopThird();
  });
  const stopSecond = onAbort(signal, () => calls.push('second'));
  const stopThird = onAbort(signal, () => calls.push('third'));
  onAbort(signal, () => calls.push('fourth'));
  stopSecond();
  controller.abort();
  stopThird();
  expect(calls).toEqual(['first', 'fourth']);
  expect(listeners(signal)).toBe(0);
});

test('who comes after everybody has left gets a listener again', () => {
  const controller = new AbortController();
  const { signal } = controller;
  onAbort(signal, () => undefined)();
  let called = 0;
  onAbort(signal, () => called++);
  expect(listeners(signal)).toBe(1);
  controller.abort();
  expect(called).toBe(1);
});
