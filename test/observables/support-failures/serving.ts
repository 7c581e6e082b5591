import type { ObservableInput } from 'rxjs';

import {
  type Chunk,
  type ClosedEvent,
  connect,
  type Connection,
  type ConnectOptions,
  type DroppedEvent,
  type FailedEvent,
  listen,
  type ListeningEvent,
  type ListenOptions,
  type OpenedEvent,
  serve,
  type ServeEvent,
  type ServeOptions,
  type Server,
  type StoppedEvent,
} from '../../../src/index.ts';
import type { Place } from './peers.ts';
import { record, type Recording } from './record.ts';
import { until } from './wait.ts';

type AnyEvent = ServeEvent<unknown>;
export type EventType = AnyEvent['type'];

interface EventByType {
  readonly listening: ListeningEvent;
  readonly opened: OpenedEvent;
  readonly failed: FailedEvent<unknown>;
  readonly closed: ClosedEvent;
  readonly dropped: DroppedEvent;
  readonly draining: Extract<AnyEvent, { readonly type: 'draining' }>;
  readonly stopped: StoppedEvent;
}

/** A `serve` that runs, and what it has told. */
export class Serving {
  readonly recording: Recording<AnyEvent>;

  constructor(recording: Recording<AnyEvent>) {
    this.recording = recording;
  }

  get place(): Place {
    const [first] = this.all('listening');
    if (first === undefined) throw new Error('it does not listen');
    const { address } = first;
    return 'port' in address ? { port: address.port } : { path: address.path };
  }

  get types(): EventType[] {
    return this.recording.values.map(({ type }) => type);
  }

  /** Events of one kind so far. */
  all<T extends EventType>(type: T): EventByType[T][] {
    return this.recording.values.filter((event): event is EventByType[T] & AnyEvent => event.type === type);
  }

  /** Waits for so many events of one kind. */
  async until<T extends EventType>(type: T, count = 1): Promise<EventByType[T][]> {
    await until(
      () => this.all(type).length >= count,
      () => `${count} times '${type}'; there are ${this.types.join(', ')}`,
    );
    return this.all(type);
  }

  /** Waits for one event of a kind, the last of `count`. */
  async one<T extends EventType>(type: T, count = 1): Promise<EventByType[T]> {
    const events = await this.until(type, count);
    return events[count - 1] as EventByType[T];
  }

  unsubscribe(): void {
    this.recording.unsubscribe();
  }
}

type Without<T> = T extends unknown ? Omit<T, 'port' | 'host' | 'path' | 'fd'> : never;

const at = (place: { readonly path?: string | undefined }): { port: 0; host: string } | { path: string } =>
  place.path === undefined ? { port: 0, host: '127.0.0.1' } : { path: place.path };

/** Serves on a free port of 127.0.0.1, or a path, and waits until it listens. */
export async function serving(
  handler: (connection: Connection) => ObservableInput<Chunk> | PromiseLike<Chunk | void> | void,
  options: Without<ServeOptions> & { readonly path?: string } = {},
): Promise<Serving> {
  const running = new Serving(record(serve({ ...options, ...at(options) } as ServeOptions, handler)));
  await until(
    () => running.all('listening').length > 0 || running.recording.ending !== undefined,
    'a server to listen',
  );
  if (running.all('listening').length === 0) await running.recording.completion();
  return running;
}

/** Listens on a free port of 127.0.0.1, or a path, and waits for the server. */
export async function listening(
  options: Without<ListenOptions> & { readonly path?: string } = {},
): Promise<{ readonly server: Server; readonly place: Place; readonly recording: Recording<Server> }> {
  const recording = record(listen({ ...options, ...at(options) } as ListenOptions));
  await recording.count(1);
  const [server] = recording.values;
  if (server === undefined) throw new Error('it does not listen');
  const { address } = server;
  return { server, place: 'port' in address ? { port: address.port } : { path: address.path }, recording };
}

/** Connects to what listens on 127.0.0.1 or a path, and waits until it stands. */
export async function connected(
  place: Place,
  options: Without<ConnectOptions> = {},
): Promise<{ readonly connection: Connection; readonly recording: Recording<Connection> }> {
  const target = 'port' in place ? { port: place.port, host: '127.0.0.1' } : place;
  const recording = record(connect({ ...options, ...target } as ConnectOptions));
  await until(() => recording.values.length > 0 || recording.ending !== undefined, 'a connection');
  const [connection] = recording.values;
  if (connection === undefined) throw new Error('not connected', { cause: await recording.failure() });
  return { connection, recording };
}

/** A handler that sends back what comes. */
export const echo = (connection: Connection): ObservableInput<Chunk> => connection.incoming;
