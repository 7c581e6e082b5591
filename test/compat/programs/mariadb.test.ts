import { driverSuite } from './support/driver-suite.ts';

await driverSuite({
  service: 'MariaDB',
  port: 3306,
  driver: 'mariadb',
  ways: ['node:net', 'option', 'substitution'],
  loss: 'PROTOCOL_CONNECTION_LOST',
});
