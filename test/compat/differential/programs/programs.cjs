// Programs whose end is what is asked for: node programs.cjs MODULE NAME. Each prints what it sees; the test compares
// the output, the exit code, and whether the process ended by itself.
'use strict';

const { readFileSync } = require('node:fs');
const { join } = require('node:path');

const [, , moduleName, name, folder] = process.argv;
const net = require(moduleName);

const say = (...words) => process.stdout.write(`${words.join(' ')}\n`);

/** Says so when the process still lives a while later; does not keep it alive itself. */
const stillAlive = (then) => {
  setTimeout(() => {
    say('still alive');
    then();
  }, 150).unref();
};

process.on('exit', (code) => {
  say('exit', code);
});

const programs = {
  'server.unref before listen'() {
    net
      .createServer()
      .unref()
      .listen(0, '127.0.0.1', () => say('listening'));
  },

  'server.unref after listening'() {
    const server = net.createServer();
    server.listen(0, '127.0.0.1', () => {
      say('listening');
      server.unref();
    });
  },

  'server.unref on a path'() {
    const server = net.createServer();
    server.listen(join(folder, 'socket'), () => {
      say('listening');
      server.unref();
    });
  },

  'server.unref, then ref, keeps the process'() {
    const server = net.createServer();
    server.listen(0, '127.0.0.1', () => {
      server.unref();
      server.unref();
      server.ref();
      stillAlive(() => server.close());
    });
  },

  'a listening server keeps the process'() {
    const server = net.createServer();
    server.listen(0, '127.0.0.1', () => stillAlive(() => server.close()));
  },

  'server.unref before listen is remembered over a close'() {
    const server = net.createServer().unref();
    server.listen(0, '127.0.0.1', () => {
      server.close(() => {
        say('closed');
        server.listen(0, '127.0.0.1', () => say('listening again'));
      });
    });
  },

  'socket.unref in the connect callback'() {
    const server = net.createServer((socket) => socket.unref());
    server.listen(0, '127.0.0.1', () => {
      server.unref();
      const client = net.connect(server.address().port, '127.0.0.1', () => {
        say('connected');
        client.unref();
      });
    });
  },

  'socket.unref before connect is remembered'() {
    const server = net.createServer((socket) => socket.unref());
    server.listen(0, '127.0.0.1', () => {
      server.unref();
      const client = new net.Socket();
      client.unref();
      client.connect(server.address().port, '127.0.0.1', () => {
        say('connected');
        setTimeout(() => say('timer'), 20);
      });
      client.on('close', () => say('close'));
    });
  },

  'socket.unref, then ref, before connect'() {
    const server = net.createServer((socket) => socket.unref());
    server.listen(0, '127.0.0.1', () => {
      server.unref();
      const client = new net.Socket();
      client.unref();
      client.ref();
      client.connect(server.address().port, '127.0.0.1', () => say('connected'));
      stillAlive(() => client.destroy());
    });
  },

  'a connection keeps the process'() {
    const server = net.createServer((socket) => socket.unref());
    server.listen(0, '127.0.0.1', () => {
      server.unref();
      const client = net.connect(server.address().port, '127.0.0.1');
      client.resume();
      stillAlive(() => client.destroy());
    });
  },

  'a paused connection, its peer unreferenced'() {
    const server = net.createServer((socket) => {
      socket.unref();
      socket.write('data that is never read');
    });
    server.listen(0, '127.0.0.1', () => {
      server.unref();
      const client = net.connect(server.address().port, '127.0.0.1', () => say('connected'));
      client.pause();
      stillAlive(() => client.destroy());
    });
  },

  'a connection that is not read'() {
    const server = net.createServer((socket) => socket.unref());
    server.listen(0, '127.0.0.1', () => {
      server.unref();
      const client = net.connect(server.address().port, '127.0.0.1', () => say('connected'));
      stillAlive(() => client.destroy());
    });
  },

  'a timer of a socket does not keep the process'() {
    const socket = new net.Socket();
    socket.setTimeout(100_000, () => say('timed out'));
    say('set');
  },

  'an unreferenced socket with a timer'() {
    const server = net.createServer((socket) => socket.unref());
    server.listen(0, '127.0.0.1', () => {
      server.unref();
      const client = net.connect(server.address().port, '127.0.0.1', () => {
        client.setTimeout(100_000);
        client.unref();
        say('connected');
      });
    });
  },

  'an error that nobody listens to ends the process'() {
    const server = net.createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => {
        net.connect(port, '127.0.0.1');
      });
    });
  },

  'a server error that nobody listens to ends the process'() {
    const server = net.createServer();
    server.listen(0, '127.0.0.1', () => {
      net.createServer().listen(server.address().port, '127.0.0.1');
    });
  },

  'hundreds of refused connections leave nothing'() {
    const server = net.createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => {
        let failed = 0;
        for (let index = 0; index < 300; index++) {
          net.connect(port, '127.0.0.1').on('error', () => {
            failed += 1;
            if (failed === 300) say('all refused');
          });
        }
      });
    });
    process.on('exit', () =>
      say(process.getActiveResourcesInfo().filter((kind) => /^(TCP|Pipe)/.test(kind)).length <= 3),
    );
  },

  'stdin destroyed first does not disturb a server'() {
    process.stdin.destroy();
    const server = net.createServer((socket) => socket.end('hello'));
    server.listen(0, '127.0.0.1', () => {
      net
        .connect(server.address().port, '127.0.0.1')
        .on('data', (chunk) => say(String(chunk)))
        .on('close', () => server.close());
    });
  },

  'a socket over the descriptor of stdout'() {
    const out = new net.Socket({ fd: 1, readable: false, writable: true });
    say('pending', out.pending, 'readable', out.readable, 'writable', out.writable);
    out.write('written through the socket\n', () => {
      out.end();
    });
    out.on('finish', () => process.stderr.write('finished\n'));
  },

  'a socket over the descriptor of stdin'() {
    const input = new net.Socket({ fd: 0, readable: true, writable: false });
    input.setEncoding('utf8');
    input.on('data', (text) => say('got', JSON.stringify(text)));
    input.on('end', () => say('end'));
    input.on('close', (failed) => say('close', failed));
  },

  'process.exit inside a connection'() {
    const server = net.createServer(() => process.exit(3));
    server.listen(0, '127.0.0.1', () => {
      net.connect(server.address().port, '127.0.0.1').on('error', () => undefined);
    });
  },

  'the file of a path is gone after exit, if it was closed'() {
    const path = join(folder, 'socket');
    const server = net.createServer();
    server.listen(path, () => {
      server.close(() => {
        try {
          readFileSync(path);
        } catch (error) {
          say(error.code);
        }
      });
    });
  },
};

programs[name]();
