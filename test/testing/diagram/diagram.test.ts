// What a diagram shows of a run, in both forms; and that any trace at all can be drawn, within its bounds.
import { fc, test as property } from '@fast-check/vitest';
import { firstValueFrom, map } from 'rxjs';
import { connect, lines, serve } from 'rxjs-net';
import { mergeMap } from 'rxjs-net/rx';
import { delay, type DiagramOptions, reset, simulateNetwork, type SimulatedNetwork, stall } from 'rxjs-net/testing';
import { describe, expect, test } from 'vitest';

import { drawDiagram } from '../../../src/testing/diagram/index.ts';
import { columns } from '../../../src/testing/diagram/terminal.ts';
import { Trace, TRACE_KINDS, type TraceEntry } from '../../../src/testing/trace.ts';
import { elementsOf } from './elements.ts';

const entry = (time: number, what: TraceEntry['what'], more: Partial<TraceEntry> = {}): TraceEntry => ({
  time,
  from: 'a:1',
  to: 'b:2',
  what,
  size: what === 'DATA' || what === 'WINDOW' ? 10 : 0,
  fate: 'arrives',
  arrives: more.fate === undefined || more.fate === 'arrives' ? time + 5 : undefined,
  ...more,
});

/** A diagram of these entries, between `a`, `b` and `c`. */
function drawn(entries: readonly TraceEntry[], options: DiagramOptions = {}, limit = 1_000): string {
  const trace = new Trace(limit);
  for (const each of entries) trace.add(each);
  return drawDiagram({ seed: 1, trace, hosts: ['a', 'b', 'c'] }, options);
}

/** The rows without the heading, and without what is drawn: their words alone. */
const words = (diagram: string): string[] =>
  diagram
    .split('\n')
    .slice(1)
    .map((line) => (line.match(/[^\s│├┤┼─╌▶◀┊]+/g) ?? []).join(' '));

/** A server `b`, and a client `a` that asks it something. */
async function conversation(prepare: (network: SimulatedNetwork) => void = () => {}): Promise<SimulatedNetwork> {
  const network = simulateNetwork({ seed: 1, latency: 10 });
  const { transport } = network.host('a');
  const server = serve({ port: 80, transport: network.host('b').transport }, ({ incoming }) =>
    incoming.pipe(
      lines(),
      map((line) => `you said ${line}\n`),
    ),
  ).subscribe();
  prepare(network);
  const client = connect({ host: 'b', port: 80, transport }).pipe(
    mergeMap((connection) => {
      connection.write('hello\n');
      return connection.incoming;
    }),
  );
  await network.run(() => firstValueFrom(client).catch(() => {}));
  server.unsubscribe();
  await network.settle();
  return network;
}

