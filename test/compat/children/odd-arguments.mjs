// What a program gives to `connect` and `listen` of the net that is named, of every odd type: says each case before it, and how
// it ended. An abort of the process is seen by what is missing.
import { createRequire } from 'node:module';
import process from 'node:process';

const [name, first = '0'] = process.argv.slice(2);
const nets = {
  'node:net': () => createRequire(import.meta.url)('node:net'),
  'rxjs-net/compat': async () => (await import('rxjs-net/compat')).default,
  simulated: async () => {
    const { simulateNetwork } = await import('rxjs-net/testing');
    const { systemClock } = await import('rxjs-net');
    const { transport } = simulateNetwork({ clock: systemClock }).host('machine');
    return (await import('rxjs-net/compat')).createNet(transport);
  },
};
const net = await nets[name]?.();
const core = name === 'rxjs-net' ? await import('rxjs-net') : undefined;

const say = (...words) => process.stdout.write(`${JSON.stringify(words)}\n`);
const like = (text) => ({ toString: () => text });
let reads = 0;
/** Odd values that read like `text`. */
const odd = (text) => ({
  text,
  array: [text],
  nested: [[text]],
  String: new String(text),
  Buffer: Buffer.from(text),
  'with toString': like(text),
  throwing: {
    toString() {
      throw new Error('no text');
    },
  },
  changing: { toString: () => (reads++ % 2 === 0 ? text : 'nonsense') },
  function: Object.assign(() => {}, { toString: () => text }),
  record: { address: text, family: 4 },
  'null prototype': Object.create(null),
  number: 1,
  NaN: Number.NaN,
  Infinity: Infinity,
  bigint: 1n,
  true: true,
  false: false,
  null: null,
  empty: '',
  'empty array': [],
  object: {},
  NUL: '\0',
  'NUL inside': `${text}\0${text}`,
  symbol: Symbol('odd'),
});

const families = {
  none: {},
  4: { family: 4 },
  6: { family: 6 },
  0: { family: 0 },
  'no selection': { autoSelectFamily: false },
  selection: { autoSelectFamily: true },
};

const cases = [];
const add = (title, run) => cases.push([title, run]);

let port = 1;
const connect = (options) => (done) => {
  if (core !== undefined) {
    const flow = core.connect({ port, connectTimeout: 500, ...options });
    flow.subscribe({
      next: (connection) => {
        connection.destroy();
        done('connected');
      },
      error: (failure) => done('failed', failure._tag, failure.code),
      complete: () => done('closed'),
    });
    return;
  }
  const socket = net.connect({ port, ...options });
  const late = setTimeout(() => socket.destroy(), 300);
  socket.on('connect', () => socket.destroy());
  socket.on('error', (error) => done('error', error.code));
  socket.on('close', () => {
    clearTimeout(late);
    done('closed');
  });
};
const listen = (options) => (done) => {
  if (core !== undefined) {
    const subscription = core.listen({ port: 0, ...options }).subscribe({
      error: (failure) => done('failed', failure._tag, failure.code),
      complete: () => done('closed'),
    });
    setTimeout(() => {
      subscription.unsubscribe();
      done('listening or not');
    }, 30);
    return;
  }
  const server = net.createServer();
  server.on('error', (error) => done('error', error.code));
  server.listen({ port: 0, ...options }, () => server.close(() => done('listening')));
};

