import { checkDuration, checkRate, checkSize, refuseUnknown } from '../core/options/index.ts';
import type { Fault, Passage, Route, Verdict } from './faults.ts';
import type { Random } from './random.ts';

/** Between whom a fault is; what is left out is any host. */
export interface FaultPlace {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Only connections one of whose ends has this port: those of a server, or the one whose client was given it. */
  readonly port?: number | undefined;
}

interface Rule {
  readonly place: FaultPlace;
  readonly fault: Fault;
}

/**
 * The faults that are installed, in order. The first one that says `{}`, or what becomes of the segment for good (lost, held, reset),
 * has the last word; before that delays add up, and the lowest rate counts.
 */
export class RuleList {
  private rules: readonly Rule[] = [];

  get isEmpty(): boolean {
    return this.rules.length === 0;
  }

  /** Installs one; what is returned takes it back. */
  add(place: FaultPlace, fault: Fault): () => void {
    const rule = { place, fault };
    // A list of its own each time: a rule may be taken back while they are asked.
    this.rules = [...this.rules, rule];
    return () => {
      this.rules = this.rules.filter((each) => each !== rule);
    };
  }

  /** Undefined when none has anything to say of it. */
  judge(passage: Passage): Verdict | undefined {
    let sum: Verdict | undefined;
    for (const { place, fault } of this.rules) {
      if (!isAt(place, passage)) continue;
      const said = fault.judge(passage);
      if (said === undefined) continue;
      checkVerdict(said);
      sum = sum === undefined ? said : plus(sum, said);
      if (isFinal(said)) break;
    }
    return sum;
  }

  mostBytes(route: Route, direction: object, random: Random): number {
    let most = Number.POSITIVE_INFINITY;
    for (const { place, fault } of this.rules) {
      if (!isAt(place, route)) continue;
      const said = fault.mostBytes?.(direction, random);
      if (said === undefined) continue;
      if (checkSize('mostBytes', said, { infinity: true }) === Number.POSITIVE_INFINITY) break;
      most = Math.min(most, said);
    }
    return most;
  }
}

const VERDICT_NAMES = ['lost', 'held', 'reset', 'corrupted', 'delay', 'bytesPerSecond'];

/** Faults may be the user's own: a segment of no bytes, or one that arrives before it was sent, would go on for ever. */
function checkVerdict(said: Verdict): void {
  refuseUnknown(said, VERDICT_NAMES, 'verdict');
  const { delay, bytesPerSecond } = said;
  if (delay !== undefined) checkDuration('verdict.delay', delay, { zero: true });
  if (bytesPerSecond !== undefined) checkRate('verdict.bytesPerSecond', bytesPerSecond);
}

function isAt(place: FaultPlace, { from, to, fromPort, toPort }: Route): boolean {
  return (
    (place.from === undefined || place.from === from) &&
    (place.to === undefined || place.to === to) &&
    (place.port === undefined || place.port === fromPort || place.port === toPort)
  );
}

function isFinal(said: Verdict): boolean {
  return said.lost === true || said.held === true || said.reset === true || Object.keys(said).length === 0;
}

function plus(sum: Verdict, said: Verdict): Verdict {
  const rates = [sum.bytesPerSecond, said.bytesPerSecond].filter((rate) => rate !== undefined);
  return {
    ...sum,
    ...said,
    delay: (sum.delay ?? 0) + (said.delay ?? 0),
    ...(rates.length > 0 && { bytesPerSecond: Math.min(...rates) }),
  };
}
