/**
 * One program of a few lines, and what its type says about its failures.
 *
 * Its names of RxJS come from one module, `rxjs-net/rx` or `rxjs`: see `programs.ts`. A name behind `own.` comes from
 * `rxjs-net/rx` in both. `outer`, `inner`, `connection` and the like are declared in `world.ts`.
 */
export interface Row {
  readonly name: string;
  /** A type: the failures that can come. */
  readonly fails: string;
  /** An expression, or statements that declare `result`. */
  readonly program: string;
  /** What the type says where the names come from `rxjs-net/rx`. */
  readonly says: Verdict;
  /** What it says where they come from `rxjs`. */
  readonly plain: Verdict;
}

/**
 * `kept`: what can come is what the type says. `refused to forget`: does not compile, and the message is to begin with
 * `from(source)`. `refused`: does not compile, with another message. `unknown`: the type is `unknown`, which `runFlow` refuses.
 * The others are followed by tags: `widened by` what can't come; `LOST` what can come; `WRONG has … wants …` both.
 * `beyond types: LOST …`: no type can say it; listed with the reason in the decision on what is beyond types.
 */
export type Verdict =
  | 'kept'
  | 'refused to forget'
  | 'refused'
  | 'unknown'
  | `widened by ${string}`
  | `LOST ${string}`
  | `WRONG has ${string} wants ${string}`
  | `beyond types: LOST ${string}`;
