export { clockScheduler } from './clock-scheduler.ts';
export type { DiagramOptions } from './diagram/options.ts';
export {
  corrupt,
  cutAfter,
  delay,
  drop,
  type Fault,
  limitRate,
  pass,
  type Passage,
  reset,
  type Route,
  slice,
  slowClose,
  stall,
  type Verdict,
} from './faults.ts';
export { exploreSeeds, type ExploreOptions, type SeededRun } from './explore-seeds.ts';
export type { FaultKind, FaultTime, PlacedFault, ScheduledFault } from './fault-schedule.ts';
export {
  type ByteMarbles,
  byteMarbles,
  type DemandExpectation,
  type FlowExpectation,
  type MarbleValues,
} from './marbles/byte-marbles.ts';
export type { ByteSource, DemandEvent } from './marbles/byte-source.ts';
export { hex } from './marbles/hex.ts';
export type { FaultPlan } from './made-up-faults.ts';
export { Random } from './random.ts';
export type { FaultPlace } from './rules.ts';
export type { RunOptions } from './run-options.ts';
export { SeedFailed } from './seed-failed.ts';
export type { SimulateNetworkOptions } from './settings.ts';
export {
  simulateNetwork,
  type SimulatedHost,
  type SimulatedHostOptions,
  type SimulatedNetwork,
  type TraceOptions,
} from './simulate-network.ts';
export type { Timeline } from './timeline.ts';
export type { SegmentFate, TraceEntry, TraceKind } from './trace.ts';
export { VirtualClock } from './virtual-clock.ts';
