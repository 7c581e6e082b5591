import { once } from 'node:events';

import mqtt from 'mqtt';

import { event, parts, uniqueName } from './support.mjs';

const server = { host: '127.0.0.1', port: 1883 };

/** @type {import('./run.mjs').Driver} */
export const driver = {
  sockets: (net) => () => net.connect(server),

  async run({ sockets, connected, exchanged, disconnected, reconnected }) {
    const dial = (/** @type {import('mqtt').IClientOptions} */ options) =>
      typeof sockets === 'function' ? new mqtt.MqttClient(sockets, options) : mqtt.connect({ ...server, ...options });
    const topic = uniqueName('parts');
    const clientId = uniqueName('client');
    const client = dial({ clientId, reconnectPeriod: 10, protocolVersion: 4 });
    await once(/** @type {any} */ (client), 'connect');
    const socketOf = (/** @type {any} */ one) => one.stream;
    connected(socketOf(client));

    /** @type {Buffer[]} */
    const received = [];
    const all = new Promise((resolve) => {
      client.on('message', (_topic, payload) => {
        if (received.push(payload) === parts.length) resolve(undefined);
      });
    });
    await client.subscribeAsync(topic, { qos: 1 });
    await Promise.all(parts.map((part) => client.publishAsync(topic, part, { qos: 1 })));
    await all;
    exchanged(received);

    // The close may be a reset, when something of ours was on its way.
    client.on('error', () => {});
    // A client with the same name: the server closes the older connection.
    const lost = event(client, 'close');
    const back = event(client, 'connect');
    const other = dial({ clientId, reconnectPeriod: 0, protocolVersion: 4 });
    await lost;
    disconnected('close');

    await back;
    await client.publishAsync(topic, 'again', { qos: 1 });
    reconnected(socketOf(client));
    await other.endAsync(true);
    await client.endAsync();
  },
};
