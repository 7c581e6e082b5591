import { Observable, type Subscriber } from 'rxjs';

import { DecoderRun } from './decoder-run.ts';
import type { FramingRun } from './framing-run.ts';
import type { Decoder, Frame, Framing } from './framing.ts';

/** What a framing is made of, once its options are known to be right. */
export interface FramingParts<In, Out> {
  readonly maxLength: number;
  readonly decoder: () => Decoder<In>;
  readonly encode: (message: Out) => Frame;
  /** One subscription of the operator, for a framing that has something faster than its decoder. */
  readonly run?: (subscriber: Subscriber<In>) => FramingRun<In>;
}

/**
 * A framing whose options are read and checked by `read`: once and at once, but wrong ones are told only when the framing is used.
 *
 * `X` is the caller's word for what decoding adds.
 */
export function makeFraming<In, Out, X>(read: () => FramingParts<In, Out>): Framing<In, Out, X> {
  const parts = attempt(read);
  const operator = (source: Observable<Uint8Array>): Observable<In> =>
    new Observable<In>((subscriber) => {
      let run: FramingRun<In>;
      try {
        run = parts.run?.(subscriber) ?? new DecoderRun(subscriber, parts.decoder());
      } catch (failure) {
        subscriber.error(failure);
        return;
      }
      // Before it starts: a source may emit within `subscribe`, and who takes it give up.
      subscriber.add(() => run.stop());
      run.start(source);
    });
  const { maxLength, decoder, encode } = parts;
  return Object.assign(operator, { decode: operator, maxLength, decoder, encode });
}

function attempt<In, Out>(read: () => FramingParts<In, Out>): FramingParts<In, Out> {
  try {
    return read();
  } catch (failure) {
    const refuse = (): never => {
      throw failure;
    };
    return { maxLength: 0, decoder: refuse, encode: refuse };
  }
}
