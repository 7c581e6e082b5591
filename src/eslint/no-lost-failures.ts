import { isFlattener, isPromise, roles, takesLists } from './forgetful.ts';
import {
  type Call,
  type Checker,
  type Context,
  flags,
  type FunctionLike,
  isFunction,
  isNode,
  type Listeners,
  type Member,
  type Node,
  type Signature,
  type Suggestion,
  type TsNode,
  type Type,
} from './host.ts';
import { type MessageId, messages } from './messages.ts';
import type { Rule } from './rule.ts';
import { suggestImport } from './suggest-import.ts';
import { type Failures, isOfRxjs, none, type Types, typesOf } from './types-of.ts';

/** A called function, as the compiler resolves it. */
interface Callee {
  readonly name: string;
  /** Where it is declared. */
  readonly file: string;
  readonly signature: Signature;
}

const isOfLanguage = (file: string): boolean => /\/lib\.[\w.]+\.d\.ts$/.test(file);

const list = (failures: Failures): string => {
  const shown = failures.slice(0, 3).join(', ');
  return failures.length > 3 ? `${shown} and ${failures.length - 3} more` : shown;
};

const nameIn = (member: Member): string => (isNode(member.property, 'Identifier') ? member.property.name : '');

/** The function around a node. */
const functionAround = (node: Node): FunctionLike | undefined => {
  let at = node.parent;
  while (at != null && !isFunction(at)) at = at.parent;
  return at ?? undefined;
};

/** Whether what is thrown at the node is caught before it leaves the function. */
const isCaught = (node: Node, within: Node): boolean => {
  for (let at = node; at !== within && at.parent != null; at = at.parent) {
    if (isNode(at.parent, 'TryStatement') && at.parent.block === at && at.parent.handler !== null) return true;
  }
  return false;
};

class Check {
  private readonly context: Context;
  private readonly checker: Checker;
  private readonly nodes: { get(node: Node): TsNode };
  private readonly types: Types;
  private readonly typeAt: (node: Node) => Type;

  constructor(context: Context) {
    const { program, esTreeNodeToTSNodeMap, getTypeAtLocation } = context.sourceCode.parserServices;
    if (program === null || program === undefined || esTreeNodeToTSNodeMap === undefined || !getTypeAtLocation) {
      throw new Error(
        'rxjs-net/no-lost-failures needs types: take the parser of typescript-eslint and set parserOptions.projectService to true.',
      );
    }
    this.context = context;
    this.checker = program.getTypeChecker();
    this.nodes = esTreeNodeToTSNodeMap;
    this.typeAt = getTypeAtLocation;
    this.types = typesOf(this.checker);
  }

  // ------------------------------------------------------------------------------------------------------- calls

  call(node: Call): void {
    const callee = this.calleeOf(node);
    if (callee === undefined) return;
    if (isNode(node.callee, 'MemberExpression') && this.method(node, node.callee, callee)) return;
    if (isOfRxjs(callee.file)) this.ofRxjs(node, callee);
    else if (callee.name === 'toAsyncIterable') this.generated(node);
    else this.passed(node, callee);
  }

  /** `for await` over a flow in a generator, which throws on what it doesn't catch. */
  private generated(node: Call): void {
    const [flow] = node.arguments;
    const generator = functionAround(node);
    if (flow === undefined || generator?.generator !== true || isCaught(node, generator)) return;
    const failures = this.types.failuresOf(this.typeAt(flow));
    if (failures.length > 0) this.report(node, 'generator', failures);
  }

  construct(node: Call): void {
    const callee = this.calleeOf(node);
    if (callee !== undefined && !isOfRxjs(callee.file)) this.passed(node, callee);
  }

  private calleeOf(node: Call): Callee | undefined {
    const signature = this.checker.getResolvedSignature(this.nodes.get(node));
    const declaration = signature?.declaration;
    if (signature === undefined || declaration === undefined) return undefined;
    const file = declaration.getSourceFile().fileName.replaceAll('\\', '/');
    return { name: declaration.name?.text ?? '', file, signature };
  }

