// What the programs of the corpus take as given, and what tells what their types say. Copied beside them.
import type { Observable } from 'rxjs';
import type { Connection, Flow } from 'rxjs-net';

export class Outer extends Error {
  readonly _tag = 'Outer';
}

export class Inner extends Error {
  readonly _tag = 'Inner';
}

export declare const outer: Flow<number, Outer>;
export declare const inner: Flow<string, Inner>;
export declare const connection: Connection;
export declare const chunks: Observable<Buffer>;
export declare const yes: boolean;

type Tag<E> = E extends { readonly _tag: infer T extends string } ? T : 'something without a tag';

type Compared<Said, Missing extends string, Extra extends string> = [Missing] extends [never]
  ? [Extra] extends [never]
    ? 'kept'
    : `widened by ${Extra}`
  : [Said] extends [never]
    ? 'LOST all'
    : [Extra] extends [never]
      ? `LOST ${Missing}`
      : `WRONG has ${Extra} wants ${Missing}`;

/**
 * What a type says of what can fail, as the type of a text: a mark that is assigned to it is an error whose message
 * names the text. Of several tags it is a union, of one text each.
 */
export type VerdictOf<Said, Possible> = 0 extends 1 & Said
  ? 'any'
  : unknown extends Said
    ? 'unknown'
    : Compared<Said, Exclude<Tag<Possible>, Tag<Said>>, Exclude<Tag<Said>, Tag<Possible>>>;
