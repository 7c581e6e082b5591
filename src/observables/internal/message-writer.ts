import { type DirectEncoder, directEncoderOf } from '../framing/direct-encoder.ts';
import { type Encoder, encodeMessage } from './encode-message.ts';
import type { LiveConnection } from './live-connection.ts';

/** Writes messages to connections: small ones in place, where that is possible, and the others as frames. */
export class MessageWriter {
  private readonly encoder: Encoder;
  private readonly direct: DirectEncoder | undefined;

  constructor(encoder: Encoder) {
    this.encoder = encoder;
    this.direct = directEncoderOf(encoder.encode);
  }

  /**
   * Throws what encoding throws; nothing of the message has left then.
   *
   * @returns whether there is room for more.
   */
  write(connection: LiveConnection, message: unknown): boolean {
    const { direct } = this;
    if (direct !== undefined) {
      const size = direct.sizeOf(message);
      if (connection.joins(size)) return connection.writeDirectly(message, size, direct);
    }
    return connection.writeFrame(encodeMessage(this.encoder, message));
  }
}
