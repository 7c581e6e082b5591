export { clockScheduler } from './clock-scheduler.ts';
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
  slice,
  slowClose,
  stall,
  type Verdict,
} from './faults.ts';
export type { FaultPlace } from './rules.ts';
export type { RunOptions } from './run-options.ts';
export type { SimulateNetworkOptions } from './settings.ts';
export {
  simulateNetwork,
  type SimulatedHost,
  type SimulatedHostOptions,
  type SimulatedNetwork,
} from './simulate-network.ts';
export { VirtualClock } from './virtual-clock.ts';
