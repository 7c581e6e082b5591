// The simulated network does what every provider must: the suite of the operating system's, unchanged.
import { simulateNetwork } from '../../src/testing/index.ts';
import { describeProvider, type ProviderUnderTest } from '../core/provider-suite.ts';

const simulated = (options: Parameters<typeof simulateNetwork>[0]) => (): ProviderUnderTest => {
  const network = simulateNetwork(options);
  const { transport } = network.host('alone');
  let paths = 0;
  return {
    transport,
    tcpEndpoint: () => ({ host: '127.0.0.1', port: 0 }),
    ipcEndpoint: () => ({ path: `/run/${paths++}.sock` }),
    deafAddress: () => '127.0.0.2',
    settle: () => network.settle(),
    dispose: () => {},
  };
};

describeProvider('simulated', simulated({}));
describeProvider(
  'simulated, small odd chunks',
  simulated({ seed: 3, chunking: { least: 1_000, most: 9_000 }, window: 30_000 }),
);
