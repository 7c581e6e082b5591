import { expect } from 'vitest';

import type { Address, Endpoint, IpcEndpoint, TcpEndpoint } from '../../../src/core/endpoint.ts';
import type { NetFailure } from '../../../src/core/failures/index.ts';
import type {
  BindHandler,
  Binding,
  BindOptions,
  Chunk,
  DialHandler,
  DialOptions,
  Link,
  LinkHandler,
  Transport,
} from '../../../src/core/transport.ts';

/** A provider, and what the suite has to ask of the network beneath it. */
export interface ProviderUnderTest {
  readonly transport: Transport;
  /** Where to bind over TCP: an IP address, and port 0. */
  tcpEndpoint(): TcpEndpoint;
  /** Where to bind over IPC: a path at which nothing is yet, another one each time. */
  ipcEndpoint(): IpcEndpoint;
  /** An IP address of the same family as `tcpEndpoint()`, at which nobody listens. */
  deafAddress(): string;
  /** Lets what is under way go on: virtual time is advanced, a real network gets some turns. */
  settle(): Promise<void>;
  dispose(): void | Promise<void>;
}

export type Kind = 'tcp' | 'ipc';

/** How long a test waits for one thing, in real time, before it says what it waited for. */
const PATIENCE = 10_000;

/** What a test does inside the callbacks of one party. */
export interface Hooks {
  connected?: (party: Party) => void;
  data?: (party: Party, chunk: Buffer) => void;
  end?: (party: Party) => void;
  written?: (party: Party) => void;
  closed?: (party: Party, failure: NetFailure | undefined) => void;
  lookup?: (party: Party) => void;
  attempt?: (party: Party) => void;
}

/**
 * One end of a connection. It records what happens and holds the provider to the laws that are true at every
 * moment, so that each test checks all of them.
 */
export class Party implements DialHandler {
  readonly name: string;
  readonly hooks: Hooks;
  /** The names of the calls, in order. */
  readonly log: string[] = [];
  readonly chunks: Buffer[] = [];
  received = 0;
  closed = false;
  failure: NetFailure | undefined = undefined;
  lookups: { failure: NetFailure | undefined; address: string | undefined; host: string }[] = [];
  attempts: string[] = [];
  failedAttempts: NetFailure[] = [];
  private readonly world: World;
  private current: Link | undefined = undefined;
  private inside = 0;
  private stands: boolean;
  private reading = false;
  private outstanding = false;
  private endAsked = false;
  private closeAsked = false;
  /** A failure is in order although this side closed. */
  mayFail = false;

  constructor(world: World, name: string, stands: boolean, hooks: Hooks) {
    this.world = world;
    this.name = name;
    this.stands = stands;
    this.hooks = hooks;
  }

  // ---- the link, watched

  get link(): Link {
    if (this.current === undefined) throw new Error(`${this.name} has no link yet`);
    return this.current;
  }

  get hasLink(): boolean {
    return this.current !== undefined;
  }

  take(link: Link): void {
    this.current = link;
  }

  /** Nothing may be called back inside a call of the link's own methods. */
  within<T>(call: () => T): T {
    this.inside++;
    try {
      return call();
    } finally {
      this.inside--;
    }
  }

  startReading(): void {
    this.reading = true;
    this.within(() => this.link.startReading());
  }

  stopReading(): void {
    this.reading = false;
    this.within(() => this.link.stopReading());
  }

  write(data: Chunk | readonly Chunk[]): boolean {
    if (this.outstanding && !this.closeAsked) throw new Error(`the test writes before ${this.name} may`);
    const taken = this.within(() => this.link.write(data));
    this.outstanding = !taken && !this.closed;
    return taken;
  }

  end(): void {
    this.endAsked = true;
    this.within(() => this.link.end());
  }

  reset(): void {
    this.closeAsked = true;
    this.within(() => this.link.reset());
  }

