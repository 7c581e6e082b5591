import { type ByteWindow, incomplete, type Incomplete } from './byte-window.ts';
import type { Decoder } from './framing.ts';

/** The messages of another decoder, made into others; `map` throws where it can't. */
export class MappedDecoder<In, Mapped> implements Decoder<Mapped> {
  private readonly inner: Decoder<In>;
  private readonly map: (message: In) => Mapped;

  constructor(inner: Decoder<In>, map: (message: In) => Mapped) {
    this.inner = inner;
    this.map = map;
  }

  decode(window: ByteWindow): Mapped | Incomplete {
    const message = this.inner.decode(window);
    return message === incomplete ? incomplete : this.apply(message);
  }

  decodeEnd(window: ByteWindow): Mapped | Incomplete {
    const message = this.inner.decodeEnd === undefined ? incomplete : this.inner.decodeEnd(window);
    return message === incomplete ? incomplete : this.apply(message);
  }

  private apply(message: In): Mapped {
    // Not as a method: it is the caller's function, and has no `this`.
    const { map } = this;
    return map(message);
  }
}
