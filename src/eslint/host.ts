// What the rule uses of ESLint, of typescript-eslint's parser and of the compiler behind it.
// Written down here, because none of the three is needed to install, load or compile this package.

export interface Node {
  readonly type: string;
  /** None of the program itself. */
  readonly parent?: Node | null;
  readonly range: readonly [start: number, end: number];
}

interface Typed extends Node {
  readonly typeAnnotation?: Node;
}

export interface Identifier extends Typed {
  readonly name: string;
}

export interface Call extends Node {
  readonly callee: Node;
  readonly arguments: readonly Node[];
}

export interface Member extends Node {
  readonly object: Node;
  readonly property: Node;
  readonly computed: boolean;
}

export interface FunctionLike extends Node {
  readonly generator: boolean;
  readonly params: readonly Node[];
  readonly body: Node;
  readonly returnType?: Node;
}

interface Import extends Node {
  readonly specifiers: readonly Node[];
  readonly source: Node & { readonly value: string };
  readonly importKind?: 'type' | 'value';
}

/** The kinds of nodes that the rule looks into. */
interface Kinds {
  readonly ArrayExpression: Node & { readonly elements: readonly (Node | null)[] };
  readonly ArrowFunctionExpression: FunctionLike;
  readonly AssignmentExpression: Node & { readonly operator: string; readonly left: Node; readonly right: Node };
  readonly AssignmentPattern: Node & { readonly left: Node; readonly right: Node };
  readonly CallExpression: Call;
  readonly BlockStatement: Node;
  readonly ConditionalExpression: Node & { readonly consequent: Node; readonly alternate: Node };
  readonly FunctionDeclaration: FunctionLike;
  readonly FunctionExpression: FunctionLike;
  readonly Identifier: Identifier;
  readonly ImportDeclaration: Import;
  readonly ImportSpecifier: Node & {
    readonly local: Node;
    readonly imported: Node;
    readonly importKind?: 'type' | 'value';
  };
  readonly LogicalExpression: Node & { readonly left: Node; readonly right: Node };
  readonly MemberExpression: Member;
  readonly NewExpression: Call;
  readonly ObjectExpression: Node & { readonly properties: readonly Node[] };
  readonly Property: Node & { readonly value: Node };
  readonly PropertyDefinition: Typed & { readonly value: Node | null };
  readonly ReturnStatement: Node & { readonly argument: Node | null };
  readonly SpreadElement: Node & { readonly argument: Node };
  readonly TSAsExpression: Node & { readonly expression: Node };
  readonly TSTypeAssertion: Node & { readonly expression: Node };
  readonly ThrowStatement: Node & { readonly argument: Node };
  readonly TryStatement: Node & { readonly block: Node; readonly handler: Node | null };
  readonly VariableDeclarator: Node & { readonly id: Typed; readonly init: Node | null };
}

export type Kind = keyof Kinds;
export type NodeOf<K extends Kind> = Kinds[K];

/** Whether a node is of one of the kinds. */
export const isNode = <K extends Kind>(node: Node | null | undefined, ...kinds: readonly K[]): node is Kinds[K] =>
  (kinds as readonly string[]).includes(node?.type ?? '');

export const isFunction = (node: Node | null | undefined): node is FunctionLike =>
  isNode(node, 'ArrowFunctionExpression', 'FunctionExpression', 'FunctionDeclaration');

// ------------------------------------------------------------------------------------------------- the compiler

export interface TsNode {
  readonly name?: { readonly text?: string };
  readonly parent?: TsNode;
  getSourceFile(): { readonly fileName: string };
}

export interface TsSymbol {
  readonly name: string;
  readonly declarations?: readonly TsNode[];
}

export interface Signature {
  readonly parameters: readonly TsSymbol[];
  readonly declaration?: TsNode;
  getReturnType(): Type;
}

export interface Type {
  readonly flags: number;
  readonly symbol?: TsSymbol;
  readonly aliasSymbol?: TsSymbol;
  /** Of a union or an intersection. */
  readonly types?: readonly Type[];
  /** Of a literal type. */
  readonly value?: unknown;
  /** Of an instance of a generic type: that type. */
  readonly target?: Type;
  isUnion(): boolean;
  isIntersection(): boolean;
  getCallSignatures(): readonly Signature[];
}

export interface Checker {
  getBaseConstraintOfType(type: Type): Type | undefined;
  getContextualType(node: TsNode): Type | undefined;
  getNonNullableType(type: Type): Type;
  getPropertiesOfType(type: Type): readonly TsSymbol[];
  getResolvedSignature(call: TsNode): Signature | undefined;
  getTypeArguments(reference: Type): readonly Type[];
  getTypeOfSymbol(symbol: TsSymbol): Type;
  isArrayType(type: Type): boolean;
  isTupleType(type: Type): boolean;
}

/** Flags of a type. The compiler's public enumeration has had these numbers since TypeScript 2. */
export const flags = { any: 1, unknown: 2, never: 131_072, typeParameter: 262_144 } as const;

// ----------------------------------------------------------------------------------------------------- the linter

/** What typescript-eslint's parser gives to a rule, if it has type information. */
export interface ParserServices {
  readonly program?: { getTypeChecker(): Checker } | null;
  readonly esTreeNodeToTSNodeMap?: { get(node: Node): TsNode };
  readonly getTypeAtLocation?: (node: Node) => Type;
}

export interface Fixer {
  insertTextAfter(node: Node, text: string): unknown;
  remove(node: Node): unknown;
  removeRange(range: readonly [number, number]): unknown;
  replaceText(node: Node, text: string): unknown;
}

export interface Suggestion {
  readonly messageId: string;
  readonly data: Readonly<Record<string, string>>;
  readonly fix: (fixer: Fixer) => unknown;
}

export interface Report {
  readonly node: Node;
  readonly messageId: string;
  readonly data: Readonly<Record<string, string>>;
  readonly suggest?: readonly Suggestion[];
}

export interface Context {
  readonly sourceCode: {
    readonly ast: Node & { readonly body: readonly Node[] };
    readonly parserServices: ParserServices;
    getText(node: Node): string;
  };
  report(report: Report): void;
}

export type Listeners = { readonly [K in Kind]?: (node: Kinds[K]) => void };
