import { refuseOptionsAsPlatform } from '../core/node/platform.ts';
import type { StreamTransport } from '../core/stream-link.ts';
import type { Link, Transport } from '../core/transport.ts';
import { LinkStream } from './link-stream.ts';
import { nodeError } from './node-error.ts';

/** Streams over any transport: what the system's sockets do by themselves is done here, over a `Link`. */
export function linkStreams(transport: Transport): StreamTransport {
  return {
    open(options, events, owner) {
      const { fd, handle } = options.platform ?? {};
      const stream = new LinkStream(transport, options, events, owner);
      if (handle !== undefined) refuseHandle(handle);
      if (fd !== undefined) stream.inherit(checkedDescriptor(fd));
      return stream;
    },

    adopt(accepted, events, owner) {
      const stream = new LinkStream(transport, {}, events, owner);
      stream.accept(accepted as Link);
      return stream;
    },
  };
}

/** Throws what the platform throws of something that can't be a descriptor. */
function checkedDescriptor(fd: unknown): number {
  if (typeof fd !== 'number' || !Number.isInteger(fd) || fd < 0 || fd > 2 ** 31 - 1) refuseOptionsAsPlatform({ fd });
  return Number(fd);
}

function refuseHandle(handle: unknown): never {
  // What is no object is refused by the platform itself.
  if (typeof handle !== 'object') refuseOptionsAsPlatform({ handle });
  throw nodeError('ERR_INVALID_HANDLE_TYPE', 'A handle of the platform has no meaning to this transport', TypeError);
}
