import { type Checker, type Signature, type TsSymbol, type Type, flags } from './host.ts';

/** Names of failures, in the order of the union. */
export type Failures = readonly string[];

export const none: Failures = [];

const union = (lists: readonly Failures[]): Failures => [...new Set(lists.flat())];

const fileOf = (symbol: TsSymbol | undefined): string =>
  symbol?.declarations?.[0]?.getSourceFile().fileName.replaceAll('\\', '/') ?? '';

/** Whether a file belongs to RxJS. */
export const isOfRxjs = (file: string): boolean => file.includes('/node_modules/rxjs/');

const observables: ReadonlySet<string> = new Set([
  'AsyncSubject',
  'BehaviorSubject',
  'ConnectableObservable',
  'Connectable',
  'GroupedObservable',
  'InteropObservable',
  'Observable',
  'ReplaySubject',
  'Subject',
  'Subscribable',
]);

const subjects: ReadonlySet<string> = new Set(['AsyncSubject', 'BehaviorSubject', 'ReplaySubject', 'Subject']);

/** What types say about failures. One for each run over a file. */
export interface Types {
  /** Failures that a flow, or any part of a union with flows in it, can end with. */
  readonly failuresOf: (type: Type) => Failures;
  /** Whether the type has a place for failures, with or without any in it. */
  readonly isFlow: (type: Type) => boolean;
  /** Failures that an operator adds. */
  readonly addedBy: (type: Type) => Failures;
  /** Whether an operator handles failures. */
  readonly handles: (type: Type) => boolean;
  /**
   * Failures of a flow, of what a function returns, and of the members of an object literal or,
   * where wanted, of a list.
   */
  readonly carriedBy: (type: Type, lists: boolean) => Failures;
  /** An error of one's own, with a `_tag`. */
  readonly tagOf: (type: Type) => Failures;
  /** Whether an Observable is declared that has no place for failures. */
  readonly isPlain: (type: Type) => boolean;
  /**
   * Whether a plain Observable stands somewhere in the type: what a function or a promise gives,
   * the member of a list.
   */
  readonly mentionsPlain: (type: Type) => boolean;
  /** What is lost where a value of the first type goes into a place of the second. */
  readonly lost: (actual: Type, expected: Type) => Failures;
  /** Whether a file belongs to the library that declares the flows that were seen until now. */
  readonly isOfLibrary: (file: string) => boolean;
  readonly isSubject: (type: Type) => boolean;
  readonly isSubscriber: (type: Type) => boolean;
  /** What an operator, a function of one Observable, gets. */
  readonly sourceOf: (operator: Type) => Type | undefined;
  /** What the items of an Observable are. */
  readonly itemsOf: (type: Type) => readonly Type[];
  readonly parameter: (signature: Signature, index: number) => Type | undefined;
}

