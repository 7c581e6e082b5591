export { checkHints, checkIP } from './check-dial.ts';
export {
  checkCount,
  checkDuration,
  checkInteger,
  checkPort,
  checkRate,
  checkSize,
  type NumberAllowance,
} from './check-numbers.ts';
export { checkPath } from './check-path.ts';
export { checkBoolean, checkFunction, checkOneOf, checkSignal, checkString, isSignal } from './check-values.ts';
export { readConnectOptions } from './read-connect.ts';
export { readListenOptions } from './read-listen.ts';
export { refuse } from './refuse.ts';
export { refuseUnknown } from './refuse-unknown.ts';
export type {
  ConnectEndpointOptions,
  DescriptorConnectOptions,
  DescriptorListenOptions,
  IpcConnectOptions,
  IpcListenOptions,
  ListenEndpointOptions,
  Port,
  SocketTuning,
  TcpConnectOptions,
  TcpListenOptions,
} from './types.ts';
