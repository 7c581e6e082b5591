import type * as t from 'io-ts';

import { refuse } from '../../core/options/index.ts';
import { checked } from './checked.ts';

/** @since 0.1.0 */
export interface PortBrand {
  readonly Port: unique symbol;
}

/**
 * A port, 0 to 65535, that was checked. A plain number is none: `Port.decode` makes one.
 *
 * @category model
 * @since 0.1.0
 */
export type Port = t.Branded<number, PortBrand>;

/** @since 0.1.0 */
export interface RemotePortBrand {
  readonly RemotePort: unique symbol;
}

/**
 * A port that one can connect to, 1 to 65535, that was checked. It is a `Port`, too.
 *
 * @category model
 * @since 0.1.0
 */
export type RemotePort = t.Branded<Port, RemotePortBrand>;

/** As a number is written by people: no sign, no spaces, no zeros before it, not hexadecimal. */
const DIGITS = /^(?:0|[1-9]\d{0,4})$/;

const numberOf = (value: unknown): unknown => (typeof value === 'string' && DIGITS.test(value) ? Number(value) : value);

const isWithin = (value: unknown, least: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= least && value <= 65_535;

const isPort = (value: unknown): value is Port => isWithin(value, 0) && !Object.is(value, -0);
const isRemotePort = (value: unknown): value is RemotePort => isWithin(value, 1);

function portCodec<P extends number>(
  name: string,
  isAllowed: (value: unknown) => value is P,
  allowed: string,
): t.Type<P, number> {
  return checked<P, number>(
    name,
    (value) => {
      const port = numberOf(value);
      return isAllowed(port) ? port : refuse('port', value, allowed);
    },
    (port) => port,
  );
}

/**
 * A port, 0 to 65535, as a number or as its decimal digits. Port 0, with which the system chooses one, is for listening only;
 * `RemotePort` is without it.
 *
 * @category codecs
 * @since 0.1.0
 * @example
 * ```ts
 * import { Port, problemsOf } from 'rxjs-net/effects';
 *
 * const port = Port.decode('8124');
 * if (port._tag === 'Right') console.log(port.right + 1); // => 8125
 *
 * const wrong = Port.decode('80a');
 * if (wrong._tag === 'Left') console.log(problemsOf(wrong.left)); // => [ 'expected a port (0-65535), got "80a"' ]
 * ```
 */
export const Port: t.Type<Port, number> = portCodec('Port', isPort, 'a port (0-65535)');

/**
 * A port that one can connect to, 1 to 65535, as a number or as its decimal digits.
 *
 * @category codecs
 * @since 0.1.0
 * @example
 * ```ts
 * import { problemsOf, RemotePort } from 'rxjs-net/effects';
 *
 * const wrong = RemotePort.decode(0);
 * if (wrong._tag === 'Left') console.log(problemsOf(wrong.left)); // => [ 'expected a port to connect to (1-65535), got 0' ]
 * ```
 */
export const RemotePort: t.Type<RemotePort, number> = portCodec(
  'RemotePort',
  isRemotePort,
  'a port to connect to (1-65535)',
);
