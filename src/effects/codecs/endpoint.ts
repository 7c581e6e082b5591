import * as t from 'io-ts';

import { isIPv6 } from '../../core/ip.ts';
import { refuse } from '../../core/options/index.ts';
import { checked } from './checked.ts';
import { onePlace, onlyWith } from './endpoint-rules.ts';
import * as field from './fields.ts';
import { Host } from './host.ts';
import { OptionCodec } from './option-codec.ts';
import { Port } from './port.ts';
import { SocketPath } from './socket-path.ts';

/**
 * Where to connect to or to listen, checked. It is a part of the options of `connect` and of
 * `listen`: `{ ...endpoint, noDelay: true }`.
 *
 * @category model
 * @since 0.1.0
 */
export type CheckedEndpoint =
  | { readonly port: Port; readonly host?: Host | undefined; readonly path?: undefined; readonly fd?: undefined }
  | { readonly path: SocketPath; readonly port?: undefined; readonly host?: undefined; readonly fd?: undefined }
  | { readonly fd: number; readonly port?: undefined; readonly host?: undefined; readonly path?: undefined };

/**
 * An endpoint as an object of data.
 *
 * @category model
 * @since 0.1.0
 */
export type EncodedEndpoint =
  { readonly port: number; readonly host?: string | undefined } | { readonly path: string } | { readonly fd: number };

// ---- as text

const FORMS = 'an endpoint such as tcp://host:1234, [::1]:80 or unix:/path';

/** `tcp://` or nothing, a host or an IPv6 address in brackets or nothing, and a port. */
const TCP = /^(?:tcp:\/\/)?(?:\[(?<six>[^[\]]*)\]|(?<host>[^:/?#@[\]]*)):(?<port>[^:/?#@[\]]*)$/i;
/** A path, or that of a URL without a host. */
const UNIX = /^unix:(?:\/\/(?<url>\/.*)|(?<plain>(?!\/\/).*))$/is;
const ABSTRACT = /^unix-abstract:(?<name>.+)$/is;
const DESCRIPTOR = /^fd:(?<fd>0|[1-9]\d{0,9})$/i;

function partOf<A>(codec: t.Type<A, unknown>, part: unknown, whole: unknown, expected: string): A {
  const decoded = codec.decode(part);
  return decoded._tag === 'Right' ? decoded.right : refuse('endpoint', whole, expected);
}

/** @throws InvalidOptions */
function parse(value: unknown): CheckedEndpoint {
  if (typeof value !== 'string') return refuse('endpoint', value, FORMS);
  const descriptor = DESCRIPTOR.exec(value)?.groups;
  if (descriptor !== undefined) {
    const fd = Number(descriptor['fd']);
    return fd <= 2_147_483_647 ? { fd } : refuse('endpoint', value, 'a file descriptor after "fd:"');
  }
  const abstract = ABSTRACT.exec(value)?.groups;
  if (abstract !== undefined) return { path: pathOf(`\0${abstract['name']}`, value) };
  const unix = UNIX.exec(value)?.groups;
  if (unix !== undefined) return { path: pathOf(unix['url'] ?? unix['plain'], value) };
  const tcp = TCP.exec(value)?.groups;
  return tcp === undefined ? refuse('endpoint', value, FORMS) : tcpOf(tcp, value);
}

function tcpOf(parts: Readonly<Record<string, string | undefined>>, whole: string): CheckedEndpoint {
  const { six, host } = parts;
  const port = partOf(Port, parts['port'], whole, 'an endpoint whose port is one (0-65535)');
  if (six !== undefined) {
    return isIPv6(six)
      ? { port, host: partOf(Host, six, whole, FORMS) }
      : refuse('endpoint', whole, 'an endpoint with an IPv6 address within its brackets');
  }
  if (host === undefined || host === '') return { port };
  return { port, host: partOf(Host, host, whole, 'an endpoint with a host name in ASCII or an IP address') };
}

function pathOf(path: string | undefined, whole: string): SocketPath {
  return partOf(
    SocketPath,
    path,
    whole,
    'an endpoint with the path of a socket, short enough and without control characters',
  );
}

function format(endpoint: CheckedEndpoint): string {
  if (endpoint.fd !== undefined) return `fd:${endpoint.fd}`;
  if (endpoint.path !== undefined) {
    const { path } = endpoint;
    if (path.startsWith('\0')) return `unix-abstract:${path.slice(1)}`;
    // Two slashes in front would be taken for those of a URL.
    return path.startsWith('//') ? `unix://${path}` : `unix:${path}`;
  }
  const { port, host = '' } = endpoint;
  return `tcp://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

const FromText = checked<CheckedEndpoint, string>('Endpoint', parse, format);

// ---- as an object

const FromObject: OptionCodec<CheckedEndpoint, EncodedEndpoint> = new OptionCodec(
  'Endpoint',
  {
    port: field.coded(Port, 'string'),
    host: field.coded(Host, 'string'),
    path: field.coded(SocketPath, 'string'),
    fd: field.descriptor,
  },
  { rules: [onePlace('a port (0-65535)'), onlyWith(['port'], ['host'])], plan: () => undefined },
);

const validate: t.Validate<unknown, CheckedEndpoint> = (value, context) =>
  typeof value === 'object' && value !== null ? FromObject.validate(value, context) : FromText.validate(value, context);

/**
 * An endpoint, as an object (`{ port, host? }`, `{ path }`, `{ fd }`) or as text:
 *
 * - `tcp://host:1234`, `host:1234`, `tcp://[::1]:80`, `[::1]:80`, and `:8124` without a host;
 * - `unix:/path`, `unix:relative`, `unix:///path`; `unix-abstract:name`; on Windows `unix:` and the name of a pipe;
 * - `fd:3`.
 *
 * It is encoded as an object; `EndpointFromString` is encoded as text. User, path and query of a
 * URL are refused.
 *
 * @category codecs
 * @since 0.1.0
 * @example
 * ```ts
 * import { EndpointCodec, problemsOf } from 'rxjs-net/effects';
 *
 * const endpoint = EndpointCodec.decode('tcp://[::1]:80');
 * if (endpoint._tag === 'Right') console.log(endpoint.right); // => { port: 80, host: '::1' }
 *
 * const wrong = EndpointCodec.decode('tcp://db:123456');
 * if (wrong._tag === 'Left') console.log(problemsOf(wrong.left)[0]);
 * // => expected an endpoint whose port is one (0-65535), got "tcp://db:123456"
 * ```
 */
export const EndpointCodec: t.Type<CheckedEndpoint, EncodedEndpoint> = new t.Type(
  'Endpoint',
  FromObject.is,
  validate,
  FromObject.encode,
);

/**
 * The same, encoded as text: `tcp://host:1234`, `unix:/path`, `unix-abstract:name` or `fd:3`.
 *
 * @category codecs
 * @since 0.1.0
 * @example
 * ```ts
 * import { EndpointFromString } from 'rxjs-net/effects';
 *
 * const endpoint = EndpointFromString.decode('[::1]:80');
 * if (endpoint._tag === 'Right') console.log(EndpointFromString.encode(endpoint.right)); // => tcp://[::1]:80
 * ```
 */
export const EndpointFromString: t.Type<CheckedEndpoint, string> = new t.Type(
  'EndpointFromString',
  FromObject.is,
  validate,
  format,
);
