import type { Address } from '../core/endpoint.ts';
import type { InvalidOptions, LimitFailure, NetFailure, WriteFailure } from '../core/failures/index.ts';
import type { CloseInfo, Connection } from './connection.ts';
import type { Defect } from './failures/defect.ts';
import type { DrainReport, DroppedEvent } from './server.ts';

/** The server listens. */
export interface ListeningEvent {
  readonly type: 'listening';
  readonly address: Address;
}

/** A connection came in; its handler runs next. */
export interface OpenedEvent {
  readonly type: 'opened';
  readonly connection: Connection;
}

/**
 * A connection ended for a reason that is not in order: what its handler's output failed with, what sending that output failed with, or
 * a time limit of the options. A `Defect` has as its `cause` what a function threw. Nothing else is touched; `closed` follows.
 */
export interface FailedEvent<E = NetFailure> {
  readonly type: 'failed';
  readonly connection: Connection;
  readonly failure: E | WriteFailure | LimitFailure | InvalidOptions | Defect;
}

/** A connection has closed. */
export interface ClosedEvent {
  readonly type: 'closed';
  readonly connection: Connection;
  readonly info: CloseInfo;
}

/** The shutdown begins: nothing is accepted any more. */
export interface DrainingEvent {
  readonly type: 'draining';
  /** Connections that are open now. */
  readonly open: number;
  /** In so many ms the rest is cut. */
  readonly deadline: number;
}

/** The server has stopped and nothing is open any more; the last event, after which the flow completes. */
export interface StoppedEvent {
  readonly type: 'stopped';
  readonly report: DrainReport;
}

/** What happens on a server, discriminated by `type`. `E` is what the handler's output may fail with. */
export type ServeEvent<E = NetFailure> =
  ListeningEvent | OpenedEvent | FailedEvent<E> | ClosedEvent | DroppedEvent | DrainingEvent | StoppedEvent;
