import { DecodeFailed, type FrameTruncated, InvalidOptions } from '../../core/failures/index.ts';
import { checkInteger, refuse, refuseUnknown } from '../../core/options/index.ts';
import { incomplete, type Incomplete, type Window } from './byte-window.ts';
import { checkFraming } from './check-options.ts';
import { isParts } from './frame-parts.ts';
import type { Decoder, Frame, Framing } from './framing.ts';
import { makeFraming } from './make-framing.ts';

/** One of the framings of `choose`. */
export interface Choice<F extends AnyFraming = AnyFraming> {
  /** The byte in front of its messages, from 0 to 255. */
  readonly tag: number;
  readonly framing: F;
}

type AnyFraming = Framing<unknown, never, unknown>;

/** The choices of `choose`, by the name of the type of message. */
export type Choices = Readonly<Record<string, Choice>>;

/** What `choose` reads: a type, which is the name of a choice, and a message of its framing. */
export type ChosenIn<C extends Choices> = {
  readonly [T in keyof C]: {
    readonly type: T;
    readonly message: C[T]['framing'] extends Framing<infer In, never, unknown> ? In : never;
  };
}[keyof C];

/** What `choose` writes. */
export type ChosenOut<C extends Choices> = {
  readonly [T in keyof C]: { readonly type: T; readonly message: Parameters<C[T]['framing']['encode']>[0] };
}[keyof C];

/** What the framings of the choices can add. */
type FailuresOf<C extends Choices> = {
  readonly [T in keyof C]: C[T]['framing'] extends Framing<unknown, never, infer X> ? X : never;
}[keyof C];

/**
 * Messages of several kinds in one stream: a byte in front of each says which framing the rest of
 * it has.
 *
 * A message is `{ type, message }`, where `type` is the name of the choice. It adds what the
 * framings add, `DecodeFailed` for a byte that is none of the tags, and `FrameTruncated`.
 *
 * @example
 * ```ts
 * import { choose, jsonLines, lengthPrefixed } from 'rxjs-net';
 * import { from } from 'rxjs-net/rx';
 *
 * const wire = choose({
 *   control: { tag: 0x01, framing: jsonLines() },
 *   data: { tag: 0x02, framing: lengthPrefixed({ bytes: 4 }) },
 * });
 *
 * from([Buffer.from('\x01{"stop":false}\n\x02\0\0\0\x03abc')])
 *   .pipe(wire)
 *   .subscribe((frame) => {
 *     if (frame.type === 'data') console.log(frame.message.length);
 *     else console.log(frame.message);
 *   });
 * // => { stop: false }
 * // => 3
 * ```
 */
export function choose<const C extends Choices>(
  choices: C,
): Framing<ChosenIn<C>, ChosenOut<C>, DecodeFailed | FailuresOf<C> | FrameTruncated> {
  return makeFraming(() => {
    const table = readChoices(choices);
    let maxLength = 0;
    for (const { framing } of table.values()) maxLength = Math.max(maxLength, framing.maxLength);
    return {
      maxLength,
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each name goes with its own framing: `ChosenIn` says no more
      decoder: () => new ChoiceDecoder(table) as Decoder<ChosenIn<C>>,
      encode: (message: ChosenOut<C>) => encodeChosen(message, table),
    };
  });
}

/** By name. */
type Table = ReadonlyMap<string, Choice>;

function readChoices(choices: Choices): Table {
  refuseUnknown(choices, typeof choices === 'object' && (choices as unknown) !== null ? Object.keys(choices) : []);
  const table = new Map(Object.entries(choices));
  if (table.size === 0) refuse('choices', choices, 'an object with a choice or more');
  const names = new Map<number, string>();
  for (const [name, choice] of table) {
    refuseUnknown(choice, ['tag', 'framing'], name);
    const { tag, framing } = choice;
    checkInteger(`${name}.tag`, tag, 0, 255);
    const other = names.get(tag);
    if (other !== undefined) refuse(`${name}.tag`, tag, `another than that of ${other}`);
    names.set(tag, name);
    checkFraming(`${name}.framing`, framing);
    // Its options may be wrong, which nobody but itself can tell.
    framing.decoder();
  }
  return table;
}

// ---- reading

interface Chosen {
  readonly type: string;
  readonly message: unknown;
}

interface Branch {
  readonly type: string;
  readonly decoder: Decoder<unknown>;
}

class ChoiceDecoder implements Decoder<Chosen> {
  private readonly branches = new Map<number, Branch>();

  constructor(table: Table) {
    for (const [type, { tag, framing }] of table) this.branches.set(tag, { type, decoder: framing.decoder() });
  }

  decode(window: Window): Chosen | Incomplete {
    const { type, decoder } = this.branchOf(window);
    if (window.length === 1) return incomplete;
    const { start } = window;
    window.start++;
    const message = decoder.decode(window);
    if (message !== incomplete) return { type, message };
    window.start = start;
    if (window.wanted > 0) window.wanted++;
    return incomplete;
  }

  decodeEnd(window: Window): Chosen | Incomplete {
    const { type, decoder } = this.branchOf(window);
    if (window.length === 1 || decoder.decodeEnd === undefined) return incomplete;
    const { start } = window;
    window.start++;
    const message = decoder.decodeEnd(window);
    if (message !== incomplete) return { type, message };
    // Behind a tag there is a message, or the stream was cut.
    window.start = start;
    return incomplete;
  }

  private branchOf(window: Window): Branch {
    const tag = window.at(0) ?? 0;
    const branch = this.branches.get(tag);
    if (branch === undefined) {
      throw new DecodeFailed({
        where: 'byte 0',
        reason: `0x${tag.toString(16).padStart(2, '0')} is the tag of nothing`,
      });
    }
    return branch;
  }
}

// ---- writing

function encodeChosen(chosen: { readonly type: PropertyKey; readonly message: unknown }, table: Table): Frame {
  const candidate: unknown = chosen;
  const choice = typeof candidate === 'object' && candidate !== null ? table.get(String(chosen.type)) : undefined;
  if (choice === undefined) {
    const types = [...table.keys()].join(', ');
    throw new InvalidOptions({ option: 'message', value: chosen, allowed: `an object whose type is one of ${types}` });
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `ChosenOut` says that the message goes with the type
  const frame = choice.framing.encode(chosen.message as never);
  const tag = Uint8Array.of(choice.tag);
  return isParts(frame) ? [tag, ...frame] : [tag, frame];
}