  private method(node: Call, member: Member, callee: Callee): boolean {
    const name = nameIn(member);
    if (name === 'pipe') return this.pipe(node, member, callee);
    const failures = this.types.failuresOf(this.typeAt(member.object));
    if (failures.length === 0) return false;
    if (name === 'toPromise' || name === 'forEach') {
      this.report(member.property, 'promises', failures, { name: `${name}()` });
      return true;
    }
    if (name === 'subscribe') this.between(node, failures);
    return false;
  }

  /**
   * `flow.pipe(…)`, and `pipe` of a plain Observable. Every operator in it is a call of its own as
   * well.
   */
  private pipe(node: Call, member: Member, { file }: Callee): boolean {
    const ofPlain = isOfRxjs(file);
    if (ofPlain) {
      for (const argument of node.arguments) {
        if (isNode(argument, 'SpreadElement')) continue;
        const added = this.types.addedBy(this.typeAt(argument));
        if (added.length > 0 && !this.isDeclared(node, added)) this.report(argument, 'adds', added);
      }
    }
    const failures = this.types.failuresOf(this.typeAt(member.object));
    const spread = node.arguments.some((argument) => isNode(argument, 'SpreadElement'));
    if (spread && failures.length > 0 && !this.types.isFlow(this.typeAt(node)) && !this.isDeclared(node, failures)) {
      this.report(member.property, 'spread', failures);
    }
    return ofPlain || failures.length > 0;
  }

  /** `flow.subscribe(subject)`, and `flow.subscribe(subscriber)` in `new Observable`. */
  private between(node: Call, failures: Failures): void {
    const [observer] = node.arguments;
    if (observer === undefined) return;
    const type = this.typeAt(observer);
    if (this.types.isSubject(type)) {
      if (this.types.failuresOf(type).length === 0) this.report(observer, 'subject', failures);
    } else if (this.types.isSubscriber(type)) {
      const producer = functionAround(node);
      const made = producer?.parent;
      if (isNode(made, 'NewExpression') && !this.isDeclared(made, failures)) {
        this.report(observer, 'subscriber', failures);
      }
    }
  }

  private ofRxjs(node: Call, { name }: Callee): void {
    const at = isNode(node.callee, 'MemberExpression') ? node.callee.property : node.callee;
    const suggest = isNode(at, 'Identifier') && at === node.callee ? suggestImport(this.context, at.name, name) : [];
    const forgets = (messageId: MessageId, failures: Failures, data: Readonly<Record<string, string>> = {}): void => {
      if (failures.length === 0 || this.isDeclared(node, failures)) return;
      this.report(at, messageId, failures, { name, ...data }, suggest);
    };
    const role = roles.get(name);
    if (name === 'pipe') this.helper(node);
    else if (name === 'catchError') this.catchError(node, forgets);
    else if (isFlattener(name)) forgets('flattens', this.flattened(node));
    else if (isPromise(name)) {
      const [flow] = node.arguments;
      if (flow !== undefined) forgets('promises', this.types.failuresOf(this.typeAt(flow)));
    } else if (role !== undefined) {
      const failures = role === 'the error that it is given' ? this.errors(node) : this.inArguments(node, name);
      forgets('forgets', failures, { role });
    }
  }

  private inArguments(node: Call, name: string): Failures {
    const failures = node.arguments.flatMap((argument) =>
      isNode(argument, 'SpreadElement')
        ? this.types.carriedBy(this.typeAt(argument.argument), true)
        : this.types.carriedBy(this.typeAt(argument), takesLists(name)),
    );
    return [...new Set(failures)];
  }

  private errors(node: Call): Failures {
    const [given] = node.arguments;
    if (given === undefined) return none;
    const type = this.typeAt(given);
    const [made] = type.getCallSignatures();
    return this.types.tagOf(made === undefined ? type : made.getReturnType());
  }

