import { checkPort, refuse, refuseUnknown } from '../core/options/index.ts';
import type { Fault } from './faults.ts';
import type { Host } from './host.ts';
import type { Network } from './network.ts';
import type { FaultPlace } from './rules.ts';
import type { TraceKind } from './trace.ts';

/** No way between two hosts, and who wants it so. */
interface Partition {
  readonly hosts: readonly [string, string];
  readonly guards: Set<object>;
  readonly remove: () => void;
}

/** What can be made to go wrong on a network, checked and noted in its trace. */
export class FaultControl {
  private readonly network: Network;
  private readonly partitions = new Map<string, Partition>();
  /** Who wants a host to be down; it is up again when nobody does. */
  private readonly crashes = new Map<string, Set<object>>();

  constructor(network: Network) {
    this.network = network;
  }

  fault(place: FaultPlace, fault: Fault): () => void {
    this.checkPlace(place);
    if (typeof (fault as Partial<Fault> | null | undefined)?.judge !== 'function')
      refuse('fault', fault, 'a fault, such as delay(50)');
    const { name = 'fault' } = fault;
    if (typeof name !== 'string' || /[\r\n]/.test(name)) refuse('fault.name', name, 'text of one line');
    const { from = '*', to = '*', port } = place;
    const detail = port === undefined ? name : `${name} at port ${port}`;
    return this.install(place, fault, 'FAULT', 'FAULT-END', [from, to, detail]);
  }

  checkPlace(place: FaultPlace): void {
    refuseUnknown(place, ['from', 'to', 'port'], 'place');
    if (place.from !== undefined) this.known(place.from, 'from');
    if (place.to !== undefined) this.known(place.to, 'to');
    if (place.to !== undefined && place.to === place.from)
      refuse('to', place.to, 'another host than "from": what a host says to itself always passes');
    // A numeric string, which a port may be elsewhere, would match none.
    if (place.port !== undefined && checkPort('port', place.port) !== place.port)
      refuse('port', place.port, 'a number from 1 to 65535');
  }

  /** Installs it, and notes in the trace when it begins and when it ends. */
  private install(
    place: FaultPlace,
    fault: Fault,
    begins: TraceKind,
    ends: TraceKind,
    noted: readonly [from: string, to: string, detail?: string],
  ): () => void {
    const { network } = this;
    const remove = network.addFault(place, fault);
    let there = true;
    network.noteEvent(begins, ...noted);
    return () => {
      if (!there) return;
      there = false;
      network.noteEvent(ends, ...noted);
      remove();
    };
  }

  /** What is returned takes back this call; of several between the same hosts the last one heals. */
  partition(one: string, other: string): () => void {
    this.known(one);
    this.known(other);
    if (one === other) refuse('host', other, `another host than "${one}": what a host says to itself always passes`);
    const pair = pairOf(one, other);
    const partition = this.partitions.get(pair) ?? this.divide(one, other);
    this.partitions.set(pair, partition);
    const guard = {};
    partition.guards.add(guard);
    return () => {
      if (partition.guards.delete(guard) && partition.guards.size === 0) this.end(partition);
    };
  }

  private divide(one: string, other: string): Partition {
    const pair = pairOf(one, other);
    const judge: Fault['judge'] = ({ from, to }) => (pairOf(from, to) === pair ? { lost: true } : undefined);
    const remove = this.install({}, { judge }, 'PARTITION', 'HEAL', [one, other]);
    return { hosts: [one, other], guards: new Set(), remove };
  }

  private end({ hosts, guards, remove }: Partition): void {
    guards.clear();
    this.partitions.delete(pairOf(...hosts));
    remove();
  }

  /** All partitions of the hosts that are named, of one or between two, or all there are. */
  heal(one?: string, other?: string): void {
    const named = [one, other].filter((name) => name !== undefined);
    for (const name of named) this.known(name);
    for (const partition of this.partitions.values())
      if (named.every((name) => partition.hosts.includes(name))) this.end(partition);
  }

  /** It is down until it is restarted, or until what is returned, and all that other calls returned, was called. */
  crash(name: string): () => void {
    const host = this.known(name);
    const wanted = this.crashes.get(name) ?? new Set();
    this.crashes.set(name, wanted);
    const guard = {};
    wanted.add(guard);
    if (!host.isDown) {
      this.network.noteEvent('CRASH', name);
      host.crash();
    }
    return () => {
      if (wanted.delete(guard) && wanted.size === 0) this.restart(name);
    };
  }

  restart(name: string): void {
    const host = this.known(name);
    this.crashes.get(name)?.clear();
    this.crashes.delete(name);
    if (!host.isDown) return;
    this.network.noteEvent('RESTART', name);
    host.restart();
  }

  /** The host of that name; fails when there is none. */
  known(name: string, option = 'host'): Host {
    const host = this.network.find(name);
    if (host !== undefined) return host;
    const names = this.network.allHosts().map((each) => `"${each.name}"`);
    return refuse(option, name, `the name of a host of this network (${names.join(', ') || 'there is none yet'})`);
  }
}

const pairOf = (one: string, other: string): string => [one, other].toSorted().join(' ');
