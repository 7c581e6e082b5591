import { driverSuite } from './support/driver-suite.ts';

await driverSuite({
  service: 'NATS',
  port: 4222,
  driver: 'nats',
  ways: ['node:net', 'substitution'],
  loss: 'disconnect',
});
