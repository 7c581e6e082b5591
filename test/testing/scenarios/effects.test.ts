import { catalogue } from './index.ts';
import { suite } from './support/suite.ts';

suite(catalogue.effects);
