import type { Connection } from '../connection.ts';
import { isParts } from './frame-parts.ts';
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
