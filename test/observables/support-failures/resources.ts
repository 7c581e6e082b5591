import { getEventListeners } from 'node:events';
import process from 'node:process';

import { until } from './wait.ts';

/** What sockets have open; the test runner's own timers and pipes come and go, or are there from the start. */
const ours = /^(TCP|Pipe|GetAddrInfo|Shutdown|Write|Connect)/;

function open(): string {
  return process
    .getActiveResourcesInfo()
    .filter((name) => ours.test(name))
    .toSorted()
    .join();
}

/** What this process has open in the way of sockets, once what earlier tests left has gone. */
export async function openResources(): Promise<string> {
  let before = open();
  let still = 0;
  await until(
    () => {
      const now = open();
      still = now === before ? still + 1 : 0;
      before = now;
      return still === 10;
    },
    () => `the open resources to settle; they are [${open()}]`,
  );
  return before;
}

/** Waits until exactly `start` is open again. */
export async function untilOnly(start: string): Promise<void> {
  await until(
    () => open() === start,
    () => `the open resources to be [${start}]; they are [${open()}]`,
  );
}

/** How many listeners a signal has. */
export function listenersOf(signal: AbortSignal): number {
  return getEventListeners(signal, 'abort').length;
}
