import type { AddressInfo, BlockList, DropArgument } from './node/platform-types.ts';

/** What a listener asks of its server for every connection that comes in, so that changes take effect at once. */
export interface StreamListenerSettings {
  readonly noDelay: boolean;
  readonly keepAlive: boolean;
  /** In whole seconds, as the system takes it. */
  readonly keepAliveInitialDelay: number;
  readonly blockList?: BlockList | undefined;
  /** Whether the next connection is one too many. */
  readonly isFull: boolean;
  /** In a worker of `cluster`: whether a surplus connection is closed instead of passed to another worker. */
  readonly dropMaxConnection?: boolean | undefined;
}

/** Where a listener finds its server's settings, and whom it tells; of nothing inside a call of `listen`. */
export interface StreamListenerOwner<Stream extends object> extends StreamListenerSettings {
  onListening(): void;
  /** Binding or accepting failed, with the error that the platform emits for it. */
  onError(error: Error): void;
  /** A connection stands, and nothing was read from it. `accepted` is what `StreamTransport.adopt` takes. */
  onAccepted(accepted: object): Stream;
  /** … and the one below it knows whom to tell: now others may learn of it. */
  onConnection(stream: Stream): void;
  /** A connection was refused: one too many. IPC connections have no addresses. */
  onDropped(addresses: DropArgument | undefined): void;
}

/** What a server of `src/compat` listens by: the operating system in all its details, or any transport. */
export interface StreamListener {
  /**
   * Takes the arguments of `net.Server.listen`, without a callback and without a signal.
   *
   * @throws what `net` throws for them; a binding that fails later is `onError`.
   */
  listen(args: readonly unknown[]): void;
  /** Bound; not while a name is still looked up. */
  readonly listening: boolean;
  address(): AddressInfo | string | null;
  /** Stops accepting at once, and gives up what is not bound yet. Accepted connections live on. */
  close(): void;
  ref(): void;
  unref(): void;
  /** By this the rest of the platform takes a server: child processes, `cluster`, `listen(server)`; null while not listening. */
  handle: unknown;
  /** What was asked for, as `6::::0`: by it a child process knows which server of its parent a socket came from. */
  readonly connectionKey: string | undefined;
}
