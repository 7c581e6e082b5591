import { linkSync, lstatSync, unlinkSync } from 'node:fs';

/** What tells a file from another one at the same path. */
interface FileId {
  readonly dev: bigint;
  readonly ino: bigint;
}

function idOf(path: string): FileId | undefined {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    // The directory may not be readable, or Node's permission model forbids it.
    return undefined;
  }
}

/**
 * The file of a socket that listens. libuv removes what is at its path when the socket closes,
 * whoever has bound it meanwhile: a successor, in a rolling restart.
 */
export class SocketFile {
  private readonly path: string;
  private readonly own: FileId | undefined;

  /**
   * To be made when it listens. Where the path is no file (an abstract socket, a named pipe) there
   * is nothing to protect.
   */
  constructor(path: string) {
    this.path = path;
    this.own = path.startsWith('\0') || process.platform === 'win32' ? undefined : idOf(path);
  }

  /**
   * Calls `close`, which removes the file at the path, and leaves the file of another socket there.
   */
  around(close: () => void): void {
    const { own, path } = this;
    const present = own === undefined ? undefined : idOf(path);
    if (present === undefined || own === undefined || isSame(present, own)) {
      close();
      return;
    }
    const aside = keepAside(path);
    close();
    if (aside !== undefined) putBack(aside, path);
  }
}

function isSame(one: FileId, other: FileId): boolean {
  return one.dev === other.dev && one.ino === other.ino;
}

let count = 0;

/** Gives the file a second name; undefined where that is not possible. */
function keepAside(path: string): string | undefined {
  const aside = `${path}.${process.pid}-${count++}`;
  return attempt(() => linkSync(path, aside)) ? aside : undefined;
}

function putBack(aside: string, path: string): void {
  // Not by renaming, which would replace a file that has come between.
  attempt(() => linkSync(aside, path));
  attempt(() => unlinkSync(aside));
}

function attempt(action: () => void): boolean {
  try {
    action();
    return true;
  } catch {
    return false;
  }
}