  destroy(): void {
    this.closeAsked = true;
    this.within(() => this.link.destroy());
  }

  // ---- what was received

  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }

  get text(): string {
    return this.bytes.toString();
  }

  /** What happened besides the way there, which each network reports as far as it can. */
  get story(): readonly string[] {
    return this.log.filter((event) => !['lookup', 'attempt', 'attemptFailed', 'connected'].includes(event));
  }

  count(event: string): number {
    return this.log.filter((each) => each === event).length;
  }

  // ---- the handler

  private note(event: string): void {
    this.world.stir();
    this.log.push(event);
    const broken = (rule: string): void => this.world.accuse(`${this.name}, ${event}: ${rule} (${this.log.join(' ')})`);
    if (this.inside > 0) broken('called inside a call of the link');
    if (this.closed) broken('called after onClosed');
    if (this.closeAsked && event !== 'closed') broken('called after destroy() or reset()');
    if (!this.stands && (event === 'data' || event === 'end' || event === 'written')) broken('called before it stood');
    if (event === 'data' && this.log.includes('end')) broken('data after the end');
    if ((event === 'data' || event === 'end') && !this.reading) broken('called although nothing is to be read');
    if (event === 'end' && this.count('end') > 1) broken('a second end');
    if (event === 'connected' && this.stands) broken('stands already');
    if (event === 'written' && !this.outstanding) broken('no write was outstanding');
  }

  onConnected(): void {
    this.note('connected');
    this.stands = true;
    this.hooks.connected?.(this);
  }

  onLookup(
    failure: NetFailure | undefined,
    address: string | undefined,
    _family: number | undefined,
    host: string,
  ): void {
    this.note('lookup');
    this.lookups.push({ failure, address, host });
    this.hooks.lookup?.(this);
  }

  onAttempt(address: string): void {
    this.note('attempt');
    this.attempts.push(address);
    this.hooks.attempt?.(this);
  }

  onAttemptFailed(_address: string, _port: number, _family: number, failure: NetFailure): void {
    this.note('attemptFailed');
    this.failedAttempts.push(failure);
  }

  onData(chunk: Buffer): void {
    this.note('data');
    if (!Buffer.isBuffer(chunk) || chunk.length === 0) this.world.accuse(`${this.name}: an empty chunk, or no Buffer`);
    this.chunks.push(chunk);
    this.received += chunk.length;
    if (this.current !== undefined && this.link.bytesRead !== this.received)
      this.world.accuse(`${this.name}: bytesRead is ${this.link.bytesRead}, ${this.received} were passed on`);
    this.hooks.data?.(this, chunk);
  }

  onEnd(): void {
    this.note('end');
    this.hooks.end?.(this);
  }

  onWritten(): void {
    this.note('written');
    this.outstanding = false;
    this.hooks.written?.(this);
  }

  onClosed(failure: NetFailure | undefined): void {
    this.note('closed');
    this.closed = true;
    this.outstanding = false;
    this.failure = failure;
    const orderly = this.endAsked && this.log.includes('end');
    if (failure === undefined && !this.closeAsked && !orderly)
      this.world.accuse(`${this.name}: closed without a failure, and without both FINs (${this.log.join(' ')})`);
    if (failure !== undefined && this.closeAsked && !this.mayFail)
      this.world.accuse(`${this.name}: closed from this side, yet with ${failure._tag}: ${failure.message}`);
    this.hooks.closed?.(this, failure);
  }
}

/** What a test does inside the callbacks of one binding. */
export interface DoorHooks {
  listening?: (door: Door) => void;
  /** Called with the party that the connection gets; `undefined` refuses it. */
  accepted?: (party: Party, door: Door) => Party | undefined;
  closed?: (door: Door) => void;
  /** The hooks of each accepted party. */
  party?: Hooks;
}

