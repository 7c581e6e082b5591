import { driverSuite } from './support/driver-suite.ts';

await driverSuite({
  service: 'Redis',
  port: 6379,
  driver: 'redis',
  ways: ['node:net', 'option', 'substitution'],
  loss: 'close',
});
