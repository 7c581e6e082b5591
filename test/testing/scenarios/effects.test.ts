import { test } from 'vitest';

import { catalogue } from './index.ts';
import { explore, named } from './support/run.ts';

test.each(named(catalogue.effects))('%s', { timeout: 600_000 }, (_name, scenario) => explore(scenario));