/** A bound endpoint, watched as a `Party` is. */
export class Door implements BindHandler {
  readonly log: string[] = [];
  readonly accepted: Party[] = [];
  readonly failedAccepts: NetFailure[] = [];
  readonly hooks: DoorHooks;
  closed = false;
  failure: NetFailure | undefined = undefined;
  private readonly world: World;
  private current: Binding | undefined = undefined;
  private reported: Address | undefined = undefined;
  private inside = 0;
  private closeAsked = false;

  constructor(world: World, hooks: DoorHooks) {
    this.world = world;
    this.hooks = hooks;
  }

  get binding(): Binding {
    if (this.current === undefined) throw new Error('there is no binding yet');
    return this.current;
  }

  get hasBinding(): boolean {
    return this.current !== undefined;
  }

  take(binding: Binding): void {
    this.current = binding;
  }

  within<T>(call: () => T): T {
    this.inside++;
    try {
      return call();
    } finally {
      this.inside--;
    }
  }

  close(): void {
    this.closeAsked = true;
    this.within(() => this.binding.close());
  }

  /** What `onListening` said. */
  get address(): Address {
    if (this.reported === undefined) throw new Error(`not listening (${this.log.join(' ')})`);
    return this.reported;
  }

  get port(): number {
    return 'port' in this.address ? this.address.port : 0;
  }

  /** Where to dial it. */
  get endpoint(): Endpoint {
    const { address } = this;
    return 'path' in address ? { path: address.path } : { host: address.address, port: address.port };
  }

  private note(event: string): void {
    this.world.stir();
    this.log.push(event);
    const broken = (rule: string): void => this.world.accuse(`binding, ${event}: ${rule} (${this.log.join(' ')})`);
    if (this.inside > 0) broken('called inside a call of the binding');
    if (this.closed) broken('called after onClosed');
    if (this.closeAsked && event !== 'closed') broken('called after close()');
  }

  onListening(address: Address): void {
    this.note('listening');
    this.reported = address;
    this.hooks.listening?.(this);
  }

  onAccepted(link: Link): LinkHandler | undefined {
    this.note('accepted');
    const party = this.world.addParty(
      new Party(this.world, `server ${this.accepted.length}`, true, this.hooks.party ?? {}),
    );
    party.take(link);
    const taken = this.hooks.accepted === undefined ? party : this.hooks.accepted(party, this);
    if (taken === undefined) this.world.forget(party);
    else this.accepted.push(party);
    return taken;
  }

  onAcceptFailed(failure: NetFailure): void {
    this.note('acceptFailed');
    this.failedAccepts.push(failure);
  }

  onClosed(failure: NetFailure | undefined): void {
    this.note('closed');
    this.closed = true;
    this.failure = failure;
    this.hooks.closed?.(this);
  }
}

export interface Pair {
  readonly client: Party;
  readonly server: Party;
  readonly door: Door;
}

/** Both ends of one connection, so that a test can be told for either. */
export type Side = 'client' | 'server';

/** What one test has: a provider, and everything that was opened with it. */
export class World {
  readonly provider: ProviderUnderTest;
  readonly kind: Kind;
  private readonly parties: Party[] = [];
  private readonly doors: Door[] = [];
  private readonly accusations: string[] = [];
  private events = 0;

  constructor(provider: ProviderUnderTest, kind: Kind) {
    this.provider = provider;
    this.kind = kind;
  }

  get isTcp(): boolean {
    return this.kind === 'tcp';
  }

  accuse(what: string): void {
    this.accusations.push(what);
  }

  stir(): void {
    this.events++;
  }

  addParty(party: Party): Party {
    this.parties.push(party);
    return party;
  }

  forget(party: Party): void {
    this.parties.splice(this.parties.indexOf(party), 1);
  }

  /** A place to bind. */
  place(): Endpoint {
    return this.isTcp ? this.provider.tcpEndpoint() : this.provider.ipcEndpoint();
  }

