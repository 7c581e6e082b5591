import type { Chunk } from '../../core/transport.ts';
import type { Connection } from '../connection.ts';
import type { Frame } from './framing.ts';

/**
 * Writes one message to a connection, as `connection.write` does: the parts of a frame leave together.
 *
 * @returns false when more than the high-water mark waits.
 */
export function writeFrame(connection: Connection, frame: Frame): boolean {
  if (!isParts(frame)) return connection.write(frame);
  let room = true;
  for (const chunk of frame) room = connection.write(chunk);
  return room;
}

/** Whether a frame has several chunks. */
export function isParts(frame: Frame): frame is readonly Chunk[] {
  return Array.isArray(frame);
}

/** The bytes of a frame in one piece; a frame that is one piece of bytes is not copied. */
export function joinFrame(frame: Frame): Buffer {
  if (isParts(frame)) return Buffer.concat(frame.map(joinFrame));
  if (typeof frame === 'string') return Buffer.from(frame);
  return Buffer.isBuffer(frame) ? frame : Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
}
