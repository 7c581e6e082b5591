import { inspect } from 'node:util';

import { describe, expect, it } from 'vitest';

import { type Describable, describeConnection, inspectConnection } from '../../src/observables/internal/inspect.ts';

const tcp: Describable = {
  local: { address: '127.0.0.1', family: 'IPv4', port: 8124 },
  remote: { address: '::1', family: 'IPv6', port: 4321 },
  bytesRead: 12,
  bytesWritten: 30,
  bytesQueued: 0,
  state: 'open',
};

/** As a connection will have it: with much besides, and with itself in it. */
class Live {
  readonly self = this;
  readonly local = tcp.local;
  readonly remote = tcp.remote;
  readonly bytesRead = 12;
  readonly bytesWritten = 30;
  readonly bytesQueued = 0;
  readonly state = 'open';
  toJSON() {
    return describeConnection(this);
  }
  [inspect.custom]() {
    return inspectConnection(this);
  }
}

describe('a connection, shown', () => {
  it('is one line', () => {
    expect(inspectConnection(tcp)).toBe(
      "Connection { remote: '[::1]:4321', local: '127.0.0.1:8124', open, 12 B in, 30 B out }",
    );
  });

  it('tells what waits, when something waits', () => {
    expect(inspectConnection({ ...tcp, bytesQueued: 7, state: 'failing' })).toBe(
      "Connection { remote: '[::1]:4321', local: '127.0.0.1:8124', failing, 12 B in, 30 B out, 7 B queued }",
    );
  });

  it('says that an end is not known, or has no name', () => {
    const ipc = { ...tcp, local: { path: '/tmp/a.sock' }, remote: { path: '' } };
    expect(inspectConnection(ipc)).toContain("{ remote: '(unnamed)', local: '/tmp/a.sock', open,");
    expect(inspectConnection({ ...tcp, local: undefined, remote: undefined, state: 'dialling' })).toContain(
      '{ remote: undefined, local: undefined, dialling,',
    );
  });

  it('stays one line whatever a path consists of', () => {
    const shown = inspectConnection({ ...tcp, local: { path: "a\n\u001B[2J\u2028'\\\u009Bü" } });
    expect(shown).toContain(String.raw`local: 'a\u000a\u001b[2J\u2028\'\\\u009bü'`);
  });

  it('is plain data for JSON', () => {
    expect(describeConnection(tcp)).toEqual({ ...tcp, local: '127.0.0.1:8124', remote: '[::1]:4321' });
    expect(JSON.parse(JSON.stringify({ type: 'opened', connection: new Live() }))).toEqual({
      type: 'opened',
      connection: describeConnection(tcp),
    });
  });

  it('is a line of its own within an event', () => {
    expect(inspect({ type: 'opened', connection: new Live() })).toContain(`connection: ${inspectConnection(tcp)}`);
  });
});
