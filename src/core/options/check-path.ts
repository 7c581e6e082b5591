import { refuse } from './refuse.ts';

/** `sizeof(sockaddr_un.sun_path) - 1`; other systems have between these two and are left to say so themselves. */
const LONGEST_PATH: Readonly<Partial<Record<NodeJS.Platform, number>>> = {
  linux: 107,
  android: 107,
  darwin: 103,
  freebsd: 103,
  openbsd: 103,
  netbsd: 103,
};

const WINDOWS_PIPE = /^[\\/]{2}[.?][\\/]pipe[\\/]./i;

/** Whether a path is the name of an abstract socket, which has no file. */
export function isAbstractPath(path: string): boolean {
  return path.startsWith('\0');
}

/**
 * An IPC path that the system takes as it is: a longer one would be cut, and then name another socket.
 *
 * @param platform - for tests; by default the platform of the process.
 */
export function checkPath(name: string, value: unknown, platform: NodeJS.Platform = process.platform): string {
  if (typeof value !== 'string' || value === '') return refuse(name, value, 'a path that is not empty');
  if (value.includes('\0', 1)) return refuse(name, value, 'a path without NUL characters after the first');
  if (isAbstractPath(value)) {
    // Abstract sockets are an extension of Linux.
    if (platform !== 'linux' && platform !== 'android') {
      return refuse(name, value, `a path without NUL characters (abstract sockets do not exist on ${platform})`);
    }
    if (value.length === 1) return refuse(name, value, 'a path with a name after the leading NUL');
  }
  if (platform === 'win32') {
    return WINDOWS_PIPE.test(value)
      ? value
      : refuse(name, value, String.raw`the name of a pipe, \\.\pipe\… or \\?\pipe\…`);
  }
  const longest = LONGEST_PATH[platform];
  // UTF-8 has at most three bytes for each UTF-16 unit, so most paths need no counting.
  if (longest !== undefined && value.length * 3 > longest) {
    const bytes = value.length > longest ? value.length : Buffer.byteLength(value);
    if (bytes > longest)
      return refuse(name, value, `a path of at most ${longest} bytes, the most that ${platform} takes for a socket`);
  }
  return value;
}
