export {
  simulateNetwork,
  type SimulatedHost,
  type SimulatedNetwork,
  type SimulateNetworkOptions,
} from './simulate-network.ts';
export { VirtualClock } from './virtual-clock.ts';
