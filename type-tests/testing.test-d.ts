import { map, type Observable, type SchedulerLike, timer } from 'rxjs-net/rx';
import { type Clock, type Flow, lines, systemClock } from 'rxjs-net';
import {
  type ByteMarbles,
  type ByteSource,
  type DemandEvent,
  clockScheduler,
  hex,
  simulateNetwork,
  type SimulatedNetwork,
  VirtualClock,
} from 'rxjs-net/testing';
import { expectAssignable, expectError, expectType } from 'tsd';

// ---- time

const network = simulateNetwork();
expectType<SimulatedNetwork>(network);
expectType<VirtualClock>(network.clock);
expectType<VirtualClock>(simulateNetwork({ seed: 1, clock: new VirtualClock() }).clock);
expectType<Clock>(simulateNetwork({ clock: systemClock }).clock);
expectType<SchedulerLike>(network.scheduler);
expectType<SchedulerLike>(clockScheduler(systemClock));
expectType<Flow<0>>(timer(5, network.scheduler));
expectError(simulateNetwork({ clock: 'real' }));
expectError(simulateNetwork({ clock: network.scheduler }));
expectError(simulateNetwork({ clock: systemClock }).clock.advance(1));

expectType<Promise<number>>(network.run(() => 1));
expectType<Promise<string>>(network.run(async () => '', { globalTimers: true }));
expectType<Promise<string>>(network.run(async () => '', { globalTimers: { startDate: new Date() } }));
expectError(network.run(() => 1, { globalTimers: 'yes' }));
expectError(network.run(() => 1, { globalTimers: {} }));

// ---- marbles

declare const marbles: ByteMarbles;
const source = marbles.coldBytes('a-b|', { a: 'text', b: new Uint8Array(1) });
expectType<ByteSource>(source);
expectType<ByteSource>(marbles.hotBytes('a', { a: hex('00') }));
expectAssignable<Observable<Buffer>>(source);
expectType<Observable<DemandEvent>>(source.demand);
expectType<Buffer>(hex('00 01'));
expectError(marbles.coldBytes('a', { a: 5 }));
marbles.expectFlow(source.pipe(lines())).toBe('a#', { a: 'line' }, 'FrameTooLarge');
marbles.expectFlow(source.pipe(lines())).toBe('#', {}, new TypeError());
marbles.expectBytes(source).toBe('ab', { a: 'text', b: hex('00') });
marbles.expectDemand(source).toBe('^-h-r-!');
expectError(marbles.expectFlow(source.pipe(lines())).toBe('a', { a: 5 }));
expectError(marbles.expectFlow(source.pipe(lines())).toBe('#', {}, 'FrameTooLarg'));
expectError(marbles.expectBytes(source.pipe(lines(), map(Number))));
expectError(marbles.expectDemand(source.pipe(lines())));
