import { channelScenarios } from './channels.ts';
import { clientScenarios } from './clients.ts';
import { connecting } from './connecting.ts';
import { draining } from './draining.ts';
import { effectScenarios } from './effects.ts';
import { framingScenarios } from './framings.ts';
import { interop } from './interop.ts';
import { limiting } from './limits.ts';
import { serving } from './serving.ts';
import { strategyScenarios } from './strategies.ts';
import type { Scenario } from './support/run.ts';

/** Everything that the library does with connections, in small programs; in parts that run beside each other. */
export const catalogue = {
  servers: [...serving, ...limiting, ...draining, ...effectScenarios],
  clients: [...connecting, ...clientScenarios, ...channelScenarios],
  bytes: [...framingScenarios, ...strategyScenarios, ...interop],
} as const satisfies Readonly<Record<string, readonly Scenario[]>>;

export const scenarios: readonly Scenario[] = Object.values(catalogue).flat();
