import { test } from 'vitest';

import { catalogue } from './index.ts';
import { explore, named } from './support/run.ts';

test.each(named(catalogue.bytes))('%s', { timeout: 600_000 }, (_name, scenario) => explore(scenario));
