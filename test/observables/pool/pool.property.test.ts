// Any order of what callers, peers, dials and time do: the bounds hold, nobody shares a connection, the order is kept, and
// nothing is left open.
import * as fc from 'fast-check';
import { Subject } from 'rxjs';
import { expect, test } from 'vitest';

import {
  type Connection,
  ConnectionRefused,
  ConnectionReset,
  type DialHandler,
  pool,
  type Transport,
} from '../../../src/index.ts';
import { FakeLink } from '../support/fake-link.ts';
import { HandClock } from '../support/resources.ts';
import { turns } from '../support-failures/wait.ts';

type Step =
  | { readonly do: 'use' | 'connect' | 'refuse' | 'turn' }
  | { readonly do: 'finish' | 'fail' | 'give up' | 'peer ends' | 'peer resets' | 'peer sends'; readonly which: number }
  | { readonly do: 'read'; readonly which: number }
  | { readonly do: 'wait'; readonly ms: number };

const simple = fc.constantFrom('use', 'use', 'connect', 'connect', 'refuse', 'turn').map((what): Step => ({
  do: what as 'use',
}));
const chosen = fc
  .record({
    do: fc.constantFrom('finish', 'finish', 'fail', 'give up', 'peer ends', 'peer resets', 'peer sends', 'read'),
    which: fc.nat(20),
  })
  .map((step) => step as Step);
const waiting = fc.integer({ min: 1, max: 400 }).map((ms): Step => ({ do: 'wait', ms }));
const steps = fc.array(fc.oneof({ weight: 5, arbitrary: simple }, { weight: 5, arbitrary: chosen }, waiting), {
  maxLength: 80,
});

/** One caller. */
class Caller {
  readonly id: number;
  readonly end = new Subject<never>();
  connection: Connection | undefined = undefined;
  outcome: string | undefined = undefined;
  subscription: { unsubscribe(): void } | undefined = undefined;

  constructor(id: number) {
    this.id = id;
  }
}

/** A network in which the test decides what becomes of each dial. */
class Network {
  readonly clock = new HandClock();
  readonly dials: { link: FakeLink; handler: DialHandler }[] = [];
  readonly links: FakeLink[] = [];
  readonly linkOf = new Map<Connection, FakeLink>();
  readonly transport: Transport = {
    clock: this.clock,
    random: () => 0.5,
    dial: (_endpoint, _options, handler) => {
      const link = new FakeLink(handler);
      this.links.push(link);
      this.dials.push({ link, handler });
      return link;
    },
    bind: () => {
      throw new Error('nothing is bound here');
    },
  };

  get open(): number {
    return this.links.filter(({ closed }) => !closed).length;
  }

  /** The oldest dial that still waits. */
  next(): { link: FakeLink; handler: DialHandler } | undefined {
    for (let dial = this.dials.shift(); dial !== undefined; dial = this.dials.shift()) {
      if (!dial.link.closed) return dial;
    }
    return undefined;
  }
}

async function play(all: readonly Step[], size: number, maxWaiting: number): Promise<void> {
  const network = new Network();
  const connections = pool(
    { host: '127.0.0.1', port: 2, transport: network.transport },
    { size, maxWaiting, idle: 300, maxLifetime: 1_000, acquireTimeout: 500, random: () => 0.5 },
  );
  const callers: Caller[] = [];
  const granted: number[] = [];
  const problems: string[] = [];

  const use = (): void => {
    const caller = new Caller(callers.length);
    callers.push(caller);
    caller.subscription = connections
      .use((connection) => {
        // Nobody else has it, and it stands.
        const others = callers.filter((other) => other.connection === connection && other.outcome === undefined);
        if (others.length > 0) problems.push(`shared with ${others.map(({ id }) => id).join()}`);
        if (!('state' in connection) || connection.state !== 'open') problems.push('lent though closed');
        caller.connection = connection;
        granted.push(caller.id);
        return caller.end;
      })
      .subscribe({
        error: (error: unknown) => {
          caller.outcome = error instanceof Error && '_tag' in error ? String(error._tag) : String(error);
        },
        complete: () => {
          caller.outcome = 'completed';
        },
      });
  };
  const pick = <T>(from: readonly T[], which: number): T | undefined =>
    from.length === 0 ? undefined : from[which % from.length];
  const active = (): Caller[] => callers.filter((each) => each.connection !== undefined && each.outcome === undefined);
  const reading = (): FakeLink[] => network.links.filter((link) => link.reading && !link.closed);

  for (const step of all) {
    switch (step.do) {
      case 'use':
        use();
        break;
      case 'connect':
        network.next()?.handler.onConnected();
        break;
      case 'refuse':
        network.next()?.link.close('refused', new ConnectionRefused());
        break;
      case 'finish':
        pick(active(), step.which)?.end.complete();
        break;
      case 'fail':
        pick(active(), step.which)?.end.error(new Error('mine'));
        break;
      case 'give up': {
        const caller = pick(
          callers.filter(({ outcome }) => outcome === undefined),
          step.which,
        );
        if (caller !== undefined) {
          caller.outcome = 'gave up';
          caller.subscription?.unsubscribe();
        }
        break;
      }
      case 'read':
        pick(active(), step.which)?.connection?.incoming.subscribe({ error: () => {} });
        break;
      case 'peer ends':
        pick(reading(), step.which)?.deliverEnd();
        break;
      case 'peer resets':
        pick(reading(), step.which)?.close('reset by peer', new ConnectionReset());
        break;
      case 'peer sends':
        pick(reading(), step.which)?.deliver('news');
        break;
      case 'wait':
        network.clock.advance(step.ms);
        break;
      case 'turn':
        await turns(3);
        break;
    }
    const { stats } = connections;
    expect(network.open).toBeLessThanOrEqual(size);
    expect(stats.size).toBeLessThanOrEqual(size);
    expect(stats.waiting).toBeLessThanOrEqual(maxWaiting + size);
    expect(stats.idle + stats.leased + stats.dialling).toBeLessThanOrEqual(stats.size);
    for (const count of Object.values(stats)) expect(count).toBeGreaterThanOrEqual(0);
  }
  expect(problems).toEqual([]);
  // Who came first was served first.
  expect(granted).toEqual(granted.toSorted((a, b) => a - b));

  const inUse = connections.stats.leased;
  const closed = connections.close({ drainTimeout: 50 });
  pick(active(), 0)?.end.complete();
  await turns();
  network.clock.advance(50);
  const report = await closed;
  expect(report.finished + report.cut).toBe(inUse);
  expect(network.open).toBe(0);
  expect(connections.stats).toEqual({ size: 0, idle: 0, leased: 0, dialling: 0, waiting: 0 });
  await turns();
  for (const caller of active()) caller.end.complete();
  expect(callers.filter(({ outcome }) => outcome === undefined)).toEqual([]);
  expect(network.clock.pending).toBe(0);
}

test('any order of operations keeps the bounds and leaves nothing open', async () => {
  await fc.assert(fc.asyncProperty(steps, fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 3 }), play), {
    numRuns: process.env['RXJS_NET_LONG'] === '1' ? 10_000 : 300,
  });
});
