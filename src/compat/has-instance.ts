/** Whether `value` was made with that prototype, or one above it. */
export function isMadeWith(prototype: object, value: unknown): boolean {
  return Object.prototype.isPrototypeOf.call(prototype, Object(value));
}

/** A class, as far as `instanceof` looks at it. */
interface Class {
  readonly prototype: object;
}

/**
 * Lets `instanceof` accept others too, for the class itself and not for what is derived from it.
 *
 * A process that is sent a socket or a server is given one of the platform's, and programs ask of it whether it is an instance.
 */
export function acceptToo(ours: object, ...others: readonly Class[]): void {
  Object.defineProperty(ours, Symbol.hasInstance, {
    value(this: Class, value: unknown): boolean {
      if (isMadeWith(this.prototype, value)) return true;
      return this === ours && others.some((other) => isMadeWith(other.prototype, value));
    },
    writable: true,
    configurable: true,
  });
}
