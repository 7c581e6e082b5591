import process from 'node:process';

/** `sizeof(sockaddr_un.sun_path) - 1` of this system, in bytes; named pipes have no such limit. */
const longest: number = process.platform === 'win32' ? Infinity : process.platform === 'linux' ? 107 : 103;

/**
 * Cuts an IPC path that is too long, as the specification says: "It gets truncated to `sizeof(sockaddr_un.sun_path) - 1`".
 * A character of several bytes is kept whole or left out, so that the result is a name again.
 */
export function cutIpcPath(path: string): string {
  if (path.length * 3 <= longest || Buffer.byteLength(path) <= longest) return path;
  // The first byte that is left out begins a character unless it is a continuation (10xxxxxx).
  const bytes = Buffer.from(path);
  let end = longest;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}
