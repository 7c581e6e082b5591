import { once } from 'node:events';

import { AbstractConnector, Redis } from 'ioredis';

import { event, parts, uniqueName } from './support.mjs';

const server = { host: '127.0.0.1', port: 6379 };

/** @type {import('./run.mjs').Driver} */
export const driver = {
  sockets: (net) => ({
    Connector: class extends AbstractConnector {
      /** @param {any} options the client's */
      constructor(options) {
        super(options.disconnectTimeout);
        this.options = options;
      }

      connect() {
        this.connecting = true;
        this.stream = net.connect({ host: this.options.host, port: this.options.port });
        return Promise.resolve(this.stream);
      }
    },
  }),

  async run({ sockets, connected, exchanged, disconnected, reconnected }) {
    const redis = new Redis({ ...server, ...sockets, retryStrategy: () => 10 });
    await once(redis, 'ready');
    redis.on('error', () => {});
    const socketOf = (/** @type {any} */ one) => one.stream;
    connected(socketOf(redis));

    const key = uniqueName('parts');
    const pipeline = redis.pipeline();
    for (const part of parts) pipeline.rpush(key, part);
    pipeline.expire(key, 60);
    await pipeline.exec();
    exchanged(await redis.lrangeBuffer(key, 0, -1));

    // The server closes the connection, told to by another one.
    const id = await redis.client('ID');
    const lost = event(redis, 'close');
    const ready = event(redis, 'ready');
    const other = new Redis({ ...server, ...sockets });
    await other.client('KILL', 'ID', id);
    await other.quit();
    await lost;
    disconnected('close');

    await ready;
    if ((await redis.llen(key)) !== parts.length) throw new Error('a wrong answer');
    reconnected(socketOf(redis));
    await redis.del(key);
    await redis.quit();
  },
};
