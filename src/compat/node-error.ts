/** An error as Node makes its own: with a `code`, which its stack and its text show in brackets. */
export function nodeError(
  code: string,
  message: string,
  Kind: new (message: string) => Error = Error,
): Error & { code: string } {
  const error = Object.assign(new Kind(message), { code });
  // A stack takes the name that the error has when it is first asked for.
  const { name } = error;
  error.name = `${name} [${code}]`;
  void error.stack;
  Reflect.deleteProperty(error, 'name');
  const text = `${name} [${code}]: ${message}`;
  return Object.defineProperty(error, 'toString', { value: () => text, writable: true, configurable: true });
}