const answers = {
  ...odd('127.0.0.1'),
  'record of an array': [{ address: ['127.0.0.1'], family: 4 }],
  'record of a String': [{ address: new String('127.0.0.1'), family: 4 }],
  'record of a Buffer': [{ address: Buffer.from('127.0.0.1'), family: 4 }],
  'record with toString': [{ address: like('127.0.0.1'), family: 4 }],
  'record of two kinds': [
    { address: ['127.0.0.1'], family: 4 },
    { address: '127.0.0.1', family: 4 },
  ],
  'records with odd families': ['4', 5, 'IPv4', null, undefined, Number.NaN, {}, [4]].map((family) => ({
    address: '127.0.0.1',
    family,
  })),
  'record whose getter changes': [
    {
      get address() {
        return reads++ % 2 === 0 ? '127.0.0.1' : ['127.0.0.1'];
      },
      family: 4,
    },
  ],
  'list of texts': ['127.0.0.1', '::1'],
  'list of null': [null],
  records: [{ address: '127.0.0.1', family: 4 }],
};
for (const [how, options] of Object.entries(families)) {
  for (const [what, answer] of Object.entries(answers))
    for (const family of [4, 6, undefined, 5, 'IPv4', [4]])
      add(
        `lookup ${what}, family ${String(family)}, ${how}`,
        connect({
          host: 'some.name',
          ...options,
          lookup: (_n, _o, callback) => setImmediate(() => callback(null, answer, family)),
        }),
      );
  for (const [what, answer] of Object.entries(answers))
    add(
      `lookup ${what} at once, ${how}`,
      connect({ host: 'some.name', ...options, lookup: (_n, _o, callback) => callback(null, answer, 4) }),
    );
  add(
    `lookup throws, ${how}`,
    connect({
      host: 'some.name',
      ...options,
      lookup: () => {
        throw new Error('odd');
      },
    }),
  );
  add(`lookup never answers, ${how}`, connect({ host: 'some.name', ...options, lookup: () => {} }));
  add(
    `lookup answers twice, ${how}`,
    connect({
      host: 'some.name',
      ...options,
      lookup: (_n, { all }, callback) => {
        const once = () =>
          all ? callback(null, [{ address: '127.0.0.1', family: 4 }]) : callback(null, '127.0.0.1', 4);
        setImmediate(once);
        setImmediate(once);
      },
    }),
  );
  for (const error of [new Error('odd'), 'text', 0, {}, true])
    add(
      `lookup fails with a ${typeof error}, ${how}`,
      connect({ host: 'some.name', ...options, lookup: (_n, _o, callback) => setImmediate(() => callback(error)) }),
    );
}
for (const [what, value] of Object.entries(odd('127.0.0.1'))) {
  for (const key of [
    'host',
    'localAddress',
    'path',
    'family',
    'hints',
    'lookup',
    'localPort',
    'port',
    'fd',
    'noDelay',
    'keepAlive',
    'keepAliveInitialDelay',
    'autoSelectFamily',
    'autoSelectFamilyAttemptTimeout',
  ])
    for (const [how, options] of Object.entries({
      'by address': { host: '127.0.0.1' },
      'by localhost': { host: 'localhost' },
    }))
      add(`connect, ${key} ${what}, ${how}`, connect({ ...options, [key]: value }));
  for (const key of [
    'host',
    'path',
    'port',
    'fd',
    'backlog',
    'exclusive',
    'ipv6Only',
    'readableAll',
    'writableAll',
    'signal',
  ])
    add(`listen, ${key} ${what}`, listen({ host: '127.0.0.1', [key]: value }));
  if (core === undefined) {
    const early = (title, prepare) =>
      add(`${title} ${what}`, (done) => {
        prepare(value);
        done('done');
      });
    early('new Socket', (fd) => new net.Socket({ fd }).on('error', () => {}).destroy());
    early('listen with the arguments', (each) =>
      net
        .createServer()
        .on('error', () => {})
        .listen(each)
        .close(),
    );
    early('connect with the arguments', (each) =>
      net
        .connect(each)
        .on('error', () => {})
        .destroy(),
    );
    early('connect to the host', (each) =>
      net
        .connect(port, each)
        .on('error', () => {})
        .destroy(),
    );
    early('setKeepAlive', (each) => new net.Socket().setKeepAlive(each, each));
    early('setTimeout', (each) => new net.Socket().setTimeout(each).destroy());
  }
}

/** What a callback throws is uncaught, as it is from `node:net`. */
let settle = () => {};
process.on('uncaughtException', (error) => settle('threw', error.code));

/** Descriptors 0 to 2 are this program's own. */
const isOwn = (title) =>
  /fd (?:true|false|number|bigint)|new Socket (?:number|true|false|bigint)|arguments number/.test(title);

const reference = (await import('node:net')).default.createServer((socket) => socket.on('error', () => {}).destroy());
await new Promise((resolve) => reference.listen(0, '127.0.0.1', resolve));
({ port } = reference.address());

for (const [index, [title, run]] of cases.entries()) {
  if (isOwn(title) || index < Number(first)) continue;
  say('case', index, title);
  const outcome = await new Promise((resolve) => {
    settle = (...words) => resolve(words);
    setTimeout(resolve, 1_000, ['nothing']).unref();
    try {
      run(settle);
    } catch (error) {
      resolve(['threw at once', error?.code ?? error?._tag]);
    }
  });
  say('outcome', ...outcome);
}
say('end', cases.length);
process.exit(0);
