/** What an error says about itself. */
export interface ErrorFacts {
  readonly code: string | undefined;
  readonly syscall: string | undefined;
  readonly address: string | undefined;
  readonly port: number | undefined;
  readonly hostname: string | undefined;
  readonly message: string | undefined;
  /** The errors that it gathers (`AggregateError`). */
  readonly errors: readonly unknown[];
}

function read(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  try {
    return Reflect.get(value, name);
  } catch {
    // A getter or a proxy that throws: an error is being handled, and another must not hide it.
    return undefined;
  }
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** What an error says about itself, whatever it is. */
export function readError(error: unknown): ErrorFacts {
  const errno = read(error, 'errno');
  const port = read(error, 'port');
  const errors = read(error, 'errors');
  return {
    // In Node's early versions, and in what imitates them, `errno` is the name.
    code: text(read(error, 'code')) ?? (read(error, 'name') === 'AbortError' ? 'ABORT_ERR' : text(errno)),
    syscall: text(read(error, 'syscall')),
    // `listen` on a path and `connect` to one have it as `address`; errors of files have `path`.
    address: text(read(error, 'address')) ?? text(read(error, 'path')),
    // Listening on a path that fails reports port -1.
    port: typeof port === 'number' && port >= 0 ? port : undefined,
    hostname: text(read(error, 'hostname')) ?? text(read(error, 'host')),
    message: text(read(error, 'message')),
    errors: Array.isArray(errors) ? errors : [],
  };
}
