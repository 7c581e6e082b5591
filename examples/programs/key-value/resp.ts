// RESP, the protocol of Redis (https://redis.io/docs/latest/develop/reference/protocol-spec/): commands come in, replies go out.
import { type ByteWindow, DecodeFailed, type Decoder, defineFraming, type Framing, incomplete } from 'rxjs-net';

/** A command's name and its arguments: views of the memory in which they came, which a store has to copy. */
export type Command = readonly Buffer[];

/** What a command is answered with: `{ ok }` is a word such as OK, text and bytes are values, null is no value. */
export type Reply =
  { readonly ok: string } | { readonly error: string } | number | string | Buffer | null | readonly Reply[];

const MAX_LENGTH = 16 * 1_048_576;
const MAX_ARGUMENTS = 1_024;
const CRLF = Buffer.from('\r\n');
/** `$16777216` has nine characters; what is longer without an end is no length. */
const LONGEST_LENGTH = 16;

/** An array of bulk strings: `*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n`. */
class CommandDecoder implements Decoder<Command> {
  /** How far it has got in the window, so that no byte is looked at twice. */
  private position = 0;
  private count: number | undefined = undefined;
  private size: number | undefined = undefined;
  private found: (readonly [start: number, end: number])[] = [];

  decode(window: ByteWindow): Command | typeof incomplete {
    this.count ??= this.readLength(window, '*', MAX_ARGUMENTS);
    if (this.count === undefined) return incomplete;
    while (this.found.length < this.count) {
      this.size ??= this.readLength(window, '$', MAX_LENGTH);
      if (this.size === undefined) return incomplete;
      const start = this.position;
      const end = start + this.size;
      if (window.length < end + CRLF.length) {
        window.want(end + CRLF.length);
        return incomplete;
      }
      if (window.indexOf(CRLF, end) !== end) throw new DecodeFailed({ reason: 'a value is longer than it says' });
      this.found.push([start, end]);
      this.position = end + CRLF.length;
      this.size = undefined;
    }
    const command = this.found.map(([start, end]) => window.peek(start, end));
    window.skip(this.position);
    this.position = 0;
    this.count = undefined;
    this.found = [];
    return command;
  }

  /** The number in a line such as `*3`; undefined when the line is not whole yet. */
  private readLength(window: ByteWindow, sign: '*' | '$', most: number): number | undefined {
    const end = window.indexOf(CRLF, this.position);
    if (end < 0 && window.length - this.position < LONGEST_LENGTH) return undefined;
    const line = window.peek(this.position, end < 0 ? this.position + LONGEST_LENGTH : end).toString('latin1');
    const length = /^\d+$/.test(line.slice(1)) ? Number(line.slice(1)) : Number.NaN;
    if (end < 0 || !line.startsWith(sign) || !(length <= most)) {
      throw new DecodeFailed({
        reason: `"${sign}" and a number up to ${most} were expected, got ${JSON.stringify(line)}`,
      });
    }
    this.position = end + CRLF.length;
    return length;
  }
}

function encode(reply: Reply): string | (string | Buffer)[] {
  if (reply === null) return '$-1\r\n';
  if (typeof reply === 'number') return `:${reply}\r\n`;
  if (typeof reply === 'string') return `$${Buffer.byteLength(reply)}\r\n${reply}\r\n`;
  if (Buffer.isBuffer(reply)) return [`$${reply.length}\r\n`, reply, '\r\n'];
  if ('ok' in reply) return `+${reply.ok}\r\n`;
  if ('error' in reply) return `-${reply.error}\r\n`;
  return [`*${reply.length}\r\n`, ...reply.flatMap(encode)];
}

export const resp: Framing<Command, Reply> = defineFraming({
  maxLength: MAX_LENGTH,
  decoder: () => new CommandDecoder(),
  encode,
});
