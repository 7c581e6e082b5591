// What the trace tells beside the segments: what became of the network, and of each segment on it.
import { firstValueFrom } from 'rxjs';
import { connect, serve } from 'rxjs-net';
import { mergeMap } from 'rxjs-net/rx';
import {
  corrupt,
  cutAfter,
  delay,
  drop,
  type Fault,
  limitRate,
  pass,
  reset,
  simulateNetwork,
  type SimulatedNetwork,
  slice,
  stall,
} from 'rxjs-net/testing';
import { describe, expect, test } from 'vitest';

/** What is in the trace, without the time. */
const story = (network: SimulatedNetwork): string[] =>
  network
    .trace()
    .split('\n')
    .map((line) => line.slice(13));

/** A server `b` that says hi, and one client `a` that hears it. */
async function greeting(network: SimulatedNetwork): Promise<string> {
  const server = serve({ port: 80, transport: network.host('b').transport }, () => ['hi']).subscribe();
  const greetings = connect({ host: 'b', port: 80, transport: network.host('a').transport }).pipe(
    mergeMap((connection) => connection.incoming),
  );
  try {
    return String(await network.run(() => firstValueFrom(greetings)));
  } finally {
    server.unsubscribe();
  }
}

describe('what becomes of the network', () => {
  test('a partition and its end, once each', () => {
    const network = simulateNetwork();
    network.host('a');
    network.host('b');
    const heal = network.partition('a', 'b');
    network.partition('b', 'a');
    heal();
    heal();
    network.heal();
    expect(story(network)).toEqual(['a ↔ b PARTITION', 'a ↔ b HEAL']);
  });

  test('a crash and a restart, once each', () => {
    const network = simulateNetwork();
    network.host('a');
    network.restart('a');
    network.crash('a');
    network.crash('a');
    network.restart('a');
    network.restart('a');
    expect(story(network)).toEqual(['a CRASH', 'a RESTART']);
  });

  test.each<[string, Fault]>([
    ['corrupt(0.5)', corrupt(0.5)],
    ['cutAfter(4)', cutAfter(4)],
    ['delay(50)', delay(50)],
    ['drop(1)', drop()],
    ['limitRate(1000)', limitRate(1_000)],
    ['pass()', pass()],
    ['reset()', reset()],
    ['slice(2)', slice(2)],
    ['slice(3, 1)', slice(3, 1)],
    ['stall()', stall()],
    ['fault', { judge: () => undefined }],
    ['my own', { name: 'my own', judge: () => undefined }],
  ])('the fault %s', (name, fault) => {
    const network = simulateNetwork();
    network.host('a');
    const takeBack = network.fault({ to: 'a' }, fault);
    takeBack();
    takeBack();
    expect(story(network)).toEqual([`* → a FAULT ${name}`, `* → a FAULT-END ${name}`]);
  });

  test.each([7, 'two\nlines', 'two\rlines'])('the name %j is refused', (name) => {
    const fault = { name, judge: () => undefined } as Fault;
    expect(() => simulateNetwork().fault({}, fault)).toThrow(expect.objectContaining({ option: 'fault.name' }));
  });
});

describe('what becomes of a segment', () => {
  test('it is lost, and sent again', async () => {
    const network = simulateNetwork();
    let isFirst = true;
    const dropFirst: Fault = {
      judge: ({ kind }) => {
        if (kind !== 'DATA' || !isFirst) return undefined;
        isFirst = false;
        return { lost: true };
      },
    };
    network.fault({}, dropFirst);
    expect(await greeting(network)).toBe('hi');
    expect(story(network)).toEqual(expect.arrayContaining(['b:80 → a:32768 DATA 2 (lost)', 'b:80 → a:32768 DATA 2']));
  });

  test('it is held, and goes on', async () => {
    const network = simulateNetwork();
    network.host('b');
    const takeBack = network.fault({ from: 'b' }, stall());
    network.clock.after(100, takeBack);
    expect(await greeting(network)).toBe('hi');
    expect(story(network)).toEqual(
      expect.arrayContaining(['b:80 → a:32768 SYN-ACK (held)', 'b → * FAULT-END stall()', 'b:80 → a:32768 SYN-ACK']),
    );
  });

  test('it resets the connection', async () => {
    const network = simulateNetwork({ report: () => {} });
    network.fault({}, reset());
    await expect(greeting(network)).rejects.toMatchObject({ _tag: 'ConnectionReset' });
    expect(story(network)).toContain('b:80 → a:32768 DATA 2 (reset)');
  });

  test('it has another byte', async () => {
    const network = simulateNetwork();
    network.fault({}, corrupt());
    expect(await greeting(network)).not.toBe('hi');
    expect(story(network)).toContain('b:80 → a:32768 DATA 2 (corrupted)');
  });

  test('a host that is off says nothing, not even a reset to what was on its way', async () => {
    const network = simulateNetwork();
    const { transport } = network.host('b');
    const server = serve({ port: 80, transport }, ({ incoming }) => incoming).subscribe({ error: () => {} });
    const client = connect({ host: 'b', port: 80, transport: network.host('a').transport }).subscribe({
      next: (connection) => {
        connection.write('into the void');
        // When the bytes are on their way.
        network.clock.after(0.5, () => network.crash('b'));
      },
    });
    await network.settle();
    expect(story(network)).toEqual(expect.arrayContaining(['b CRASH', 'a:32768 → b:80 DATA 13']));
    expect(network.trace()).not.toContain('RST');
    client.unsubscribe();
    server.unsubscribe();
  });
});

test.each([
  [2, '… 1 older entry was dropped\n       0.000 a RESTART\n       0.000 a CRASH'],
  [1, '… 2 older entries were dropped\n       0.000 a CRASH'],
  [3, '       0.000 a CRASH\n       0.000 a RESTART\n       0.000 a CRASH'],
])('a trace of at most %d entries says how many are missing', (traceLimit, text) => {
  const network = simulateNetwork({ traceLimit });
  network.host('a');
  network.crash('a');
  network.restart('a');
  network.crash('a');
  expect(network.trace()).toBe(text);
});

describe('the trace as JSON', () => {
  test('says what the entries say, and more than the text', async () => {
    const network = simulateNetwork({ latency: 10 });
    network.host('b');
    const takeBack = network.fault({ from: 'b' }, delay(5));
    expect(await greeting(network)).toBe('hi');
    takeBack();
    const entries: unknown = JSON.parse(network.trace({ format: 'json' }));
    expect(entries).toEqual(network.traceEntries().map((entry) => JSON.parse(JSON.stringify(entry)) as unknown));
    expect(entries).toContainEqual({
      time: 35,
      from: 'b:80',
      to: 'a:32768',
      what: 'DATA',
      size: 2,
      fate: 'arrives',
      arrives: 50,
    });
    expect(entries).toContainEqual({ time: 0, from: 'b', to: '*', what: 'FAULT', size: 0, detail: 'delay(5)' });
    // One line an entry, as for the text.
    expect(network.trace({ format: 'json' }).split('\n').length).toBe(network.trace().split('\n').length + 2);
  });

  test('of nothing is an empty array', () => {
    expect(simulateNetwork().trace({ format: 'json' })).toBe('[]');
  });

  test.each([
    ['format', { format: 'xml' }],
    ['formatt', { formatt: 'json' }],
  ])('a wrong %s', (option, options) => {
    expect(() => simulateNetwork().trace(options as never)).toThrow(expect.objectContaining({ option }));
  });
});
