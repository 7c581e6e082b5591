import { checkPort, refuse, refuseUnknown } from '../core/options/index.ts';
import type { Fault } from './faults.ts';
import type { Host } from './host.ts';
import type { Network } from './network.ts';
import type { FaultPlace } from './rules.ts';
import type { TraceKind } from './trace.ts';

/** What can be made to go wrong on a network, checked and noted in its trace. */
export class FaultControl {
  private readonly network: Network;
  private readonly partitions = new Map<string, () => void>();

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

  partition(one: string, other: string): () => void {
    this.known(one);
    this.known(other);
    const pair = pairOf(one, other);
    const present = this.partitions.get(pair);
    if (present !== undefined) return present;
    const judge: Fault['judge'] = ({ from, to }) => (pairOf(from, to) === pair ? { lost: true } : undefined);
    const remove = this.install({}, { judge }, 'PARTITION', 'HEAL', [one, other]);
    const heal = (): void => {
      remove();
      if (this.partitions.get(pair) === heal) this.partitions.delete(pair);
    };
    this.partitions.set(pair, heal);
    return heal;
  }

  heal(one?: string, other?: string): void {
    if (one === undefined || other === undefined) {
      for (const heal of this.partitions.values()) heal();
      return;
    }
    this.known(one);
    this.known(other);
    this.partitions.get(pairOf(one, other))?.();
  }

  crash(name: string): void {
    const host = this.known(name);
    if (host.isDown) return;
    this.network.noteEvent('CRASH', name);
    host.crash();
  }

  restart(name: string): void {
    const host = this.known(name);
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
