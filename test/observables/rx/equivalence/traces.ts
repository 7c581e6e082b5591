import * as rxjs from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { expect, it } from 'vitest';

import * as paced from '../../../../src/rx.ts';

/** RxJS, or `rxjs-net/rx` by the types of RxJS: both are called the same. */
export type Rx = typeof rxjs;

const ours = paced as unknown as Rx;

type Helpers = Parameters<Parameters<TestScheduler['run']>[0]>[0];

/** What a program may use. */
export interface Tools {
  readonly rx: Rx;
  readonly cold: (marbles: string, values?: Readonly<Record<string, string>>) => rxjs.Observable<string>;
  readonly hot: (marbles: string) => rxjs.Observable<string>;
  readonly time: Helpers['time'];
  readonly scheduler: TestScheduler;
  /** Notes something, with its frame. */
  readonly log: (...what: unknown[]) => void;
  /** Subscribes, and notes all that comes. */
  readonly watch: (name: string, flow: rxjs.Observable<unknown>, unsubscribeAt?: number) => rxjs.Subscription;
  /** An observer that notes all that comes. */
  readonly observer: (name: string) => rxjs.Observer<unknown>;
  /** An Observable that notes when it is subscribed to and when it is torn down. */
  readonly noted: <A>(name: string, flow: rxjs.ObservableInput<A>) => rxjs.Observable<A>;
}

/** A program over either library, which is deterministic in virtual time. */
export type Program = (tools: Tools) => void;

/** All that a program noted, and when which of its marbles were subscribed to. */
export function trace(rx: Rx, program: Program): unknown[] {
  const seen: unknown[] = [];
  const scheduler = new TestScheduler(() => undefined);
  scheduler.run((helpers) => {
    const log = (...what: unknown[]): void => void seen.push([scheduler.now(), ...what.map(plain)]);
    const marbles: { subscriptions: unknown }[] = [];
    const observer = (name: string): rxjs.Observer<unknown> => ({
      next: (value) => log(name, 'next', value),
      error: (error: unknown) => log(name, 'error', error),
      complete: () => log(name, 'complete'),
    });
    const kept = <F extends { subscriptions: unknown }>(made: F): F => {
      marbles.push(made);
      return made;
    };
    const cold: Tools['cold'] = (text, values) => kept(helpers.cold(text, values));
    const hot: Tools['hot'] = (text) => kept(helpers.hot(text));
    const noted = <A>(name: string, flow: rxjs.ObservableInput<A>): rxjs.Observable<A> =>
      new rxjs.Observable((subscriber) => {
        log(name, 'subscribed', subscriber.closed);
        subscriber.add(() => log(name, 'torn down'));
        return rxjs.from(flow).subscribe(subscriber);
      });
    const watch: Tools['watch'] = (name, flow, unsubscribeAt) => {
      const subscription = flow.subscribe(observer(name));
      if (unsubscribeAt !== undefined) scheduler.schedule(() => subscription.unsubscribe(), unsubscribeAt);
      return subscription;
    };
    const tools = { rx, scheduler, log, watch, observer, noted, time: helpers.time };
    try {
      program({ ...tools, cold, hot });
    } catch (error) {
      log('thrown', error);
    }
    helpers.flush();
    for (const { subscriptions } of marbles) seen.push(subscriptions);
  });
  return seen;
}

/** Errors by their class, since messages are each library's own. */
function plain(value: unknown): unknown {
  if (rxjs.isObservable(value)) return 'an Observable';
  if (typeof value === 'function') return 'a function';
  return value instanceof Error ? `${value.name} ${value.constructor.name}` : value;
}

/** One test for each program: it does with `rxjs-net/rx` what it does with RxJS. */
export function sameAsRxjs(programs: Readonly<Record<string, Program>>): void {
  it.each(Object.entries(programs))('%s', (_, program) => {
    const theirs = trace(rxjs, program);
    expect(theirs).not.toEqual([]);
    expect(trace(ours, program)).toEqual(theirs);
  });
}

/** As `sameAsRxjs`, for programs in real time; each ends by itself. */
export function sameAsRxjsLater(programs: Readonly<Record<string, LaterProgram>>): void {
  it.each(Object.entries(programs))('%s', async (_, program) => {
    const theirs = await traceLater(rxjs, program);
    expect(theirs).not.toEqual([]);
    expect(await traceLater(ours, program)).toEqual(theirs);
  });
}

/** A program of promises, iterations and streams. */
export type LaterProgram = (rx: Rx, log: (...what: unknown[]) => void) => unknown;

async function traceLater(rx: Rx, program: LaterProgram): Promise<unknown[]> {
  const seen: unknown[] = [];
  const log = (...what: unknown[]): void => void seen.push(what.map(plain));
  try {
    const last: unknown = program(rx, log);
    log('returned');
    if (rxjs.isObservable(last)) {
      await new Promise<void>((resolve) => {
        last.subscribe({
          next: (value) => log('next', value),
          error: (error: unknown) => resolve(log('error', error)),
          complete: () => resolve(log('complete')),
        });
        log('subscribed');
      });
    } else await last;
  } catch (error) {
    log('thrown', error);
  }
  return seen;
}
