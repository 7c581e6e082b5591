import { Observable, type ObservableInput, type Subscriber } from 'rxjs';

import { InvalidOptions } from '../../core/failures/index.ts';
import type { Frame, Framing } from '../framing/framing.ts';
import { toObservable } from '../operators/from.ts';
import { Receiver } from '../pacing/receiver.ts';

/** The part of a framing that the way out needs. */
export type Encoder<Out> = Pick<Framing<unknown, Out, unknown>, 'encode'>;

/** What a message is on the wire; throws before a byte of it can have left. */
export function encodeMessage<Out>(encoder: Encoder<Out>, message: Out): Frame {
  const frame: unknown = encoder.encode(message);
  if (isFrame(frame)) return frame;
  const allowed = 'a function that returns bytes (a Uint8Array), a string, or an array of them';
  throw new InvalidOptions({ option: 'encode', value: frame, allowed });
}

function isFrame(value: unknown): value is Frame {
  if (typeof value === 'string' || value instanceof Uint8Array) return true;
  return Array.isArray(value) && value.every((chunk) => typeof chunk === 'string' || chunk instanceof Uint8Array);
}

/** Messages to frames; the first that can't be encoded ends it. Who holds it holds what feeds it. */
export function encodeAll<Out>(source: ObservableInput<Out>, encoder: Encoder<Out>): Observable<Frame> {
  return new Observable<Frame>((subscriber) => {
    const encoding = new Encoding(subscriber, encoder);
    subscriber.add(encoding);
    toObservable(source).subscribe(encoding);
  });
}

class Encoding<Out> extends Receiver<Out> {
  private readonly subscriber: Subscriber<Frame>;
  private readonly encoder: Encoder<Out>;

  constructor(subscriber: Subscriber<Frame>, encoder: Encoder<Out>) {
    super();
    this.subscriber = subscriber;
    this.encoder = encoder;
  }

  protected onNext(message: Out): void {
    let frame: Frame;
    try {
      frame = encodeMessage(this.encoder, message);
    } catch (failure) {
      this.error(failure);
      return;
    }
    this.subscriber.next(frame);
  }

  protected onError(error: unknown): void {
    this.subscriber.error(error);
  }

  protected onComplete(): void {
    this.subscriber.complete();
  }
}
