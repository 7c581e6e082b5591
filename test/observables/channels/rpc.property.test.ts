import * as fc from 'fast-check';
import type { Subscription } from 'rxjs';
import { describe, expect, test } from 'vitest';

import { ConnectionReset, currentUpstream, rpc, type Rpc } from '../../../src/index.ts';
import { HandClock, listenerCount } from '../support/resources.ts';
import { tick, turn } from '../support/wait.ts';
import { type FakeChannel, fakeChannel, type Message } from './support.ts';

// Whatever happens in whatever order: each request ends exactly once, with answers of its own only, and nothing is left behind.

const NUM_RUNS = process.env['RXJS_NET_LONG'] === '1' ? 10_000 : 200;

type Step =
  | { readonly type: 'ask'; readonly deadline: number | undefined; readonly signal: boolean; readonly holds: boolean }
  | { readonly type: 'answer'; readonly which: number; readonly part: 'more' | 'last' | 'end' }
  | { readonly type: 'give up'; readonly which: number }
  | { readonly type: 'release a hold' }
  | { readonly type: 'advance'; readonly ms: number }
  | { readonly type: 'abort' | 'stall' | 'open' | 'tick' };

const index = fc.nat(1_000);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('ask' as const),
      deadline: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
      signal: fc.boolean(),
      holds: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('answer' as const),
      which: index,
      part: fc.constantFrom('more' as const, 'last' as const, 'end' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('give up' as const), which: index }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('release a hold' as const) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 15 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constantFrom('abort' as const, 'stall' as const, 'open' as const, 'tick' as const),
    }),
  },
);

const ending = fc.constantFrom('reset', 'FIN', 'destroy', 'release', 'garbage', 'answer all', 'give up all');

/** One request, and what became of it. */
interface Asked {
  readonly text: string;
  readonly answers: string[];
  subscription: Subscription | undefined;
  ends: string[];
  givenUp: boolean;
}

class Run {
  readonly clock = new HandClock();
  readonly all: Asked[] = [];
  readonly releases: (() => void)[] = [];
  abort = new AbortController();
  readonly aborts = [this.abort];
  private answered = 0;
  private readonly fake: FakeChannel;
  private readonly client: Rpc<string, Message, unknown>;
  private readonly inOrder: boolean;
  /** The peer's answers to each id, or to each request in order, that may still come. */
  private readonly done = new Set<number>();

  constructor(fake: FakeChannel, client: Rpc<string, Message, unknown>, inOrder: boolean, clock: HandClock) {
    this.fake = fake;
    this.client = client;
    this.inOrder = inOrder;
    this.clock = clock;
  }

  async do(one: Step): Promise<void> {
    switch (one.type) {
      case 'ask':
        this.ask(one);
        break;
      case 'answer':
        this.answer(one.which, one.part);
        break;
      case 'give up': {
        const asked = this.all[one.which % Math.max(1, this.all.length)];
        if (asked === undefined) break;
        asked.givenUp = true;
        asked.subscription?.unsubscribe();
        break;
      }
      case 'release a hold':
        this.releases.shift()?.();
        break;
      case 'advance':
        this.clock.advance(one.ms);
        break;
      case 'abort':
        this.abort.abort();
        this.abort = new AbortController();
        this.aborts.push(this.abort);
        break;
      case 'stall':
        this.fake.link.stall();
        break;
      case 'open':
        this.fake.link.open();
        break;
      case 'tick':
        await tick();
        break;
    }
  }

  private ask({ deadline, signal, holds }: Step & { type: 'ask' }): void {
    const asked: Asked = {
      text: `request ${this.all.length}`,
      answers: [],
      subscription: undefined,
      ends: [],
      givenUp: false,
    };
    this.all.push(asked);
    const options = { ...(deadline !== undefined && { deadline }), ...(signal && { signal: this.abort.signal }) };
    asked.subscription = this.client.request(asked.text, options).subscribe({
      next: ({ text = '' }) => {
        expect(asked.ends).toEqual([]);
        asked.answers.push(text);
        const upstream = currentUpstream();
        if (holds && upstream !== null) this.releases.push(upstream.hold());
      },
      error: (error: { _tag: string }) => asked.ends.push(error._tag),
      complete: () => asked.ends.push('complete'),
    });
  }