  bind(endpoint: Endpoint, options: BindOptions = {}, hooks: DoorHooks = {}): Door {
    const door = new Door(this, hooks);
    this.doors.push(door);
    door.take(door.within(() => this.provider.transport.bind(endpoint, options, door)));
    return door;
  }

  async listen(hooks: DoorHooks = {}, options: BindOptions = {}, endpoint = this.place()): Promise<Door> {
    const door = this.bind(endpoint, options, hooks);
    await this.until('the binding listens', () => door.log.length > 0);
    expect(door.log, door.failure?.message).toEqual(['listening']);
    return door;
  }

  dial(endpoint: Endpoint, options: DialOptions = {}, hooks: Hooks = {}): Party {
    const party = this.addParty(new Party(this, 'client', false, hooks));
    party.take(party.within(() => this.provider.transport.dial(endpoint, options, party)));
    return party;
  }

  /** A connection, and nothing read at either end. */
  async pair({ client = {}, server = {} }: { client?: Hooks; server?: Hooks } = {}): Promise<Pair> {
    const door = await this.listen({ party: server });
    return this.connect(door, client);
  }

  async connect(door: Door, hooks: Hooks = {}, options: DialOptions = {}): Promise<Pair> {
    const before = door.accepted.length;
    const party = this.dial(door.endpoint, options, hooks);
    await this.until('both ends stand', () => party.log.includes('connected') && door.accepted.length > before);
    const server = door.accepted[before];
    if (server === undefined) throw new Error('nothing was accepted');
    return { client: party, server, door };
  }

  /** The two parties of a pair, seen from one side. */
  async sides(side: Side, hooks: { near?: Hooks; far?: Hooks } = {}): Promise<{ near: Party; far: Party; door: Door }> {
    const { near = {}, far = {} } = hooks;
    if (side === 'client') {
      const { client, server, door } = await this.pair({ client: near, server: far });
      return { near: client, far: server, door };
    }
    const { client, server, door } = await this.pair({ client: far, server: near });
    return { near: server, far: client, door };
  }

  /** Until nothing is called any more. */
  async settle(): Promise<void> {
    let before: number;
    do {
      before = this.events;
      await this.provider.settle();
    } while (this.events !== before);
  }

  async until(what: string, isTrue: () => boolean): Promise<void> {
    const start = performance.now();
    while (!isTrue()) {
      if (performance.now() - start > PATIENCE) throw new Error(`still waiting until ${what}\n${this.describe()}`);
      await this.provider.settle();
    }
  }

  private describe(): string {
    return [
      ...this.doors.map((door) => `binding: ${door.log.join(' ')}`),
      ...this.parties.map((party) => `${party.name}: ${party.log.slice(-20).join(' ')} (${party.received} bytes)`),
      ...this.accusations,
    ].join('\n');
  }

  /** Closes what the test left; each link and binding must then report that it closed, once. */
  async finish(): Promise<void> {
    for (const party of this.parties) {
      // It may have failed already, and is only to say so.
      party.mayFail = true;
      if (!party.closed && party.hasLink) party.destroy();
    }
    for (const door of this.doors) if (!door.closed && door.hasBinding) door.close();
    await this.until('everything is closed', () => [...this.parties, ...this.doors].every((each) => each.closed));
    await this.settle();
    if (this.accusations.length > 0) throw new Error(this.accusations.join('\n'));
  }
}

/** Bytes of which no two places look alike. */
export function pattern(length: number): Buffer {
  const words = new Uint32Array(Math.ceil(length / 4));
  for (let index = 0; index < words.length; index++) words[index] = index * 2_654_435_761;
  return Buffer.from(words.buffer, 0, length);
}

/** Writes 64 KiB at a time until the system takes no more; what it took is in the result. */
export function fill(party: Party, chunk = pattern(65_536)): number {
  const most = 64 * 1024 * 1024;
  for (let taken = 0; taken < most; taken += chunk.length) if (!party.write(chunk)) return taken;
  throw new Error(`the provider took ${most} bytes for a peer that does not read`);
}