describe('as text', () => {
  test('a conversation', async () => {
    const network = await conversation();
    expect(network.diagram({ width: 60 })).toMatchInlineSnapshot(`
      "ms  a                                                b  ms
       0  │                                  listens on 80 ┤
       0  ├── SYN ────────────────────────────────────────▶│  10
      10  │◀──────────────────────────────────── SYN-ACK ──┤  20
      20  ├── ACK ────────────────────────────────────────▶│  30
      20  ├── DATA 6 ─────────────────────────────────────▶│  30
      30  │◀──────────────────────────────────── DATA 15 ──┤  40
      40  ├── FIN ────────────────────────────────────────▶│  50
      40  │◀──────────────────────────────────────── FIN ──┤  50"
    `);
  });

  test('a partition, and what it cost', async () => {
    const network = await conversation((net) => {
      net.clock.after(15, () => net.partition('a', 'b'));
      net.clock.after(500, () => net.heal());
    });
    expect(network.diagram({ width: 60, from: 10, to: 1_040 })).toMatchInlineSnapshot(`
      "  ms  a                                              b  ms
        10  │◀────────────────────────────────── SYN-ACK ──┤  20
        15  ├╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ partition ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌┤
        20  ├── ACK ────────────────────×                  │  lost
       500  ├╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ healed ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌┤
      1020  ├── ACK ──────────────────────────────────────▶│  1030
      1020  ├── DATA 6 ───────────────────────────────────▶│  1030
      1030  │◀────────────────────────────────── DATA 15 ──┤  1040
      1040  ├── FIN ──────────────────────────────────────▶│  1050
      1040  │◀────────────────────────────────────── FIN ──┤  1050"
    `);
  });

  test('a crash: the line of the host is another one while it is off', () => {
    const diagram = drawn([
      { time: 1, from: 'a', to: '', what: 'CRASH', size: 0 },
      entry(2, 'DATA', { from: 'b:2', to: 'a:1', fate: 'lost' }),
      { time: 3, from: 'a', to: '', what: 'RESTART', size: 0 },
      entry(4, 'DATA', { from: 'b:2', to: 'a:1' }),
    ]);
    expect(diagram.split('\n').map((line) => line[4])).toEqual(['a', '├', '┊', '├', '│']);
  });

  test('faults, held segments and resets', async () => {
    const held = await conversation((net) => {
      net.clock.after(1_000, net.fault({ from: 'b' }, stall()));
    });
    expect(words(held.diagram())).toEqual(
      expect.arrayContaining(['0 stall(), b → *', '10 ‖ SYN-ACK #1 held', '1000 end of stall(), b → *']),
    );
    const cut = await conversation((net) => void net.fault({ from: 'a', to: 'b' }, reset()));
    expect(words(cut.diagram())).toEqual(expect.arrayContaining(['0 reset(), a → b', '20 DATA 6 ↯ reset']));
    const slow = await conversation((net) => void net.fault({}, delay(7.25)));
    expect(words(slow.diagram())).toEqual(expect.arrayContaining(['0.00 delay(7.25)', '0.00 SYN 17.25']));
  });

  test('an arrow crosses the lines in between, and stays within its own host', () => {
    const diagram = drawn([
      entry(0, 'SYN', { from: 'a:1', to: 'c:2' }),
      entry(1, 'SYN', { from: 'b:7', to: 'b:8' }),
      entry(2, 'SYN', { from: 'c:7', to: 'c:8' }),
    ]);
    const [, across = '', within = '', last = ''] = diagram.split('\n');
    expect(across).toMatch(/├── SYN #1 ─+┼─+▶│/);
    expect(within).toMatch(/│ +├ ↻ SYN #2 to 8 +│/);
    expect(last).toMatch(/│ +│ +↻ SYN #3 to 8 ┤/);
    expect(words(diagram).slice(-3)).toEqual(['#1 a:1 – c:2', '#2 b:7 – b:8', '#3 c:7 – c:8']);
  });

  test('nothing happened', () => {
    expect(simulateNetwork().diagram()).toBe(`ms${' '.repeat(74)}ms
nothing happened`);
    expect(words(drawn([]))).toEqual(['nothing happened']);
  });
});

describe('what repeats itself is one arrow', () => {
  const label = (entries: readonly TraceEntry[]): string[] =>
    words(drawn(entries)).map((line) => line.replace(/^\d+ /, ''));

  test('data one way, with the windows that answer it', () => {
    const entries = Array.from({ length: 5 }, (_, time) => [
      entry(time, 'DATA'),
      entry(time, 'WINDOW', { from: 'b:2', to: 'a:1' }),
    ]).flat();
    expect(label(entries)).toEqual(['DATA 50 in 5 9', 'WINDOW 50 in 5 9']);
  });

  test('not data that answers data', () => {
    const talk = Array.from({ length: 6 }, (_, time) =>
      time % 2 === 0 ? entry(time, 'DATA') : entry(time, 'DATA', { from: 'b:2', to: 'a:1' }),
    );
    expect(label(talk)).toHaveLength(6);
  });

  test('not two alone, nor across what happens in between', () => {
    expect(label([entry(0, 'DATA'), entry(1, 'DATA')])).toEqual(['DATA 10 5', 'DATA 10 6']);
    const heal: TraceEntry = { time: 2, from: 'a', to: 'b', what: 'HEAL', size: 0 };
    const parted = [entry(0, 'DATA'), entry(1, 'DATA'), heal, entry(3, 'DATA'), entry(4, 'DATA')];
    expect(label(parted)).toEqual(['DATA 10 5', 'DATA 10 6', 'healed', 'DATA 10 8', 'DATA 10 9']);
  });

  test('another connection is another matter', () => {
    const entries = Array.from({ length: 3 }, (_, time) => [entry(time, 'DATA'), entry(time, 'DATA', { from: 'a:9' })]);
    expect(label(entries.flat()).slice(0, 2)).toEqual(['DATA 30 in 3 #1 7', 'DATA 30 in 3 #2 7']);
  });

  test('a segment that is lost again and again', () => {
    const entries = [0, 200, 600].map((time) => entry(time, 'DATA', { fate: 'lost' }));
    expect(label([...entries, entry(1_400, 'DATA')])).toEqual(['DATA 10 (3 times) × lost', 'DATA 10 1405']);
  });
});

describe('bounds', () => {
  const busy = Array.from({ length: 1_000 }, (_, time) => entry(time, 'SYN', { from: `a:${time}` }));

  test('the middle of a long run is left out, and counted', () => {
    const rows = words(drawn(busy, { rows: 5 }));
    expect(rows.slice(0, 6).map((row) => row.replace(/ #\d+ \d+$/, ''))).toEqual([
      '0 SYN',
      '1 SYN',
      '2 SYN',
      '⋮ ⋯ 995 events left out ⋯ ⋮',
      '998 SYN',
      '999 SYN',
    ]);
    expect(drawn(busy, { rows: 5, format: 'svg' })).toContain('995 events left out');
  });

  test('as many rows as there may be', () => {
    expect(drawn(busy, { rows: 1_000 })).not.toContain('left out');
    expect(drawn(busy)).toContain('800 events left out');
  });

  test('the legend is cut, and what the trace has dropped is told', () => {
    const text = drawn(busy, {}, 300);
    expect(words(text).slice(-3)).toEqual([
      '#20 a:719 – b:2',
      'and 180 connections more',
      'the trace has dropped 700 events from before (see traceLimit)',
    ]);
    const svg = drawn(busy, { format: 'svg' }, 300);
    expect(svg).toContain('and 188 connections more');
    expect(svg).toContain('the trace has dropped 700 events');
  });

  test('as many hosts as there is room for; those that do nothing need none', () => {
    const network = simulateNetwork();
    for (let index = 1; index <= 20; index++) network.host(`host-${index}`);
    network.crash('host-2');
    expect(network.diagram().split('\n')[0]).toMatch(/^ms {2}host-2 +ms$/);
    for (let index = 1; index <= 20; index++) network.crash(`host-${index}`);
    expect(network.diagram()).toMatch(/not shown: host-6, host-7, host-8, host-9 and 11 more \(see "hosts"\)$/);
    expect(network.diagram({ format: 'svg' })).toContain('not shown: host-17, host-18, host-19, host-20');
    expect(network.diagram({ hosts: ['host-20', 'host-2'] }).split('\n')[0]).toMatch(/host-20 +host-2 /);
  });

  test('a stretch of time, some hosts, some kinds', () => {
    const entries = [entry(0, 'SYN'), entry(1, 'DATA', { to: 'c:2' }), entry(2, 'DATA'), entry(3, 'FIN')];
    expect(words(drawn(entries, { hosts: ['b', 'a'] }))).toEqual(['0 SYN 5', '2 DATA 10 7', '3 FIN 8']);
    expect(words(drawn(entries, { hosts: ['b', 'a'], from: 1, to: 2 }))).toEqual(['2 DATA 10 7']);
    expect(words(drawn(entries, { hosts: ['b', 'a'], kinds: ['SYN', 'FIN'] }))).toEqual(['0 SYN 5', '3 FIN 8']);
  });

  test('a partition that began before is still seen in the picture', () => {
    const cut: TraceEntry = { time: 0, from: 'a', to: 'b', what: 'PARTITION', size: 0 };
    const count = (options: DiagramOptions): number =>
      drawn([cut, entry(10, 'DATA', { fate: 'lost' }), { ...cut, time: 20, what: 'HEAL' }, entry(30, 'DATA')], {
        format: 'svg',
        ...options,
      }).split('class="zone"').length - 1;
    expect([count({}), count({ from: 5 }), count({ from: 25 }), count({ kinds: ['DATA'] })]).toEqual([1, 1, 0, 0]);
  });
});

describe('what is refused', () => {
  test.each<[string, unknown]>([
    ['format', 'png'],
    ['from', -1],
    ['from', Number.NaN],
    ['to', '5'],
    ['hosts', ['nobody']],
    ['hosts', []],
    ['hosts', ['a', 'a']],
    ['hosts', 'a'],
    ['kinds', ['DATE']],
    ['kinds', []],
    ['rows', 0],
    ['rows', 10_001],
    ['rows', 1.5],
    ['width', 39],
    ['width', 20_001],
    ['height', 5],
  ])('%s: %j', (option, value) => {
    const network = simulateNetwork();
    network.host('a');
    expect(() => network.diagram({ [option]: value })).toThrow(
      expect.objectContaining({ _tag: 'InvalidOptions', option }),
    );
  });

  test('a time that ends before it begins, and too little room for the hosts that were named', () => {
    const network = simulateNetwork();
    const hosts = ['a', 'b', 'c', 'd', 'e', 'f'];
    for (const host of hosts) network.host(host);
    expect(() => network.diagram({ from: 5, to: 4 })).toThrow(expect.objectContaining({ option: 'to' }));
    for (const format of ['text', 'svg'] as const) {
      const width = format === 'text' ? 60 : 500;
      expect(() => network.diagram({ format, hosts, width })).toThrow(expect.objectContaining({ option: 'width' }));
    }
    // It says how much is enough.
    for (const format of ['text', 'svg'] as const) {
      let least = 0;
      try {
        network.diagram({ format, hosts, width: format === 'text' ? 60 : 500 });
      } catch (error) {
        least = Number(/at least (\d+)/.exec(String(error))?.[1]);
      }
      expect(network.diagram({ format, hosts, width: least })).not.toBe('');
    }
  });
});

describe('any trace at all', () => {
  const end = fc.constantFrom('a:1', 'a:2', 'b:1', 'c:1', 'a:/run/<a>.sock', 'b:(unnamed)', 'c:日本.sock');
  const segment = fc.record({
    from: end,
    to: end,
    what: fc.constantFrom('SYN', 'SYN-ACK', 'ACK', 'DATA', 'WINDOW', 'FIN', 'RST'),
    size: fc.nat(),
    fate: fc.constantFrom('arrives', 'lost', 'held', 'reset', 'corrupted'),
    takes: fc.oneof(fc.nat(20), fc.double({ min: 0, max: 1e6, noNaN: true })),
  });
  const event = fc.record({
    from: fc.constantFrom('a', 'b', 'c', '*'),
    to: fc.constantFrom('a', 'b', '*'),
    what: fc.constantFrom(...TRACE_KINDS.slice(7)),
    detail: fc.string({ unit: 'binary' }),
  });
  const trace = fc.array(
    fc.tuple(
      fc.oneof(fc.constant(0), fc.nat(300), fc.double({ min: 0, max: 1e7, noNaN: true })),
      fc.oneof({ weight: 4, arbitrary: segment }, event),
    ),
    { maxLength: 60 },
  );

  /** With times that only grow, as in a trace. */
  type Made = typeof trace extends fc.Arbitrary<infer T> ? T : never;
  const entriesOf = (made: Made): TraceEntry[] => {
    let time = 0;
    return made.map(([passed, what]) => {
      time += passed;
      if (!('fate' in what)) return { size: 0, time, ...what, to: what.what === 'CRASH' ? '' : what.to };
      const arrives = what.fate === 'lost' || what.fate === 'held' ? undefined : time + what.takes;
      return { ...what, time, arrives };
    });
  };

  property.prop([trace, fc.integer({ min: 62, max: 200 }), fc.integer({ min: 1, max: 80 })])(
    'as text: within its width and its rows',
    (made, width, rows) => {
      const lines_ = drawn(entriesOf(made), { width, rows }).split('\n');
      for (const line of lines_) expect(columns(line)).toBeLessThanOrEqual(width);
      expect(lines_.length).toBeLessThanOrEqual(1 + rows + 1 + 1 + 22);
    },
  );

  property.prop([trace, fc.integer({ min: 1, max: 80 })])(
    'as a picture: XML, all of it within the picture',
    (made, rows) => {
      const svg = drawn(entriesOf(made), { format: 'svg', rows });
      const elements = elementsOf(svg);
      const { width = '', height = '' } = elements[0]?.attributes ?? {};
      for (const { attributes } of elements) {
        for (const [name, value] of Object.entries(attributes)) {
          expect(value).not.toMatch(/NaN|undefined|Infinity/);
          if (name === 'y') expect(Number(value)).toBeLessThanOrEqual(Number(height));
          if (name === 'x') expect(Number(value)).toBeLessThanOrEqual(Number(width));
        }
      }
      // Nothing is fetched, nothing runs.
      expect(svg).not.toMatch(/href|url\(|<script|@import|@font-face/);
    },
  );

  test('text is escaped', () => {
    const fault: TraceEntry = { time: 0, from: '*', to: '*', what: 'FAULT', size: 0, detail: '<b>&"\u001B[31m' };
    expect(drawn([fault], { format: 'svg' })).toContain('&lt;b&gt;&amp;&quot;?[31m');
    expect(drawn([fault])).toContain('<b>&"?[31m');
  });
});
