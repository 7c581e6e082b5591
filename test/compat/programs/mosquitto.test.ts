import { driverSuite } from './support/driver-suite.ts';

await driverSuite({
  service: 'Mosquitto',
  port: 1883,
  driver: 'mosquitto',
  ways: ['node:net', 'option', 'substitution'],
  loss: 'close',
});
