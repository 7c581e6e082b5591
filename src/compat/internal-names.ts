/** What only compat's own modules touch on a socket: keyed by symbols, so that programs and the platform don't meet it. */
export const LINK = Symbol('rxjs-net.link');
export const NET = Symbol('rxjs-net.net');
export const TIMER = Symbol('rxjs-net.timer');
export const ONREAD = Symbol('rxjs-net.onread');
export const NO_DELAY = Symbol('rxjs-net.noDelay');
export const KEEP_ALIVE = Symbol('rxjs-net.keepAlive');
export const TYPE_OF_SERVICE = Symbol('rxjs-net.typeOfService');
/** Stops following the signal; only sockets that have one have it. */
export const UNFOLLOW = Symbol('rxjs-net.unfollow');
/** What joins the writes of a socket that coalesces them; other sockets have none. */
export const COALESCER = Symbol('rxjs-net.coalescer');
/** Whether a server's sockets coalesce; a server that was not asked to has none. */
export const COALESCES = Symbol('rxjs-net.coalesces');
export const BYTES_READ = Symbol('rxjs-net.bytesRead');
export const BYTES_WRITTEN = Symbol('rxjs-net.bytesWritten');
/** Option of the constructor: the link of an accepted connection. */
export const ACCEPTED = Symbol('rxjs-net.accepted');
/** Option of the constructor: makes the link of a connection of ours; see `toSocket`. */
export const BRIDGE = Symbol('rxjs-net.bridge');
/** Marks the arguments of `connect` that have been normalised already. */
export const NORMALIZED = Symbol('rxjs-net.normalized');
