import { FrameTooLarge } from '../../core/failures/index.ts';
import { incomplete, type Incomplete, type Window } from './byte-window.ts';
import type { Decoder } from './framing.ts';

const LF = 0x0a;
const CR = 0x0d;

/** Lines one at a time, for framings that are made of lines; `lines` itself decodes those of a chunk together. */
export class LineDecoder implements Decoder<string> {
  private readonly maxLength: number;
  private readonly requireTerminator: boolean;
  /** So many bytes of the window hold no LF. */
  private searched = 0;

  constructor(maxLength: number, requireTerminator: boolean) {
    this.maxLength = maxLength;
    this.requireTerminator = requireTerminator;
  }

  decode(window: Window): string | Incomplete {
    const { bytes, start } = window;
    const end = bytes.indexOf(LF, start + this.searched);
    if (end < 0) {
      this.searched = bytes.length - start;
      this.checkBeginning(window);
      return incomplete;
    }
    this.searched = 0;
    const line = this.toLine(bytes, start, end);
    window.start = end + 1;
    return line;
  }

  decodeEnd(window: Window): string | Incomplete {
    if (this.requireTerminator) return incomplete;
    const { bytes, start } = window;
    const line = this.toLine(bytes, start, bytes.length);
    window.start = bytes.length;
    return line;
  }

  private toLine(bytes: Buffer, start: number, end: number): string {
    const last = end > start && bytes[end - 1] === CR ? end - 1 : end;
    const size = last - start;
    if (size > this.maxLength) throw new FrameTooLarge({ limit: this.maxLength, size });
    return bytes.toString('utf8', start, last);
  }

  /** Of a line whose end is not there. */
  private checkBeginning({ bytes, length }: Window): void {
    const { maxLength } = this;
    if (length <= maxLength) return;
    // A CR may still turn out to belong to the terminator.
    if (length > maxLength + 1 || bytes.at(-1) !== CR) throw new FrameTooLarge({ limit: maxLength, size: length });
  }
}
