const NAME = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;
const INDEX = /^\d+$/;

/** A place in a message, as one would write it in a program: `user.tags[0]`. Undefined for the message as a whole. */
export function renderPath(keys: readonly PropertyKey[]): string | undefined {
  let path = '';
  for (const key of keys) {
    const name = String(key);
    if (INDEX.test(name)) path += `[${name}]`;
    else if (!NAME.test(name)) path += `[${JSON.stringify(name)}]`;
    else path += path === '' ? name : `.${name}`;
  }
  return path === '' ? undefined : path;
}
