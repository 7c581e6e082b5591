import { EventEmitter } from 'node:events';
import { deprecate } from 'node:util';

import { methodsAsPlatformHasThem, platformNet, shieldedPrototype } from '../core/node/platform.ts';
import { readServerOptions } from '../core/node/server-arguments.ts';
import { acceptToo, isMadeWith } from './has-instance.ts';
import { COALESCES, NET } from './internal-names.ts';
import type { NetContext } from './net-context.ts';
import { isListener, ServerMethods } from './server.ts';

/** The `Server` of one net: called with and without `new`, and by `Server.call(this)` of old programs. */
export interface ServerConstructor {
  new (options?: unknown, connectionListener?: unknown): ServerMethods;
  (options?: unknown, connectionListener?: unknown): ServerMethods;
  prototype: ServerMethods;
}

/** Makes the `Server` of a net; its prototype has the methods of `ServerMethods` as its own. */
export function makeServerConstructor(context: NetContext): ServerConstructor {
  const isSystem = context.streams.listen !== undefined;
  // Without a handle of the system a server must not be taken for one of the platform's: `child.send` would want the handle.
  const base = isSystem
    ? shieldedPrototype(platformNet.Server.prototype, EventEmitter.prototype)
    : EventEmitter.prototype;
  const prototype: object = Object.create(base, {
    ...methodsAsPlatformHasThem(ServerMethods.prototype, platformNet.Server.prototype),
    ...(context.behaviour === 'spec' && { connections }),
    [NET]: { value: context },
  });
  const isServer = (value: unknown): value is ServerMethods => isMadeWith(prototype, value);

  function Server(this: unknown, options?: unknown, connectionListener?: unknown): unknown {
    if (!isServer(this)) return Reflect.construct(Server, [options, connectionListener]);
    construct(this, options, connectionListener);
    return undefined;
  }
  Object.setPrototypeOf(Server, EventEmitter);
  Object.defineProperty(prototype, 'constructor', { value: Server, writable: true, configurable: true });
  Server.prototype = prototype;
  if (isSystem) acceptToo(Server, platformNet.Server);
  return asConstructor(Server);
}

/** A function that constructs what `new` would: the types can't say so of one that is no class. */
function asConstructor(constructor: unknown): ServerConstructor;
function asConstructor(constructor: unknown): unknown {
  return constructor;
}

/** What `new Server(options, listener)` does to the new object. */
function construct(server: ServerMethods, first: unknown, second: unknown): void {
  Reflect.apply(EventEmitter, server, []);
  const [options, listener] = typeof first === 'function' ? [undefined, first] : [first, second];
  const settings = readServerOptions(options);
  if (isListener(listener)) server.on('connection', listener);
  server._connections = 0;
  server._usingWorkers = false;
  server._workers = [];
  server._unref = false;
  Object.assign(server, settings);
  const { coalesceWrites } = Object(options) as { coalesceWrites?: unknown };
  if (coalesceWrites !== undefined) server[COALESCES] = Boolean(coalesceWrites);
}

const DEPRECATION = 'Server.connections property is deprecated. Use Server.getConnections method instead.';

/** The specification's `server.connections`: "This becomes `null` when sending a socket to a child". */
const connections: PropertyDescriptor = {
  get: deprecate(
    function (this: ServerMethods): number | null {
      return this._usingWorkers ? null : this._connections;
    },
    DEPRECATION,
    'DEP0020',
  ),
  set: deprecate(
    function (this: ServerMethods, count: number): void {
      this._connections = count;
    },
    DEPRECATION,
    'DEP0020',
  ),
  enumerable: false,
  configurable: true,
};
