import { once } from 'node:events';
import process from 'node:process';

import { lastValueFrom, Subject, take, toArray } from 'rxjs';
import { mapAsync } from 'rxjs-net';
import { concatMap, mergeMap } from 'rxjs-net/rx';

import { uniqueName } from './support.mjs';

/**
 * A client that does work over its own connection for each message that comes by it, through an operator that has one or two
 * pieces of work in flight. Prints how many messages were worked on.
 *
 *   node --require ./substitute.cjs work-per-message.mjs <driver> <operator>
 *
 * @typedef {(message: string) => Promise<unknown>} Work
 * @typedef {object} Scene
 * @property {Work} work
 * @property {(count: number) => Promise<unknown>} notify
 * @property {() => Promise<unknown>} close
 * @typedef {(told: (message: string) => void) => Promise<Scene>} Begin
 */
const COUNT = 200;
const [driver = '', operator = ''] = process.argv.slice(2);

/** @type {Record<string, Begin>} */
const scenes = {
  async postgres(told) {
    const { Client } = (await import('pg')).default;
    const server = { host: '127.0.0.1', port: 5432, user: 'postgres', database: 'test' };
    const [client, other] = [new Client(server), new Client(server)];
    await Promise.all([client.connect(), other.connect()]);
    const channel = uniqueName('notes');
    client.on('notification', ({ payload = '' }) => told(payload));
    await client.query(`listen ${channel}`);
    return {
      work: (message) => client.query('select $1::text', [message]),
      notify: (count) => other.query(`select pg_notify('${channel}', n::text) from generate_series(1, ${count}) n`),
      close: () => Promise.all([client.end(), other.end()]),
    };
  },

  async mosquitto(told) {
    const mqtt = (await import('mqtt')).default;
    const client = mqtt.connect({ host: '127.0.0.1', port: 1883, clientId: uniqueName('work') });
    await once(/** @type {any} */ (client), 'connect');
    const [topic, answers] = [uniqueName('notes'), uniqueName('answers')];
    client.on('message', (_topic, payload) => told(payload.toString()));
    await client.subscribeAsync(topic, { qos: 1 });
    return {
      work: (message) => client.publishAsync(answers, message, { qos: 1 }),
      notify: (count) =>
        Promise.all(Array.from({ length: count }, (_, n) => client.publishAsync(topic, `${n}`, { qos: 0 }))),
      close: () => client.endAsync(),
    };
  },

  async redis(told) {
    const { Redis } = await import('ioredis');
    const server = { host: '127.0.0.1', port: 6379 };
    const [client, other] = [new Redis(server), new Redis(server)];
    const channel = uniqueName('notes');
    client.on('message', (from, message) => {
      if (from === channel) told(message);
    });
    await client.subscribe(channel);
    return {
      work: (message) => client.subscribe(`${channel}_${message}`),
      notify: (count) => Promise.all(Array.from({ length: count }, (_, n) => other.publish(channel, `${n}`))),
      close: () => Promise.all([client.quit(), other.quit()]),
    };
  },

  async rabbitmq(told) {
    const amqp = (await import('amqplib')).default;
    const connection = await amqp.connect('amqp://guest:guest@127.0.0.1:5672');
    const channel = await connection.createConfirmChannel();
    const [queue, answers] = [uniqueName('notes'), uniqueName('answers')];
    await channel.assertQueue(queue, { exclusive: true });
    await channel.assertQueue(answers, { exclusive: true });
    await channel.consume(queue, (message) => told(message === null ? '' : message.content.toString()), {
      noAck: true,
    });
    return {
      work: (message) =>
        new Promise((resolve, reject) => {
          channel.sendToQueue(answers, Buffer.from(message), {}, (error) => (error ? reject(error) : resolve(null)));
        }),
      notify: async (count) => {
        for (let n = 0; n < count; n++) channel.sendToQueue(queue, Buffer.from(`${n}`));
      },
      close: () => connection.close(),
    };
  },
};

/** @type {Subject<string>} */
const notes = new Subject();
const begin = scenes[driver];
if (begin === undefined) throw new Error(`no driver ${driver}`);
const { work, notify, close } = await begin((message) => notes.next(message));
const operators = { concatMap: concatMap(work), mapAsync: mapAsync(work), mergeMap: mergeMap(work, 2) };
const through = Reflect.get(operators, operator);
const done = lastValueFrom(notes.pipe(take(COUNT), through, toArray()));
await notify(COUNT);
console.log((await done).length);
await close();
