// A key-value server that speaks the protocol of Redis: `npm start -- key-value`, then `redis-cli -p 8124`.
import { serveStore } from './key-value/serve-store.ts';
import { makeStore } from './key-value/store.ts';
import { readCount, readOptions, runServer, stopped } from './program.ts';

const { options } = readOptions('key-value [--port 8124] [--host 127.0.0.1] [--max-memory <bytes>]', {
  port: '8124',
  host: '127.0.0.1',
  'max-memory': '67108864',
});
const run = makeStore(readCount('max-memory', options['max-memory']));
const limits = { maxConnections: 10_000, writeTimeout: 60_000, drainTimeout: 1_000 };

await runServer(serveStore(run, { port: Number(options.port), host: options.host, ...limits, shutdown: stopped }));
