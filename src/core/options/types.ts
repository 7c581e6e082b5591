import type { LookupFunction } from '../transport.ts';

/** A port: a number, or its digits as text. */
export type Port = number | `${number}`;

/** Options that may not be given next to others. */
type Without<Names extends string> = { readonly [Name in Names]?: undefined };

/** Options of every socket, dialled or accepted. */
export interface SocketTuning {
  /**
   * Sends small writes at once instead of gathering them (Nagle's algorithm). TCP only.
   *
   * @defaultValue `false` (spec: `socket.setNoDelay`)
   */
  readonly noDelay?: boolean | undefined;
  /**
   * Lets the system probe a connection that is idle, so that a vanished peer is noticed. TCP only.
   *
   * @defaultValue `false` (spec: `socket.setKeepAlive`)
   */
  readonly keepAlive?: boolean | undefined;
  /**
   * How long a connection is idle before the first probe, in ms; the system counts whole seconds. Zero
   * leaves the system's own value. TCP only.
   *
   * @defaultValue `0` (spec: `socket.setKeepAlive`)
   */
  readonly keepAliveInitialDelay?: number | undefined;
  /** Aborts what was begun: a dial or a connection is destroyed, a listener is closed. */
  readonly signal?: AbortSignal | undefined;
}

/** Options that only a TCP connection has, besides `port`. */
interface TcpDialing {
  /**
   * The name or IP address to connect to.
   *
   * @defaultValue `'localhost'` (spec: `socket.connect(options)`)
   */
  readonly host?: string | undefined;
  /** The IP address of this machine to connect from (spec: `socket.connect(options)`). By default the system chooses. */
  readonly localAddress?: string | undefined;
  /** The port to connect from (spec: `socket.connect(options)`). By default, and for 0, the system chooses. */
  readonly localPort?: number | undefined;
  /**
   * The IP version: 4, 6, or 0 for either.
   *
   * @defaultValue either, both tried in turn as Node does. (The spec says 4, as Node did in 2017; its
   * `localhost` then never was `::1`.)
   */
  readonly family?: 0 | 4 | 6 | undefined;
  /** Flags for the lookup, from `node:dns`: `ADDRCONFIG`, `V4MAPPED`, `ALL` (spec: `socket.connect(options)`). */
  readonly hints?: number | undefined;
  /**
   * Looks up the host instead of `dns.lookup`.
   *
   * @defaultValue `dns.lookup` (spec: `socket.connect(options)`)
   */
  readonly lookup?: LookupFunction | undefined;
  /**
   * Tries the addresses of a host in turn until one answers ("happy eyeballs").
   *
   * @defaultValue what Node has as its default, which is on
   */
  readonly autoSelectFamily?: boolean | undefined;
  /**
   * How long one of these attempts may take before the next begins, in ms, 1 or more; Node takes less than 10 as 10.
   *
   * @defaultValue what Node has as its default: 250 or 500
   */
  readonly autoSelectFamilyAttemptTimeout?: number | undefined;
}

/** Connects over TCP. */
export interface TcpConnectOptions extends TcpDialing, SocketTuning, Without<'path' | 'fd'> {
  /** The port to connect to, 1 to 65535 (spec: `socket.connect(options)`). */
  readonly port: Port;
}

/** Connects over IPC. */
export interface IpcConnectOptions extends SocketTuning, Without<'port' | 'fd' | keyof TcpDialing> {
  /**
   * The path of a Unix domain socket, or the name of a Windows pipe (`\\.\pipe\…`). The name of an abstract
   * socket (Linux) begins with NUL. At most 107 bytes, 103 on macOS (spec: identifying paths for IPC connections).
   */
  readonly path: string;
}

/** Takes over a connected socket that the process has inherited. */
export interface DescriptorConnectOptions extends SocketTuning, Without<'port' | 'path' | keyof TcpDialing> {
  /** Its file descriptor (spec: `new net.Socket([options])`). */
  readonly fd: number;
}

/** Where to connect to, and how: over TCP by `port`, over IPC by `path`, or by an inherited descriptor. */
export type ConnectEndpointOptions = TcpConnectOptions | IpcConnectOptions | DescriptorConnectOptions;

/** Options of every listener. */
interface Listening extends SocketTuning {
  /**
   * How many connections may wait to be accepted; the system may set a lower bound.
   *
   * @defaultValue `511` (spec: `server.listen()`)
   */
  readonly backlog?: number | undefined;
  /**
   * In a cluster worker: does not share the endpoint with the other workers.
   *
   * @defaultValue `false` (spec: `server.listen(options)`)
   */
  readonly exclusive?: boolean | undefined;
}

/** Listens over TCP. */
export interface TcpListenOptions extends Listening, Without<'fd'> {
  /** The port to listen on; 0 for any that is free (spec: `server.listen(port, host)`). */
  readonly port: Port;
  /**
   * The address to listen on.
   *
   * @defaultValue every address: `::` where there is IPv6, else `0.0.0.0` (spec: `server.listen(port, host)`)
   */
  readonly host?: string | undefined;
  /** Ignored, since `port` is given (spec: `server.listen(options)`). */
  readonly path?: string | undefined;
  /**
   * On `::`, does not listen on IPv4 as well.
   *
   * @defaultValue `false`
   */
  readonly ipv6Only?: boolean | undefined;
  /**
   * Lets several processes listen on the same port, the system sharing out the connections. Linux and
   * BSD, from Node 22.12 on. Where Node or the system lacks it, `true` fails with `InvalidOptions`.
   *
   * @defaultValue `false`
   */
  readonly reusePort?: boolean | undefined;
}

/** Listens over IPC. */
export interface IpcListenOptions extends Listening, Without<'port' | 'fd' | 'host' | 'ipv6Only' | 'reusePort'> {
  /**
   * The path of the Unix domain socket to make, or the name of a Windows pipe (`\\.\pipe\…`). The name of an
   * abstract socket (Linux) begins with NUL. At most 107 bytes, 103 on macOS (spec: identifying paths for
   * IPC connections).
   */
  readonly path: string;
  /**
   * Lets every user read from the socket file; not for abstract sockets.
   *
   * @defaultValue `false`
   */
  readonly readableAll?: boolean | undefined;
  /**
   * Lets every user write to the socket file, which is what connecting takes; not for abstract sockets.
   *
   * @defaultValue `false`
   */
  readonly writableAll?: boolean | undefined;
}

/** Listens on a listening socket that the process has inherited. */
export interface DescriptorListenOptions
  extends Listening, Without<'port' | 'path' | 'host' | 'ipv6Only' | 'reusePort' | 'readableAll' | 'writableAll'> {
  /** Its file descriptor (spec: `server.listen(handle)`). Not on Windows. */
  readonly fd: number;
}

/** Where to listen, and how: over TCP by `port`, over IPC by `path`, or by an inherited descriptor. */
export type ListenEndpointOptions = TcpListenOptions | IpcListenOptions | DescriptorListenOptions;
