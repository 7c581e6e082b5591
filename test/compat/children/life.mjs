// What keeps a process alive. Arguments: the net, and the name of a case; says `kept` or `let go`.
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { load, once, say } from './say.mjs';

const [name, which] = process.argv.slice(2);
const { createServer, connect } = await load(name);

const cases = {
  'a server': () => createServer().listen(0),
  'unref before listen': () => createServer().unref().listen(0),
  'unref after listen': () => createServer().listen(0).unref(),
  'unref when listening': () => {
    const server = createServer().listen(0, () => server.unref());
    return server;
  },
  'unref, then ref, before listen': () => createServer().unref().ref().listen(0),
  'unref, then ref, after listen': () => createServer().listen(0).unref().ref(),
  'unref twice, ref once': () => createServer().listen(0).unref().unref().ref(),
  'unref on a path': () =>
    createServer()
      .listen(join(tmpdir(), `rxjs-net-life-${process.pid}.sock`))
      .unref(),
  'unref while a name is looked up': () => createServer().listen(0, 'localhost').unref(),
  'unref, close, listen again': () => {
    const server = createServer().listen(0).unref();
    server.close();
    return server.listen(0);
  },
  'a connection of an unref-ed server': () => {
    const server = createServer((socket) => socket.resume())
      .listen(0, '127.0.0.1', () => connect(server.address().port, '127.0.0.1').unref())
      .unref();
    // The lookup keeps the process until it listens; from then on only the accepted socket does.
    return server;
  },
};

const server = cases[which]();
// Fires only if something else keeps the process until then; and ends it.
const probe = setTimeout(() => {
  say('kept');
  process.exit();
}, 300);
probe.unref();
process.once('beforeExit', () => say('let go'));
server.on('error', (error) => say(error.message));
void once;
