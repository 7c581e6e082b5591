import { test } from 'vitest';

import { explore, type Scenario } from './run.ts';

/**
 * Each scenario under 200 seeds of random faults (2,000 with RXJS_NET_LONG=1; one, with RXJS_NET_SEED): whatever happens to the
 * network, what `invariants.ts` says holds, and nothing is left open.
 */
export function suite(scenarios: readonly Scenario[]): void {
  test.each(scenarios.map((scenario) => [scenario.name, scenario] as const))(
    '%s',
    async (_name, scenario) => {
      await explore(scenario);
    },
    600_000,
  );
}
