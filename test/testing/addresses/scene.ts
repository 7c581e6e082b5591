import type { Address } from '../../../src/core/endpoint.ts';
import type { NetFailure } from '../../../src/core/failures/index.ts';
import type {
  Binding,
  DialOptions,
  Link,
  LinkHandler,
  LookupFunction,
  Transport,
} from '../../../src/core/transport.ts';

/** Stands for a port of the scene: 1 for its first port, 0 for any, `client` for the one that the last dial got. */
type PortName = number | 'client';

/** One step of a scene. What it leaves open stays open until the scene ends, or `close`. */
export type Step =
  | {
      readonly bind: string | undefined;
      readonly port?: PortName;
      readonly ipv6Only?: boolean;
      readonly reusePort?: boolean;
    }
  /** Dials; `shown` dials the address that the last listener or the last accepted or dialled connection shows. */
  | {
      readonly dial: string | { readonly shown: 'listener' | 'local' | 'remote' | 'acceptedLocal' };
      readonly port?: PortName;
      readonly localAddress?: string;
      readonly localPort?: PortName;
      readonly family?: 0 | 4 | 6;
      readonly autoSelectFamily?: boolean;
      readonly lookup?: LookupFunction;
    }
  /** Closes listeners, or connections: by `client` the side that dialled ends first, by `reset` nothing is left. */
  | { readonly close: 'listeners' | 'clients first' | 'servers first' | 'reset' };

export type Scene = readonly Step[];

interface Party {
  readonly link: Link;
  readonly closed: Promise<void>;
}

/** How long a step may take before it counts as unanswered, in ms. */
const LIMIT = 3_000;

/** Runs a scene over a transport: what each step came to, with ports by name. */
export async function play(transport: Transport, scene: Scene, ports: readonly number[]): Promise<string[]> {
  const run = new Run(transport, ports);
  const results: string[] = [];
  try {
    for (const step of scene) results.push(await run.take(step));
  } finally {
    await run.end();
  }
  return results;
}

class Run {
  private readonly transport: Transport;
  private readonly names = new Map<number, string>([[0, '0']]);
  private readonly ports: readonly number[];
  private bindings: { readonly binding: Binding; readonly closed: Promise<void> }[] = [];
  private clients: Party[] = [];
  private servers: Party[] = [];
  private readonly acceptWaiters: ((link: Link) => void)[] = [];
  private readonly unasked: Link[] = [];
  private lastListener: Address | undefined;
  private clientPort = 0;

  constructor(transport: Transport, ports: readonly number[]) {
    this.transport = transport;
    this.ports = ports;
    for (const port of ports) this.nameOf(port);
  }

  take(step: Step): Promise<string> {
    if ('bind' in step) return this.bind(step);
    if ('dial' in step) return this.dial(step);
    return this.close(step.close);
  }

  async end(): Promise<void> {
    for (const { link } of [...this.clients, ...this.servers]) link.reset();
    for (const { binding } of this.bindings) binding.close();
    await Promise.all([...this.clients, ...this.servers, ...this.bindings].map(({ closed }) => closed));
  }

  private portOf(name: PortName | undefined): number {
    if (name === 'client') return this.clientPort;
    return name === 0 ? 0 : (this.ports[(name ?? 1) - 1] ?? 0);
  }

  private nameOf(port: number | undefined): string {
    if (port === undefined) return '-';
    const known = this.names.get(port);
    if (known !== undefined) return known;
    const name = this.names.size <= this.ports.length ? String(this.names.size) : 'any';
    if (name !== 'any') this.names.set(port, name);
    return name;
  }

  private shown(address: Address | undefined): string {
    if (address === undefined) return 'nothing';
    if ('path' in address) return address.path;
    return `${address.family} [${address.address}]:${this.nameOf(address.port)}`;
  }

  private failed({ _tag, code, syscall, address, port, cause }: NetFailure): string {
    const message = cause instanceof Error ? cause.message : '';
    const masked = message.replaceAll(/:(\d{4,5})\b/g, (_all, digits: string) => `:${this.nameOf(Number(digits))}`);
    return `${_tag} ${code} ${syscall} ${address} ${this.nameOf(port)} "${masked}"`;
  }

  private bind(step: Extract<Step, { bind: unknown }>): Promise<string> {
    const { bind: host, ipv6Only, reusePort } = step;
    return new Promise((resolve) => {
      let close = (): void => {};
      const closed = new Promise<void>((done) => (close = done));
      const binding = this.transport.bind(
        { host, port: this.portOf(step.port) },
        { ipv6Only, reusePort, backlog: 511 },
        {
          onListening: (address) => {
            this.lastListener = address;
            resolve(`listens on ${this.shown(address)}`);
          },
          onAccepted: (link) => this.accepted(link),
          onAcceptFailed: (failure) => resolve(`accept: ${this.failed(failure)}`),
          onClosed: (failure) => {
            if (failure !== undefined) resolve(`bind: ${this.failed(failure)}`);
            close();
          },
        },
      );
      this.bindings.push({ binding, closed });
    });
  }

