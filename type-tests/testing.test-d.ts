import { type Observable, type SchedulerLike, timer } from 'rxjs';
import { type Clock, systemClock } from 'rxjs-net';
import { clockScheduler, simulateNetwork, type SimulatedNetwork, VirtualClock } from 'rxjs-net/testing';
import { expectError, expectType } from 'tsd';

// ---- time

const network = simulateNetwork();
expectType<SimulatedNetwork>(network);
expectType<VirtualClock>(network.clock);
expectType<VirtualClock>(simulateNetwork({ seed: 1, clock: new VirtualClock() }).clock);
expectType<Clock>(simulateNetwork({ clock: systemClock }).clock);
expectType<SchedulerLike>(network.scheduler);
expectType<SchedulerLike>(clockScheduler(systemClock));
expectType<Observable<0>>(timer(5, network.scheduler));
expectError(simulateNetwork({ clock: 'real' }));
expectError(simulateNetwork({ clock: network.scheduler }));
expectError(simulateNetwork({ clock: systemClock }).clock.advance(1));

expectType<Promise<number>>(network.run(() => 1));
expectType<Promise<string>>(network.run(async () => '', { globalTimers: true }));
expectType<Promise<string>>(network.run(async () => '', { globalTimers: { startDate: new Date() } }));
expectError(network.run(() => 1, { globalTimers: 'yes' }));
expectError(network.run(() => 1, { globalTimers: {} }));
