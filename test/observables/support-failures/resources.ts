import { getEventListeners } from 'node:events';
import process from 'node:process';

import { until } from './wait.ts';

/** What sockets have open; the test runner's own timers and pipes come and go, or are there from the start. */
const ours = /^(TCP|Pipe|GetAddrInfo|Shutdown|Write|Connect)/;

/** What this process has open in the way of sockets, sorted. */
export function openResources(): string[] {
  return process
    .getActiveResourcesInfo()
    .filter((name) => ours.test(name))
    .toSorted();
}

/** Waits until exactly `start` is open again. */
export async function untilOnly(start: readonly string[]): Promise<void> {
  const wanted = start.join();
  await until(
    () => openResources().join() === wanted,
    () => `the open resources to be [${wanted}]; they are [${openResources().join()}]`,
  );
}

/** How many listeners a signal has. */
export function listenersOf(signal: AbortSignal): number {
  return getEventListeners(signal, 'abort').length;
}
