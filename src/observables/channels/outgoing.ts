import { Observable, type Subscriber } from 'rxjs';

import { deliver, type Upstream } from '../demand.ts';
import type { Frame } from '../framing/framing.ts';

/** The requests' way to the connection; held while too much waits there. */
export class Outgoing implements Upstream {
  emitting: unknown = undefined;
  private readonly onReleased: () => void;
  private sink: Subscriber<Frame> | undefined = undefined;
  private holds = 0;

  readonly frames = new Observable<Frame>((subscriber) => {
    this.sink = subscriber;
    return () => {
      this.sink = undefined;
    };
  });

  constructor(onReleased: () => void) {
    this.onReleased = onReleased;
  }

  get isHeld(): boolean {
    return this.holds > 0;
  }

  send(frame: Frame): void {
    if (this.sink !== undefined) deliver(this, this.sink, frame);
  }

  hold(): () => void {
    this.holds++;
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.holds--;
      if (this.holds === 0) this.onReleased();
    };
  }
}