  /** Answers one of the requests that have left, as a peer would that keeps to the protocol. */
  answer(which: number, part: 'more' | 'last' | 'end'): void {
    const { link } = this.fake;
    const open = this.fake.sent().flatMap((message, at) => (this.done.has(at) ? [] : [{ message, at }]));
    const chosen = open[this.inOrder ? 0 : which % Math.max(1, open.length)];
    if (chosen === undefined || !link.reading || link.closed) return;
    if (part !== 'more') this.done.add(chosen.at);
    const { id, text } = chosen.message;
    this.fake.answer({ ...(id !== undefined && { id }), text: `${text}: ${this.answered++}`, part });
  }

  async end(how: string): Promise<void> {
    const { link, dial } = this.fake;
    switch (how) {
      case 'reset':
        link.close('broken', new ConnectionReset());
        break;
      case 'FIN':
        while (!link.reading && this.releases.length > 0) this.releaseAll();
        await tick();
        if (link.reading) link.deliverEnd();
        break;
      case 'destroy':
        dial.unsubscribe();
        break;
      case 'release':
        this.client.release();
        break;
      case 'garbage':
        this.releaseAll();
        await tick();
        if (link.reading) link.deliver('{"id":\n');
        break;
      case 'answer all':
        for (
          let left = 2_000;
          left > 0 && this.all.some(({ ends, givenUp }) => ends.length === 0 && !givenUp);
          left--
        ) {
          link.open();
          this.releaseAll();
          await tick();
          this.answer(0, 'last');
        }
        break;
      case 'give up all':
        for (const asked of this.all) {
          asked.givenUp = true;
          asked.subscription?.unsubscribe();
        }
        break;
    }
    await turn();
    this.releaseAll();
    await turn();
  }

  private releaseAll(): void {
    while (this.releases.length > 0) this.releases.shift()?.();
  }
}

describe.each([
  ['by id', false],
  ['by order', true],
])('%s', (_name, inOrder) => {
  test('each request ends once, with its own answers, and nothing is left', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 80 }),
        ending,
        fc.record({
          maxInFlight: fc.integer({ min: 1, max: 6 }),
          maxWaiting: fc.nat(6),
          maxKept: fc.integer({ min: 1, max: 3 }),
        }),
        fc.constantFrom('hold' as const, 'fail' as const),
        fc.boolean(),
        async (steps, how, limits, whenBehind, cancels) => {
          const clock = new HandClock();
          const fake = await fakeChannel({ clock, highWaterMark: 100 });
          const shared = { ...limits, whenBehind, part: ({ part = 'last' }: Message) => part } as const;
          const ids = { assign: (text: string, id: number) => ({ id, text }), idOf: ({ id }: Message) => id };
          // What is said of a request that was given up is one message more; this peer answers it like any other.
          const cancel = cancels ? { cancel: (id: number): Message => ({ id, text: 'cancel', part: 'end' }) } : {};
          const client: Rpc<string, Message, unknown> = inOrder
            ? asText(rpc(fake.channel, shared))
            : rpc(fake.channel, { ...shared, ...ids, ...cancel, unmatched: () => {} });
          const run = new Run(fake, client, inOrder, clock);
          for (const one of steps) await run.do(one);
          await run.end(how);
          for (const { text, answers, ends, givenUp } of run.all) {
            if (givenUp) expect(ends.length).toBeLessThanOrEqual(1);
            else expect(ends).toHaveLength(1);
            for (const answer of answers) expect(answer.startsWith(`${text}: `)).toBe(true);
          }
          expect(client.waiting).toBe(0);
          if (how !== 'answer all' && how !== 'give up all' && how !== 'FIN' && how !== 'garbage') {
            expect(client.inFlight).toBe(0);
          }
          if (!inOrder) expect(client.inFlight).toBe(0);
          expect(run.aborts.reduce((sum, { signal }) => sum + listenerCount(signal), 0)).toBe(0);
          fake.dial.unsubscribe();
          await turn();
          expect(clock.pending).toBe(0);
        },
      ),
      { numRuns: NUM_RUNS },
    );
  });
});

/** An `rpc` by order asks with a text as well. */
function asText(client: Rpc<Message, Message, unknown>): Rpc<string, Message, unknown> {
  return {
    request: (text: string, options: object = {}) => client.request({ text }, options),
    get inFlight() {
      return client.inFlight;
    },
    get waiting() {
      return client.waiting;
    },
    release: () => client.release(),
  };
}
