import type { Random } from './random.ts';
import type { Segment } from './wire.ts';

/** What the rules say of one segment. */
export interface Verdict {
  readonly lost: boolean;
  readonly delay: number;
  readonly bytesPerSecond: number | undefined;
}

const PASS: Verdict = { lost: false, delay: 0, bytesPerSecond: undefined };

/** One fault; `undefined` says nothing of this segment. */
export type Rule = (from: string, to: string, segment: Segment, random: Random) => Partial<Verdict> | undefined;

/** The faults that are installed, in order. The first one that loses a segment has the last word; delays add up. */
export class RuleList {
  private rules: readonly Rule[] = [];

  /** Installs one; what is returned takes it back. */
  add(rule: Rule): () => void {
    // A list of its own each time: a rule may be taken back while they are asked.
    this.rules = [...this.rules, rule];
    return () => {
      this.rules = this.rules.filter((each) => each !== rule);
    };
  }

  judge(from: string, to: string, segment: Segment, random: Random): Verdict {
    if (this.rules.length === 0) return PASS;
    let delay = 0;
    let bytesPerSecond: number | undefined;
    for (const rule of this.rules) {
      const said = rule(from, to, segment, random);
      if (said?.lost === true) return { lost: true, delay: 0, bytesPerSecond: undefined };
      delay += said?.delay ?? 0;
      const rate = said?.bytesPerSecond;
      if (rate !== undefined) bytesPerSecond = Math.min(rate, bytesPerSecond ?? rate);
    }
    return { lost: false, delay, bytesPerSecond };
  }
}
