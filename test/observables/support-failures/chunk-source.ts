import type { Flow } from '../../../src/observables/flow.ts';
import { Observable, type Subscriber } from 'rxjs';

import { type Upstream } from '../../../src/index.ts';
import { deliver } from '../../../src/core/demand.ts';

/**
 * A source of bytes that can be held and takes bytes back, as a connection's `incoming` does, but gives its chunks at
 * once: as fast as nobody holds it.
 */
export class ChunkSource implements Upstream {
  emitting: unknown = undefined;
  endedEarly = false;
  private readonly chunks: Uint8Array[];
  private subscriber: Subscriber<Uint8Array> | undefined = undefined;
  private holds = 0;
  private pumping = false;
  /** All that was given back, oldest first. */
  readonly givenBack: Buffer[] = [];
  private readonly ending: 'complete' | 'stay' | 'early' | Error;

  constructor(chunks: readonly Uint8Array[], ending: 'complete' | 'stay' | 'early' | Error = 'complete') {
    this.chunks = [...chunks];
    this.ending = ending;
  }

  get isHeld(): boolean {
    return this.holds > 0;
  }

  get isSubscribed(): boolean {
    return this.subscriber !== undefined;
  }

  readonly bytes: Flow<Uint8Array> = new Observable((subscriber) => {
    this.subscriber = subscriber;
    subscriber.add(() => {
      this.subscriber = undefined;
      this.holds = 0;
    });
    this.pump();
  });

  private pump(): void {
    if (this.pumping) return;
    this.pumping = true;
    while (this.subscriber !== undefined && this.holds === 0) {
      const chunk = this.chunks.shift();
      if (chunk === undefined) break;
      this.emitting = chunk;
      deliver(this, this.subscriber, chunk);
      this.emitting = undefined;
    }
    this.pumping = false;
    if (this.subscriber === undefined || this.holds > 0 || this.chunks.length > 0) return;
    this.endedEarly = this.ending === 'early';
    if (this.ending === 'complete' || this.ending === 'early') this.subscriber.complete();
    else if (this.ending !== 'stay') this.subscriber.error(this.ending);
  }

  hold(): () => void {
    this.holds++;
    let released = false;
    const { subscriber } = this;
    return () => {
      // A late release of an earlier subscriber's hold is nothing to the next.
      if (released || subscriber !== this.subscriber) return;
      released = true;
      this.holds--;
      if (this.holds === 0) this.pump();
    };
  }

  unread(bytes: Uint8Array): void {
    if (this.subscriber !== undefined) throw new Error('given back to a source that is still subscribed');
    const back = Buffer.from(bytes);
    this.givenBack.push(back);
    this.chunks.unshift(back);
  }

  /** What nobody has taken. */
  get rest(): Buffer {
    return Buffer.concat(this.chunks);
  }
}

/** The same bytes, cut before each of these places. */
export function cutAt(bytes: Uint8Array, places: readonly number[]): Buffer[] {
  const all = Buffer.from(bytes);
  const cuts = [...new Set(places)].filter((place) => place > 0 && place < all.length).toSorted((a, b) => a - b);
  return [0, ...cuts].map((start, index) => all.subarray(start, cuts[index] ?? all.length));
}
