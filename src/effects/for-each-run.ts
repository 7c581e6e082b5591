import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import type { ReaderTaskEither } from 'fp-ts/lib/ReaderTaskEither.js';
import type { Observable } from 'rxjs';

import { ItemPuller, type ItemTaker } from '../observables/interop/item-puller.ts';
import type { Limits } from '../observables/pacing/limits.ts';
import { settleError, type Settling } from './either-of.ts';
import { exitOfRejection } from './exit.ts';
import { isInterrupted } from './interrupted.ts';
import { signalOf } from './net-env.ts';
import type { Program } from './net.ts';
import { faultOf, Scope } from './scope.ts';

/** How it ends: decided by the first that fails, told when the last has ended. */
type Verdict<E> = (settling: Settling<E, void>) => void;

/** One run of `runForEach`. */
export class ForEachRun<R, A, E> implements ItemTaker<A> {
  private readonly f: (value: A) => Program<unknown, E, R>;
  private readonly concurrency: number;
  private readonly settling: Settling<E, void>;
  private readonly scope: Scope;
  private readonly env: R;
  private readonly puller: ItemPuller<A>;
  private flow: Observable<A> | undefined = undefined;
  private running = 0;
  private verdict: Verdict<E> | undefined = undefined;
  private broken = false;
  /** The first of them, which outdoes any failure. */
  private defect: { readonly error: unknown } | undefined = undefined;
  private whenIdle: (() => void) | undefined = undefined;

  constructor(f: (value: A) => ReaderTaskEither<R, E, unknown>, env: R, limits: Limits, settling: Settling<E, void>) {
    this.f = f;
    this.concurrency = limits.concurrency;
    this.settling = settling;
    this.scope = new Scope(signalOf(env));
    this.env = this.scope.env(env);
    this.puller = new ItemPuller<A>(this, limits);
  }

  start(flow: Observable<A>): void {
    this.flow = flow;
    try {
      this.puller.want(flow);
    } catch (error) {
      this.failed(error);
    }
  }

  /** Interrupted: what runs is interrupted too, and waited for. */
  cancel(): Promise<void> | undefined {
    this.end(() => {});
    if (this.running === 0) return undefined;
    return new Promise((resolve, reject) => {
      this.whenIdle = () => (this.defect === undefined ? resolve() : reject(this.defect.error));
    });
  }

  // ---- from the flow

  take(item: A): void {
    this.running++;
    this.scope.run((env: R) => this.f(item)(env), this.env).then(this.ran, this.died);
    this.wantMore();
  }

  failed(error: unknown): void {
    this.end((settling) => settleError(settling, error));
  }

  completed(): void {
    this.verdict ??= ({ resolve }) => resolve(right(undefined));
    this.tellIfIdle();
  }

  // ---- from what runs

  private readonly ran = (either: Either<E, unknown>): void => {
    this.running--;
    if (isLeft(either)) this.end(({ resolve }) => resolve(either));
    else if (this.verdict === undefined) this.wantMore();
    else this.tellIfIdle();
  };

  private readonly died = (error: unknown): void => {
    this.running--;
    const fault = faultOf(exitOfRejection(error));
    if (fault !== undefined) this.defect ??= { error: isInterrupted(error) ? fault : error };
    this.end(({ reject }) => reject(error));
  };

  private wantMore(): void {
    const { flow } = this;
    if (flow !== undefined && this.verdict === undefined && this.running < this.concurrency) this.puller.want(flow);
  }

  /**
   * It can't go on. What came to an end in order meanwhile is outdone by a failure of what still
   * ran.
   */
  private end(verdict: Verdict<E>): void {
    if (this.broken) {
      this.tellIfIdle();
      return;
    }
    this.broken = true;
    this.verdict = verdict;
    this.puller.stop();
    this.scope.abort('another one failed');
    this.tellIfIdle();
  }

  private tellIfIdle(): void {
    const { verdict, defect } = this;
    if (verdict === undefined || this.running > 0) return;
    this.scope.close();
    if (defect === undefined) verdict(this.settling);
    else this.settling.reject(defect.error);
    this.whenIdle?.();
    // What comes to an end once more has nobody to tell.
    this.verdict = () => {};
  }
}
