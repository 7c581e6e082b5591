import type * as t from 'io-ts';

import { checkPath, refuse } from '../../core/options/index.ts';
import { checked } from './checked.ts';

/** @since 0.1.0 */
export interface SocketPathBrand {
  readonly SocketPath: unique symbol;
}

/**
 * The path of a Unix domain socket or the name of a Windows pipe, that was checked.
 *
 * @category model
 * @since 0.1.0
 */
export type SocketPath = t.Branded<string, SocketPathBrand>;

/** They are allowed in a file's name, but who sends them means no good; half a surrogate pair names another file. */
const FORBIDDEN = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

const isPlain = (path: string): path is SocketPath => !FORBIDDEN.test(path.startsWith('\0') ? path.slice(1) : path);

/**
 * The path of a Unix domain socket, an abstract one with NUL in front, or on Windows the name of a pipe. As long as the system
 * takes, and without control characters.
 *
 * @category codecs
 * @since 0.1.0
 * @example
 * ```ts
 * import { problemsOf, SocketPath } from 'rxjs-net/effects';
 *
 * const wrong = SocketPath.decode('/run/app.sock\n');
 * if (wrong._tag === 'Left') console.log(problemsOf(wrong.left)[0]);
 * // => expected a path without control characters, got "/run/app.sock\n"
 * ```
 */
export const SocketPath: t.Type<SocketPath, string> = checked<SocketPath, string>(
  'SocketPath',
  (value) => {
    const path = checkPath('path', value);
    return isPlain(path) ? path : refuse('path', value, 'a path without control characters');
  },
  (path) => path,
);
