/** Calls a method with what a program gave, or one that this Node may not have: then it returns undefined. */
export function callMethod(target: object, name: string, given: readonly unknown[]): unknown {
  const method: unknown = Reflect.get(target, name);
  if (typeof method !== 'function') return undefined;
  const result: unknown = Reflect.apply(method, target, given);
  return result;
}
