import { constants } from 'node:buffer';

import { FrameTooLarge, type FrameTruncated } from '../core/index.ts';
import { checkInteger, refuse, refuseUnknown } from '../core/options/index.ts';
import { incomplete, type Incomplete, type Window } from '../observables/framing/byte-window.ts';
import { readMaxLength } from '../observables/framing/check-options.ts';
import { fixedLength } from '../observables/framing/fixed-length.ts';
import type { Decoder, Framing } from '../observables/framing/framing.ts';
import { makeFraming } from '../observables/framing/make-framing.ts';

/** A framing that nothing is written with. */
export type ReadFraming<In, X> = Framing<In, never, X>;

const encode = (message: never): never => refuse('message', message, 'none: this is only read with');

/** Whatever has come, as it came. */
export const anyBytes: ReadFraming<Buffer, never> = makeFraming(() => {
  const decoder: Decoder<Buffer> = { decode: takeAll };
  return { maxLength: constants.MAX_LENGTH, decoder: () => decoder, encode };
});

/** So many bytes, 1 or more. */
export function exactly(count: number): ReadFraming<Buffer, FrameTruncated> {
  return makeFraming(() => {
    checkInteger('count', count, 0, constants.MAX_LENGTH);
    const { decoder } = fixedLength(count);
    return { maxLength: count, decoder, encode };
  });
}

/** All that comes until the stream ends. */
export function untilEnd(options: { readonly maxLength?: number | undefined }): ReadFraming<Buffer, FrameTooLarge> {
  return makeFraming(() => {
    refuseUnknown(options, ['maxLength']);
    const maxLength = readMaxLength(options);
    const decoder: Decoder<Buffer> = {
      decode(window: Window): Incomplete {
        const size = window.length;
        if (size > maxLength) throw new FrameTooLarge({ limit: maxLength, size });
        return incomplete;
      },
      decodeEnd: takeAll,
    };
    return { maxLength, decoder: () => decoder, encode };
  });
}

function takeAll(window: Window): Buffer {
  return window.take(window.length);
}
