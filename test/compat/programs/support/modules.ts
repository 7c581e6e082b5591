import { once } from 'node:events';
import * as builtIn from 'node:net';

import compat from 'rxjs-net/compat';
import { expect, onTestFinished } from 'vitest';

/** `node:net`, or what stands in for it: every program here runs with both. */
export type Net = typeof builtIn;

export interface Module {
  readonly name: string;
  readonly net: Net;
}

export const modules: readonly Module[] = [
  { name: 'node:net', net: builtIn },
  { name: 'rxjs-net/compat', net: compat },
];

/** That a socket or a server is one of this module's own, and not of another that would make the test say nothing. */
export function expectOwn({ name, net }: Module, thing: unknown): void {
  const own = typeof (thing as Partial<builtIn.Server>).listen === 'function' ? net.Server : net.Socket;
  expect(Object.getPrototypeOf(thing)).toBe(own.prototype);
  if (name !== 'node:net') expect([builtIn.Socket, builtIn.Server]).not.toContain(own);
}

/** Listens on a free port of the loopback until the test has finished. */
export async function listening(server: builtIn.Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.close();
  });
  await once(server, 'listening');
  return (server.address() as builtIn.AddressInfo).port;
}
