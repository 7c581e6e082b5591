import { driverSuite } from './support/driver-suite.ts';

await driverSuite({
  service: 'PostgreSQL',
  port: 5432,
  driver: 'postgres',
  ways: ['node:net', 'option', 'substitution'],
  loss: '57P01',
});