export const typesOf = (checker: Checker): Types => {
  const is = (type: Type, flag: number): boolean => (type.flags & flag) !== 0;
  const argumentsOf = (type: Type): readonly Type[] =>
    type.target === undefined ? [] : checker.getTypeArguments(type);

  /** The parts of a union; of a type parameter, those of its bound. */
  const parts = (type: Type): readonly Type[] => {
    if (type.isUnion()) return (type.types ?? []).flatMap(parts);
    if (!is(type, flags.typeParameter)) return [type];
    const bound = checker.getBaseConstraintOfType(type);
    return bound === undefined || bound === type ? [type] : parts(bound);
  };

  const opaque = (type: Type): boolean => is(type, flags.any | flags.unknown | flags.never);

  // The folder of the library that declares Flow, and of its other build, where both are in use.
  const library = new Set<string>();
  const isOfLibrary = (file: string): boolean => [...library].some((folder) => file.startsWith(folder));

  const brands = new WeakMap<Type, Record<string, Type | undefined>>();
  const brand = (type: Type, name: 'fails' | 'handles'): Type | undefined => {
    const known = brands.get(type);
    if (known !== undefined && name in known) return known[name];
    const property = opaque(type)
      ? undefined
      : checker.getPropertiesOfType(type).find((symbol) => symbol.name.startsWith(`__@${name}@`));
    if (property !== undefined) library.add(fileOf(property).replace(/[^/]*\/[^/]*$/, ''));
    const carrier = property && checker.getNonNullableType(checker.getTypeOfSymbol(property));
    const found = carrier?.getCallSignatures()[0]?.getReturnType();
    brands.set(type, { ...known, [name]: found });
    return found;
  };

  const tagOf = (type: Type): Failures => {
    if (opaque(type)) return none;
    return union(
      parts(type).map((part) => {
        const tag = checker.getPropertiesOfType(part).find(({ name }) => name === '_tag');
        const value = tag && checker.getTypeOfSymbol(tag).value;
        return typeof value === 'string' ? [value] : none;
      }),
    );
  };

  const namesIn = (failures: Type): Failures => {
    if (is(failures, flags.any | flags.never)) return none;
    if (failures.isUnion()) return union((failures.types ?? []).map(namesIn));
    const [tag] = is(failures, flags.typeParameter) ? none : tagOf(failures);
    return [tag ?? failures.aliasSymbol?.name ?? failures.symbol?.name ?? 'unknown failures'];
  };

  const branded = (type: Type): Failures => {
    const failures = brand(type, 'fails');
    return failures === undefined ? none : namesIn(failures);
  };
  const failuresOf = (type: Type): Failures => union(parts(type).map(branded));
  const isFlow = (type: Type): boolean => parts(type).some((part) => brand(part, 'fails') !== undefined);

  const returns = (type: Type): readonly Type[] =>
    parts(type).flatMap((part) => part.getCallSignatures().map((signature) => signature.getReturnType()));

  const addedBy = (type: Type): Failures => union(returns(type).map(failuresOf));
  const handles = (type: Type): boolean =>
    returns(type)
      .flatMap(parts)
      .some((part) => {
        const handled = brand(part, 'handles');
        return handled !== undefined && !is(handled, flags.never);
      });

  const isList = (type: Type): boolean => checker.isArrayType(type) || checker.isTupleType(type);
  const isLiteralObject = (type: Type): boolean => ['__object', '__type'].includes(type.symbol?.name ?? '');

  const carriedBy = (type: Type, lists: boolean, depth = 0): Failures => {
    const failures = failuresOf(type);
    if (failures.length > 0 || depth > 2) return failures;
    const below = (inner: Type): Failures => carriedBy(inner, lists, depth + 1);
    return union(
      parts(type).map((part) => {
        if (opaque(part)) return none;
        const results = returns(part);
        if (results.length > 0) return union(results.map(below));
        if (isList(part)) return lists ? union(argumentsOf(part).map(below)) : none;
        if (!isLiteralObject(part)) return none;
        return union(checker.getPropertiesOfType(part).map((member) => below(checker.getTypeOfSymbol(member))));
      }),
    );
  };

  const named = (type: Type, names: ReadonlySet<string>): boolean =>
    names.has(type.symbol?.name ?? '') && isOfRxjs(fileOf(type.symbol));

  const isPlain = (type: Type): boolean =>
    !isFlow(type) &&
    parts(type).some((part) => (part.isIntersection() ? (part.types ?? []).some(isPlain) : named(part, observables)));

  const isOfLibraryType = (type: Type): boolean => {
    const symbol = type.aliasSymbol ?? type.symbol;
    return symbol !== undefined && isOfLibrary(fileOf(symbol));
  };

  const mentionsPlain = (type: Type, depth = 0): boolean => {
    if (isPlain(type)) return true;
    if (depth > 2) return false;
    const below = (inner: Type): boolean => mentionsPlain(inner, depth + 1);
    return parts(type).some((part) => !opaque(part) && (returns(part).some(below) || argumentsOf(part).some(below)));
  };

  const lost = (actual: Type, expected: Type, depth = 0): Failures => {
    if (opaque(actual) || opaque(expected) || depth > 2) return none;
    const failures = failuresOf(actual);
    if (failures.length > 0) return isPlain(expected) ? failures : none;
    const below = (from: Type, into: Type): Failures => lost(from, into, depth + 1);
    const into = returns(checker.getNonNullableType(expected));
    if (into.length > 0) {
      const failing = union(returns(actual).flatMap((from) => into.map((result) => below(from, result))));
      // A handler of this library takes flows, and says itself what becomes of their failures.
      return isOfLibraryType(checker.getNonNullableType(expected)) ? none : failing;
    }
    if (actual.target === undefined || actual.target !== expected.target) return none;
    const places = argumentsOf(expected);
    return union(argumentsOf(actual).map((from, at) => (places[at] === undefined ? none : below(from, places[at]))));
  };

  const parameter = (signature: Signature, index: number): Type | undefined => {
    const symbol = signature.parameters[index] ?? signature.parameters.at(-1);
    if (symbol === undefined) return undefined;
    const type = checker.getTypeOfSymbol(symbol);
    const isRest = index >= signature.parameters.length - 1 && isList(type);
    return isRest ? (argumentsOf(type)[0] ?? type) : type;
  };

  const sourceOf = (operator: Type): Type | undefined => {
    const [signature] = operator.getCallSignatures();
    return signature && parameter(signature, 0);
  };

  const itemsOf = (type: Type): readonly Type[] =>
    parts(type).flatMap((part) =>
      part.isIntersection() ? (part.types ?? []).flatMap(itemsOf) : argumentsOf(part).slice(0, 1),
    );

  return {
    failuresOf,
    isFlow,
    addedBy,
    handles,
    carriedBy,
    tagOf,
    isPlain,
    mentionsPlain,
    lost,
    isOfLibrary,
    isSubject: (type) =>
      parts(type).some(
        ({ symbol }) => subjects.has(symbol?.name ?? '') && (isOfRxjs(fileOf(symbol)) || isOfLibrary(fileOf(symbol))),
      ),
    isSubscriber: (type) => parts(type).some((part) => named(part, new Set(['Subscriber']))),
    sourceOf,
    itemsOf,
    parameter,
  };
};
