import amqp from 'amqplib';

import { event, parts, proxyTo, uniqueName } from './support.mjs';

/** @type {import('./run.mjs').Driver} */
export const driver = {
  async run({ net, connected, exchanged, disconnected, reconnected }) {
    // To close a client's connection takes the rights of the broker's own user: what closes it here stands in between.
    const proxy = await proxyTo(net, 5672);
    /** @type {any[]} */
    const models = [];
    const connection = await amqp.connect(`amqp://guest:guest@127.0.0.1:${proxy.port}`, {
      recovery: { initialDelay: 10, setup: async (/** @type {any} */ model) => void models.push(model) },
    });
    connection.on('error', () => {});
    const socketOf = (/** @type {any} */ model) => model.connection.stream;
    connected(socketOf(models[0]));

    const queue = uniqueName('parts');
    const channel = await connection.createConfirmChannel();
    // The connection's end is this channel's too; the connection tells.
    channel.on('error', () => {});
    await channel.assertQueue(queue, { exclusive: true });
    /** @type {Buffer[]} */
    const received = [];
    const all = new Promise((resolve, reject) => {
      channel
        .consume(queue, (message) => {
          if (message === null) return reject(new Error('the queue is gone'));
          channel.ack(message);
          if (received.push(message.content) === parts.length) resolve(undefined);
        })
        .catch(reject);
    });
    for (const part of parts) channel.sendToQueue(queue, part);
    await channel.waitForConfirms();
    await all;
    exchanged(received);

    const lost = event(connection, 'disconnect');
    const back = event(connection, 'connect');
    proxy.cut();
    await lost;
    disconnected('disconnect');

    await back;
    const again = await connection.createChannel();
    await again.assertQueue(uniqueName('again'), { exclusive: true });
    reconnected(socketOf(models.at(-1)));
    await again.close();
    await connection.close();
    proxy.close();
  },
};
