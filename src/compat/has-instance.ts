/** Whether `value` was made with that prototype, or one above it. */
export function isMadeWith(prototype: object, value: unknown): boolean {
  return Object.prototype.isPrototypeOf.call(prototype, Object(value));
}

/**
 * Lets `instanceof` accept the platform's own too, for the class itself and not for what is derived from it.
 *
 * A process that is sent a socket or a server is given one of the platform's, and programs ask of it whether it is an instance.
 */
export function acceptPlatformsOwn(ours: object, platforms: { readonly prototype: object }): void {
  Object.defineProperty(ours, Symbol.hasInstance, {
    value(this: { readonly prototype: object }, value: unknown): boolean {
      return isMadeWith(this.prototype, value) || (this === ours && isMadeWith(platforms.prototype, value));
    },
    writable: true,
    configurable: true,
  });
}
