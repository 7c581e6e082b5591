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
  stall,
  type Verdict,
} from './faults.ts';
export type { FaultPlace } from './rules.ts';
export type { SimulateNetworkOptions } from './settings.ts';
export { simulateNetwork, type SimulatedHost, type SimulatedNetwork } from './simulate-network.ts';
export { VirtualClock } from './virtual-clock.ts';
