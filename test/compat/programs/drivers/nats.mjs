import { connect, Events } from 'nats';

import { parts, proxyTo, uniqueName } from './support.mjs';

/** @type {import('./run.mjs').Driver} */
export const driver = {
  async run({ net, connected, exchanged, disconnected, reconnected }) {
    // NATS closes connections on its own account only for what a client does wrong: what closes it here stands in between.
    const proxy = await proxyTo(net, 4222);
    const connection = await connect({ servers: `127.0.0.1:${proxy.port}`, reconnectTimeWait: 10 });
    const socketOf = (/** @type {any} */ one) => one.protocol.transport.socket;
    connected(socketOf(connection));
    const statuses = connection.status()[Symbol.asyncIterator]();
    const status = async (/** @type {Events} */ type) => {
      for (;;) {
        const next = await statuses.next();
        if (next.done) throw new Error(`closed, and no ${type}`);
        if (next.value.type === type) return next.value;
      }
    };

    const subject = uniqueName('parts');
    const subscription = connection.subscribe(subject, { max: parts.length });
    for (const part of parts) connection.publish(subject, part);
    /** @type {Uint8Array[]} */
    const received = [];
    for await (const message of subscription) received.push(message.data);
    exchanged(received);

    proxy.cut();
    await status(Events.Disconnect);
    disconnected('disconnect');

    await status(Events.Reconnect);
    await connection.flush();
    reconnected(socketOf(connection));
    await connection.drain();
    proxy.close();
  },
};
