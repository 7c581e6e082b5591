import { type Observable, type Observer, Subscription } from 'rxjs';

import { reportDefect } from '../../core/report-defect.ts';
import { isNoNews } from '../failures/report-late.ts';

/**
 * Receives from one Observable.
 *
 * A Subscription that has `next`, `error` and `complete` is taken by RxJS as the subscriber itself:
 * nothing is wrapped around it, and a source that emits in a loop sees at once when it was closed,
 * before `subscribe` has returned.
 */
export abstract class Receiver<A> extends Subscription implements Observer<A> {
  private stopped = false;
  private subscribing = false;

  next(value: A): void {
    if (!this.stopped && !this.closed) this.onNext(value);
  }

  /**
   * Subscribes to what may end within the call. A `finalize` of it comes after that, and RxJS hands
   * what it throws to the one who has been told of the end already.
   */
  receive(source: Observable<A>): void {
    this.subscribing = true;
    try {
      source.subscribe(this);
    } finally {
      this.subscribing = false;
    }
  }

  error(error: unknown): void {
    if (this.stopped || this.closed) {
      // RxJS drops what it hands over then; a source that has ended has nothing else to say.
      if (this.subscribing || (this.stopped && !isNoNews(error))) this.onThrownAtEnd(error);
      return;
    }
    this.stopped = true;
    try {
      this.onError(error);
    } finally {
      this.unsubscribe();
    }
  }

  complete(): void {
    if (this.stopped || this.closed) return;
    this.stopped = true;
    try {
      this.onComplete();
    } finally {
      this.unsubscribe();
    }
  }

  /** A teardown of what has ended within the call that subscribed to it threw. */
  protected onThrownAtEnd(error: unknown): void {
    reportDefect(error);
  }

  protected abstract onNext(value: A): void;
  protected abstract onError(error: unknown): void;
  protected abstract onComplete(): void;
}

/** What an operator does with what its source says. */
export interface SourceHandler<A> {
  sourceNext(value: A): void;
  sourceError(error: unknown): void;
  sourceComplete(): void;
}

/** Receives from the source of an operator. */
export class SourceReceiver<A> extends Receiver<A> {
  private readonly handler: SourceHandler<A>;

  constructor(handler: SourceHandler<A>) {
    super();
    this.handler = handler;
  }

  protected onNext(value: A): void {
    this.handler.sourceNext(value);
  }

  protected onError(error: unknown): void {
    this.handler.sourceError(error);
  }

  protected onComplete(): void {
    this.handler.sourceComplete();
  }
}

/** What an operator with several inputs does with what one of them says. */
export interface InputHandler<A> {
  inputNext(value: A, input: InputReceiver<A>): void;
  inputError(error: unknown, input: InputReceiver<A>): void;
  inputComplete(input: InputReceiver<A>): void;
}

/** Receives from one of several inputs. */
export class InputReceiver<A> extends Receiver<A> {
  readonly index: number;
  private readonly handler: InputHandler<A>;

  constructor(handler: InputHandler<A>, index: number) {
    super();
    this.handler = handler;
    this.index = index;
  }

  protected onNext(value: A): void {
    this.handler.inputNext(value, this);
  }

  protected onError(error: unknown): void {
    this.handler.inputError(error, this);
  }

  protected onComplete(): void {
    this.handler.inputComplete(this);
  }
}
