import { Observable, type Subscriber } from 'rxjs';

import { deliver } from '../../core/demand.ts';
import type { Frame } from '../framing/framing.ts';
import { Holdable } from '../pacing/holdable.ts';

/** The requests' way to the connection; held while too much waits there. */
export class Outgoing extends Holdable {
  private readonly onReleased: () => void;
  private sink: Subscriber<Frame> | undefined = undefined;

  readonly frames = new Observable<Frame>((subscriber) => {
    this.sink = subscriber;
    return () => {
      this.sink = undefined;
    };
  });

  constructor(onReleased: () => void) {
    super();
    this.onReleased = onReleased;
  }

  send(frame: Frame): void {
    if (this.sink !== undefined) deliver(this, this.sink, frame);
  }

  protected onFree(): void {
    this.onReleased();
  }
}
