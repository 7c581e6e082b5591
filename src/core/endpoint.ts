/** A TCP endpoint. `host` is a name or an IP address; without it each operation has its own default. */
export interface TcpEndpoint {
  readonly port: number;
  readonly host?: string | undefined;
}

/** An IPC endpoint: a Unix domain socket, or a named pipe on Windows. */
export interface IpcEndpoint {
  readonly path: string;
}

/** A socket that the process has inherited, by its file descriptor. */
export interface DescriptorEndpoint {
  readonly fd: number;
}

/** Where to connect to or to listen. */
export type Endpoint = TcpEndpoint | IpcEndpoint | DescriptorEndpoint;

/** One end of a TCP connection as the system reports it. */
export interface SocketAddress {
  readonly address: string;
  readonly family: 'IPv4' | 'IPv6';
  readonly port: number;
}

/** One end of an IPC connection. */
export interface IpcAddress {
  readonly path: string;
}

/** An address as the system reports it. */
export type Address = SocketAddress | IpcAddress;

/** `host:port`, `[v6]:port` or the path: how an address is shown in messages. */
export function formatAddress(address: Address | undefined): string {
  if (address === undefined) return '(unknown)';
  if ('path' in address) return address.path === '' ? '(unnamed)' : address.path;
  return address.family === 'IPv6' ? `[${address.address}]:${address.port}` : `${address.address}:${address.port}`;
}