  private catchError(
    node: Call,
    forgets: (messageId: MessageId, failures: Failures, data?: Readonly<Record<string, string>>) => void,
  ): void {
    const [handler] = node.arguments;
    if (handler === undefined) return;
    const [signature] = this.typeAt(handler).getCallSignatures();
    const added = this.types.carriedBy(this.typeAt(handler), false);
    if (added.length > 0) forgets('forgets', added, { role: 'an inner flow' });
    // One that always throws keeps what it was given.
    else if (signature !== undefined && (signature.getReturnType().flags & flags.never) === 0) {
      const source = this.sourceOf(node);
      if (source !== undefined) forgets('catches', this.types.failuresOf(source));
    }
  }

  private flattened(node: Call): Failures {
    const source = this.sourceOf(node) ?? this.types.sourceOf(this.typeAt(node));
    const failures =
      source === undefined ? [] : this.types.itemsOf(source).flatMap((type) => this.types.failuresOf(type));
    return [...new Set(failures)];
  }

  /** The source of an operator that is an argument of `pipe`. */
  private sourceOf(operator: Node): Type | undefined {
    const call = operator.parent;
    if (!isNode(call, 'CallExpression') || !isNode(call.callee, 'MemberExpression') || nameIn(call.callee) !== 'pipe') {
      return undefined;
    }
    const index = call.arguments.indexOf(operator);
    const callee = this.calleeOf(call);
    const step = callee && index >= 0 ? this.types.parameter(callee.signature, index) : undefined;
    return step && this.types.sourceOf(step);
  }

  /** RxJS's `pipe()`, which has the type of its last operator. */
  private helper(node: Call): void {
    const operators = node.arguments.map((argument) => this.typeAt(argument));
    operators.forEach((operator, at) => {
      const later = operators.slice(at + 1);
      const added = this.types.addedBy(operator);
      const argument = node.arguments[at];
      if (added.length === 0 || later.length === 0 || argument === undefined) return;
      if (!later.some((type) => this.types.handles(type))) this.report(argument, 'helper', added);
    });
  }

  // ------------------------------------------------------------------------------------------ where a flow is put

  /** A flow as an argument of a function that is neither RxJS's nor this library's. */
  private passed(node: Call, { file, signature }: Callee): void {
    const keeps = isNode(node, 'NewExpression') || isOfLanguage(file);
    if (!keeps && !this.types.mentionsPlain(signature.getReturnType())) return;
    for (const [at, argument] of node.arguments.entries()) {
      if (isNode(argument, 'SpreadElement')) continue;
      this.put(argument, keeps ? 'stored' : 'passed', this.types.parameter(signature, at), file);
    }
  }

  /** An expression in a place whose type is declared. */
  put(node: Node, messageId: MessageId, expected?: Type, receiver = ''): void {
    if (isNode(node, 'ConditionalExpression')) {
      this.put(node.consequent, messageId, expected, receiver);
      this.put(node.alternate, messageId, expected, receiver);
    } else if (isNode(node, 'LogicalExpression')) {
      this.put(node.left, messageId, expected, receiver);
      this.put(node.right, messageId, expected, receiver);
    } else if (isNode(node, 'ArrayExpression')) {
      for (const element of node.elements) {
        if (element !== null && !isNode(element, 'SpreadElement')) this.put(element, messageId, undefined, receiver);
      }
    } else if (isNode(node, 'ObjectExpression')) {
      for (const property of node.properties) {
        if (isNode(property, 'Property')) this.put(property.value, messageId, undefined, receiver);
      }
    } else {
      const into = expected ?? this.checker.getContextualType(this.nodes.get(node));
      const failures = into === undefined ? none : this.types.lost(this.typeAt(node), into);
      // What this library declares as an Observable takes flows, and says itself what becomes of
      // their failures.
      if (failures.length > 0 && !this.types.isOfLibrary(receiver)) this.report(node, messageId, failures);
    }
  }

