import { driverSuite } from './support/driver-suite.ts';

await driverSuite({
  service: 'RabbitMQ',
  port: 5672,
  driver: 'rabbitmq',
  ways: ['node:net', 'substitution'],
  loss: 'disconnect',
});
