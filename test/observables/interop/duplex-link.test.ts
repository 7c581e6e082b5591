// A stream as a link keeps the contract of `Link`: the suite of the providers, with each dialled end over a plain stream.
import net from 'node:net';

import { afterEach, beforeEach, describe } from 'vitest';

import { type Address, type DialHandler, type Endpoint, nodeTransport, type Transport } from '../../../src/index.ts';
import { DuplexLink } from '../../../src/observables/interop/duplex-link.ts';
import { systemUnderTest } from '../../core/node-system.ts';
import { describeClosing } from '../../core/provider/closing.ts';
import { describeReading } from '../../core/provider/reading.ts';
import { World } from '../../core/provider/world.ts';
import { describeWriting } from '../../core/provider/writing.ts';

/** A stream knows no path. */
class NamedLink extends DuplexLink {
  private readonly endpoint: Endpoint;

  constructor(socket: net.Socket, handler: DialHandler, endpoint: Endpoint) {
    super(socket, handler);
    this.endpoint = endpoint;
  }

  override get local(): Address | undefined {
    return 'path' in this.endpoint ? { path: '' } : super.local;
  }

  override get remote(): Address | undefined {
    return 'path' in this.endpoint ? this.endpoint : super.remote;
  }
}

/** Binds as the system does, and dials by a socket that is taken for any stream. */
const transport: Transport = {
  clock: nodeTransport.clock,
  random: nodeTransport.random,
  bind: (endpoint, options, handler) => nodeTransport.bind(endpoint, options, handler),
  dial: (endpoint, _options, handler) => {
    const socket = net.connect(endpoint as net.NetConnectOpts);
    const link = new NamedLink(socket, handler, endpoint);
    socket.once('connect', () => handler.onConnected());
    return link;
  },
};

// Over IPC, which has no reset, as a stream has none.
describe('a stream as a link', () => {
  let world: World;
  beforeEach(() => {
    world = new World({ ...systemUnderTest('direct'), transport }, 'ipc');
  });
  afterEach(async () => {
    try {
      await world.finish();
    } finally {
      await world.provider.dispose();
    }
  });
  const get = (): World => world;
  describe('reading', () => describeReading(get));
  describe('writing', () => describeWriting(get));
  describe('closing', () => describeClosing(get, 'ipc'));
});
