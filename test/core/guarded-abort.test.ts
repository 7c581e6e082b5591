import { getEventListeners, once } from 'node:events';

import { expect, test } from 'vitest';

import { GuardedAbort } from '../../src/core/guarded-abort.ts';

test('calls all listeners, and throws what one threw', () => {
  const abort = new GuardedAbort();
  const calls: string[] = [];
  abort.signal.addEventListener('abort', () => {
    calls.push('first');
    throw new Error('boom');
  });
  abort.signal.addEventListener('abort', { handleEvent: () => void calls.push('second') });
  abort.signal.addEventListener('abort', () => calls.push('third'));
  expect(() => abort.abort('reason')).toThrow('boom');
  expect(calls).toEqual(['first', 'second', 'third']);
  expect(abort.signal.reason).toBe('reason');
  abort.abort();
});

test('throws all that several threw', () => {
  const abort = new GuardedAbort();
  const throwing = (text: string) => () => {
    throw new Error(text);
  };
  abort.signal.addEventListener('abort', throwing('a'));
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the property is what is tested
  abort.signal.onabort = throwing('b');
  expect(() => abort.abort()).toThrow(AggregateError);
});

test('is a signal as others are', async () => {
  const abort = new GuardedAbort();
  const { signal } = abort;
  let calls = 0;
  const listener = (): void => void calls++;
  expect(signal).toBeInstanceOf(AbortSignal);
  signal.addEventListener('abort', listener);
  signal.addEventListener('abort', listener);
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  signal.removeEventListener('abort', listener);
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  signal.addEventListener('abort', listener, { once: true });
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the property is what is tested
  signal.onabort = listener;
  expect(signal.onabort).toBe(listener);
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the property is what is tested
  signal.onabort = null;
  signal.addEventListener('abort', listener);
  const any = AbortSignal.any([signal]);
  const heard = once(signal, 'abort');
  abort.abort();
  await heard;
  expect(calls).toBe(1);
  expect(any.aborted).toBe(true);
  expect(() => signal.throwIfAborted()).toThrow();
});