  /** `flow as Observable<A>`. */
  cast(expression: Node): void {
    const { parent } = expression;
    const failures = parent == null ? none : this.types.lost(this.typeAt(expression), this.typeAt(parent));
    if (failures.length > 0) this.report(expression, 'declared', failures);
  }

  // ------------------------------------------------------------------------------------------------------- throws

  thrown(node: Node, error: Node): void {
    const tags = this.types.tagOf(this.typeAt(error));
    const callback = tags.length === 0 ? undefined : functionAround(node);
    const operator = callback?.parent;
    if (callback === undefined || !isNode(operator, 'CallExpression') || isCaught(node, callback)) return;
    const callee = this.calleeOf(operator);
    if (callee === undefined || !operator.arguments.includes(callback) || !isOfRxjs(callee.file)) return;
    if (!this.isDeclared(operator, tags)) this.report(node, 'throws', tags);
  }

  // ------------------------------------------------------------------------------------------------------ reports

  /**
   * Whether the type that is declared for the node, or for the pipe that it is in, names the
   * failures.
   */
  private isDeclared(node: Node, failures: Failures): boolean {
    const type = this.checker.getContextualType(this.nodes.get(node));
    if (type !== undefined) {
      const named = new Set([...this.types.failuresOf(type), ...this.types.addedBy(type)]);
      if (failures.every((failure) => named.has(failure))) return true;
    }
    const { parent } = node;
    if (isNode(parent, 'MemberExpression') && isNode(parent.parent, 'CallExpression') && nameIn(parent) === 'pipe') {
      return this.isDeclared(parent.parent, failures);
    }
    const inPipe =
      isNode(parent, 'CallExpression') && isNode(parent.callee, 'MemberExpression') && nameIn(parent.callee) === 'pipe';
    return inPipe && this.isDeclared(parent, failures);
  }

  private report(
    node: Node,
    messageId: MessageId,
    failures: Failures,
    data: Readonly<Record<string, string>> = {},
    suggest: readonly Suggestion[] = [],
  ): void {
    const union = failures.length > 3 ? '…' : failures.join(' | ');
    const type = this.typeAt(node).getCallSignatures().length > 0 ? `an Op<A, B, ${union}>` : `a Flow<A, ${union}>`;
    this.context.report({ node, messageId, data: { failures: list(failures), type, ...data }, suggest });
  }
}

/**
 * The rule `no-lost-failures`. Needs type information.
 */
export const noLostFailures: Rule = {
  meta: {
    type: 'problem',
    docs: { description: 'Report where the type of an Observable forgets the failures of a flow' },
    hasSuggestions: true,
    schema: [],
    messages,
  },
  create(context: Context): Listeners {
    const check = new Check(context);
    return {
      CallExpression: (node) => check.call(node),
      NewExpression: (node) => check.construct(node),
      ThrowStatement: (node) => check.thrown(node, node.argument),
      VariableDeclarator: ({ id, init }) => {
        if (init !== null && id.typeAnnotation !== undefined) check.put(init, 'declared');
      },
      PropertyDefinition: ({ value, typeAnnotation }) => {
        if (value !== null && typeAnnotation !== undefined) check.put(value, 'declared');
      },
      AssignmentExpression: ({ operator, right }) => {
        if (['=', '??=', '||=', '&&='].includes(operator)) check.put(right, 'declared');
      },
      AssignmentPattern: ({ right }) => check.put(right, 'declared'),
      TSAsExpression: ({ expression }) => check.cast(expression),
      TSTypeAssertion: ({ expression }) => check.cast(expression),
      ReturnStatement: (node) => {
        const { argument } = node;
        if (argument !== null && functionAround(node)?.returnType !== undefined) check.put(argument, 'declared');
      },
      ArrowFunctionExpression: ({ body, returnType }) => {
        if (returnType !== undefined && !isNode(body, 'BlockStatement')) check.put(body, 'declared');
      },
    };
  },
};
