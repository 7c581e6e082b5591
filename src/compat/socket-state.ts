import { Duplex } from 'node:stream';

import { platformNet, shieldedPrototype } from '../core/node/platform.ts';
import type { OnReadOptions, PeerName, StreamChunk, StreamLink } from '../core/stream-link.ts';
import type { Coalescer } from './coalesced-writes.ts';
import type { IdleTimer } from './idle-timer.ts';
import type { KEEP_ALIVE, NET, NO_DELAY, ONREAD, TIMER, TYPE_OF_SERVICE, UNFOLLOW } from './internal-names.ts';
import { BYTES_READ, BYTES_WRITTEN, COALESCER, LINK } from './internal-names.ts';
import type { NetContext } from './net-context.ts';
import type { SocketMethods } from './socket-methods.ts';
import { sizeOfAll, sizeOfPending } from './socket-writing.ts';

/** Who made a socket and counts it: a server. */
export interface SocketServer {
  _connections: number;
  _emitCloseIfDrained?: () => void;
}

/** What is kept of a socket, and what it tells of itself. */
export abstract class SocketState extends Duplex {
  declare readonly [NET]: NetContext;
  declare [LINK]: StreamLink | null;
  declare [TIMER]: IdleTimer | null;
  declare [ONREAD]: OnReadOptions | null;
  declare [NO_DELAY]: boolean;
  declare [KEEP_ALIVE]: readonly unknown[] | null;
  declare [TYPE_OF_SERVICE]: number | undefined;
  declare [COALESCER]: Coalescer | undefined;
  declare [UNFOLLOW]: (() => void) | undefined;
  declare _aborted: boolean | undefined;
  declare [BYTES_READ]: number;
  declare [BYTES_WRITTEN]: number;
  declare connecting: boolean;
  declare timeout: number | undefined;
  declare server: unknown;
  declare blockList: unknown;
  declare autoSelectFamilyAttemptedAddresses: string[] | undefined;
  declare resetAndClosing: boolean | undefined;
  declare _hadError: boolean;
  declare _parent: SocketMethods | null | undefined;
  declare _host: string | null;
  declare _server: SocketServer | null;
  declare _pendingData: unknown;
  declare _pendingEncoding: string;
  declare _peername: PeerName | null | undefined;
  declare _sockname: object | null | undefined;

  get _connecting(): boolean {
    return this.connecting;
  }

  get pending(): boolean {
    return this[LINK] === null || this.connecting;
  }

  get readyState(): string {
    if (this.connecting) return 'opening';
    if (this.readable) return this.writable ? 'open' : 'readOnly';
    return this.writable ? 'writeOnly' : 'closed';
  }

  get bufferSize(): number | undefined {
    return (this[LINK] ?? null) === null ? undefined : this.writableLength;
  }

  get bytesRead(): number {
    return this[LINK]?.bytesRead ?? this[BYTES_READ];
  }

  get _bytesDispatched(): number {
    return this[LINK]?.bytesWritten ?? this[BYTES_WRITTEN];
  }

  get bytesWritten(): number | undefined {
    const waiting = (this as { writableBuffer?: readonly StreamChunk[] }).writableBuffer;
    if (waiting === undefined) return undefined;
    const joined = this[COALESCER]?.waitingBytes ?? 0;
    return this._bytesDispatched + joined + sizeOfAll(waiting) + sizeOfPending(this);
  }

  address(): object {
    return this._getsockname();
  }

  _getsockname(): object {
    const link = this[LINK];
    if (link === null) return {};
    return (this._sockname ??= link.address());
  }

  _getpeername(): PeerName {
    const link = this[LINK];
    if (link === null || this.connecting) return this._peername ?? {};
    if (this._peername === null || this._peername === undefined) {
      const peer = link.peer();
      if (peer.address === undefined) return peer;
      this._peername = peer;
    }
    return this._peername;
  }

  get remoteAddress(): string | undefined {
    return this._getpeername().address;
  }

  get remoteFamily(): string | undefined {
    return this._getpeername().family;
  }

  get remotePort(): number | undefined {
    return this._getpeername().port;
  }

  get localAddress(): string | undefined {
    return (this._getsockname() as PeerName).address;
  }

  get localFamily(): string | undefined {
    return (this._getsockname() as PeerName).family;
  }

  get localPort(): number | undefined {
    return (this._getsockname() as PeerName).port;
  }
}

// The platform's methods, which `Duplex` doesn't have, are not to be found behind ours.
Object.setPrototypeOf(SocketState.prototype, shieldedPrototype(platformNet.Socket.prototype, Duplex.prototype));
