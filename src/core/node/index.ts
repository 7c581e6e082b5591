export type { DriverName } from './driver.ts';
export { createNodeTransport, nodeTransport, type NodeTransportOptions } from './transport.ts';