  private accepted(link: Link): LinkHandler {
    const { handler, closed } = quiet(link);
    this.servers.push({ link, closed });
    const waiter = this.acceptWaiters.shift();
    if (waiter === undefined) this.unasked.push(link);
    else waiter(link);
    return handler;
  }

  /** The other end; undefined when there is none, which is so where a connection is one with itself. */
  private nextAccepted(): Promise<Link | undefined> {
    const link = this.unasked.shift();
    if (link !== undefined || this.bindings.length === 0) return Promise.resolve(link);
    return new Promise((resolve) => void this.acceptWaiters.push(resolve));
  }

  private target(step: Extract<Step, { dial: unknown }>): { host: string; port: number } {
    if (typeof step.dial === 'string') return { host: step.dial, port: this.portOf(step.port) };
    const { shown } = step.dial;
    const client = this.clients.at(-1)?.link;
    const server = this.servers.at(-1)?.link;
    const address = {
      listener: () => this.lastListener,
      local: () => client?.local,
      remote: () => client?.remote,
      acceptedLocal: () => server?.local,
    }[shown]();
    if (address === undefined || 'path' in address) throw new Error(`nothing shows ${shown}`);
    return { host: address.address, port: address.port };
  }

  private async dial(step: Extract<Step, { dial: unknown }>): Promise<string> {
    const { localAddress, localPort, family, autoSelectFamily, lookup } = step;
    const options: DialOptions = {
      localAddress,
      localPort: localPort === undefined ? undefined : this.portOf(localPort),
      family,
      autoSelectFamily,
      lookup,
    };
    const result = await new Promise<string | Link>((resolve) => {
      let close = (): void => {};
      let end = (): void => {};
      const closed = new Promise<void>((done) => (close = done));
      const ended = new Promise<void>((done) => (end = done));
      const link = this.transport.dial(this.target(step), options, {
        onConnected: () => {
          // Otherwise a FIN is never seen.
          link.startReading();
          ENDED.set(link, ended);
          this.clients.push({ link, closed });
          resolve(link);
        },
        onData() {},
        onEnd: () => end(),
        onWritten() {},
        onClosed: (failure) => {
          end();
          resolve(failure === undefined ? 'closed' : `dial: ${this.failed(failure)}`);
          close();
        },
      });
      this.transport.clock.after(LIMIT, () => {
        resolve('unanswered');
        if (link.remote === undefined) link.destroy();
      });
    });
    if (typeof result === 'string') return result;
    const dialled = `${this.shown(result.local)} -> ${this.shown(result.remote)}`;
    if (result.local !== undefined && 'port' in result.local) this.clientPort = result.local.port;
    const accepted = await this.nextAccepted();
    if (accepted === undefined) return `${dialled}, accepted by nothing`;
    return `${dialled}, accepted ${this.shown(accepted.local)} <- ${this.shown(accepted.remote)}`;
  }

  private async close(what: Extract<Step, { close: unknown }>['close']): Promise<string> {
    if (what === 'listeners') {
      const { bindings } = this;
      this.bindings = [];
      for (const { binding } of bindings) binding.close();
      await Promise.all(bindings.map(({ closed }) => closed));
      return 'closed';
    }
    const { clients, servers } = this;
    this.clients = [];
    this.servers = [];
    const [first, second] = what === 'servers first' ? [servers, clients] : [clients, servers];
    if (what === 'reset') for (const { link } of first) link.reset();
    else for (const { link } of first) link.end();
    // Each end answers the other's FIN.
    await Promise.all(second.map(({ link }) => untilEnded(link)));
    for (const { link } of second) link.end();
    await Promise.all([...clients, ...servers].map(({ closed }) => closed));
    return 'closed';
  }
}

const ENDED = new WeakMap<Link, Promise<void>>();

function untilEnded(link: Link): Promise<void> {
  return ENDED.get(link) ?? Promise.resolve();
}

/** Reads and throws away. */
function quiet(link: Link): { readonly handler: LinkHandler; readonly closed: Promise<void> } {
  let close = (): void => {};
  let ended = (): void => {};
  const closed = new Promise<void>((done) => (close = done));
  ENDED.set(link, new Promise<void>((done) => (ended = done)));
  queueMicrotask(() => link.startReading());
  return {
    closed,
    handler: {
      onData() {},
      onEnd: () => ended(),
      onWritten() {},
      onClosed: () => {
        ended();
        close();
      },
    },
  };
}
