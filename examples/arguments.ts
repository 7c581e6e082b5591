import { parseArgs } from 'node:util';

export const usage = `Usage:
  npm start                                     the tour through the library
  npm start -- serve [--port <n>] [--host <h>]  an echo server over TCP, until Ctrl-C
  npm start -- serve --path <file>              the same over IPC
  npm start -- <program> [options]              one of examples/programs/: chat, proxy, key-value, json-rpc,
                                                json-rpc-client, receive-files, send-file, pool-client, partition,
                                                functional-key-value, functional-key-value-client,
                                                crawl-services
  npm start -- --help

  --port <n>     port to listen on, 0 for any that is free (default 8124)
  --host <h>     name or address to listen on (default 127.0.0.1, this machine alone)
  --path <file>  where to make the socket, such as echo.sock`;

/** Where the echo server listens. */
export type Place = { readonly port: number; readonly host: string } | { readonly path: string };

/** What the arguments ask for. */
export type Request =
  | { readonly command: 'tour' }
  | { readonly command: 'help' }
  | { readonly command: 'serve'; readonly place: Place }
  | { readonly command: 'refuse'; readonly reason: string };

const refuse = (reason: string): Request => ({ command: 'refuse', reason });

const options = {
  port: { type: 'string' },
  host: { type: 'string' },
  path: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** What is wrong with one value; undefined when nothing is. A path is checked by the library, which knows the system's limits. */
const faultOf = (name: string, value: string | undefined): string | undefined => {
  if (name === 'help') return value === undefined ? undefined : `--help takes no value, got "${value}"`;
  if (value === undefined) return `--${name} needs a value`;
  if (value === '') return `--${name} must not be empty, got ""`;
  if (name === 'port' && !(/^\d{1,5}$/.test(value) && Number(value) <= 65_535))
    return `--port must be an integer from 0 to 65535, got "${value}"`;
  return undefined;
};

/** Reads what comes after the program's name. */
export const readArguments = (args: readonly string[]): Request => {
  // Not strict, since Node's own messages would not name the value.
  const { positionals, tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  const given = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    if (!Object.hasOwn(options, token.name)) return refuse(`there is no option ${token.rawName}`);
    const fault = faultOf(token.name, token.value);
    if (fault !== undefined) return refuse(fault);
    given.set(token.name, token.value ?? '');
  }
  if (given.has('help')) return { command: 'help' };

  const [command, ...rest] = positionals;
  const [name] = given.keys();
  if (command === undefined) return name === undefined ? { command: 'tour' } : refuse(`--${name} goes with "serve"`);
  if (command !== 'serve') return refuse(`there is no command "${command}"`);
  if (rest[0] !== undefined) return refuse(`"serve" takes no "${rest[0]}"`);

  const path = given.get('path');
  if (path === undefined)
    return {
      command: 'serve',
      place: { port: Number(given.get('port') ?? 8124), host: given.get('host') ?? '127.0.0.1' },
    };
  for (const other of ['port', 'host']) {
    if (given.has(other))
      return refuse(`--${other} and --path exclude each other, got "${given.get(other)}" and "${path}"`);
  }
  return { command: 'serve', place: { path } };
};
