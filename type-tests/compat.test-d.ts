// rxjs-net/compat: the types of node:net, under the same names.
import type * as builtin from 'node:net';
import type { Duplex } from 'node:stream';

import type { Connection, Transport } from 'rxjs-net';
import net, {
  connect,
  createNet,
  createServer,
  fromSocket,
  isIP,
  type Net,
  Server,
  Socket,
  toSocket,
} from 'rxjs-net/compat';
import { expectAssignable, expectError, expectNotAssignable, expectType } from 'tsd';

declare const transport: Transport;
declare const connection: Connection;
declare const duplex: Duplex;

// ---- a program that was written for `net` compiles unchanged

const socket: net.Socket = net.connect({ port: 1, host: 'a', timeout: 5 }, () => {});
expectType<builtin.Socket>(socket);
expectType<builtin.Socket>(new net.Socket({ allowHalfOpen: true }));
expectType<builtin.Socket>(connect(1, 'a'));
expectType<builtin.Server>(net.createServer((peer) => peer.end('x')));
const address = createServer().address() as net.AddressInfo;
expectType<number>(address.port);
expectType<number>(isIP('::'));
expectAssignable<typeof builtin>(net);
class Own extends net.Socket {}
expectAssignable<builtin.Socket>(new Own());
expectAssignable<Socket>(new Socket());
expectAssignable<net.Server>(new Server());

// ---- what is ours

expectType<builtin.Socket>(net.connect({ port: 1, coalesceWrites: true }));
expectType<builtin.Server>(net.createServer({ coalesceWrites: true }));
expectAssignable<typeof builtin>(createNet(transport));
createNet(transport, { behaviour: 'node', coalesceWrites: true });
createNet();
expectType<Net>(createNet({ behaviour: 'node' }));
expectType<builtin.Socket>(toSocket(connection, { allowHalfOpen: true }));
expectType<Connection>(fromSocket(duplex, { maxQueued: 1 }));
expectType<Connection>(fromSocket(net.connect(1)));

// ---- what does not compile

expectError(createNet(transport, { behaviour: 'both' }));
expectError(createNet({ behavior: 'node' }));
expectError(createNet({ behaviour: 'node' }, {}));
expectError(net.connect({ port: 1, coalesceWrites: 'yes' }));
expectError(net.connect());
expectError(new net.Socket({ fd: 'x' }));
expectError(toSocket(duplex));
expectError(fromSocket(connection));
expectNotAssignable<net.AddressInfo>({ port: 1 });
