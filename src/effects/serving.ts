import { type Either, right } from 'fp-ts/lib/Either.js';
import { Observable, type Subscriber, type Subscription } from 'rxjs';

import type { Address, ListenFailure } from '../core/index.ts';
import { onAbort } from '../core/on-abort.ts';
import { checkDuration, checkFunction } from '../core/options/index.ts';
import { DEFAULT_DRAIN_TIMEOUT, read } from '../observables/internal/read-options.ts';
import { checkShutdown, serveOutput } from '../observables/serve.ts';
import type { ServeEvent } from '../observables/serve-events.ts';
import type { DrainReport } from '../observables/server.ts';
import { settleError, type Settling } from './either-of.ts';
import { withTransport } from './environment-options.ts';
import { fromCallback } from './from-callback.ts';
import { fromRefusing } from './from-refusing.ts';
import { HandlerRuns, type Handling } from './handler-runs.ts';
import type { NetEnv } from './net-env.ts';
import type { Net, Program } from './net.ts';
import type { RunningServer, ServeWithOptions } from './serve-with.ts';
import { Standing } from './standing.ts';

/** Options besides those of `serve`. */
const OWN_OPTIONS = ['onDefect', 'onEvent'] as const;

/** Binds; interrupted meanwhile, it gives up. */
export function startServing<R extends NetEnv, E>(
  options: ServeWithOptions<R>,
  handler: Handling<R, E>['handler'],
  onFailure: Handling<R, E>['onFailure'],
): Program<Serving<R, E>, ListenFailure, R> {
  return fromRefusing((settling: Settling<ListenFailure, Serving<R, E>>, env: R) => {
    const serving = new Serving(options, handler, onFailure, env);
    serving.begin(settling);
    return () => serving.stop();
  });
}

/** A server, and the handlers that run on its connections. */
export class Serving<R extends NetEnv, E> implements RunningServer {
  readonly standing = new Standing();
  address: Address = { path: '' };
  private readonly options: ServeWithOptions<R>;
  private readonly env: R;
  private readonly runs: HandlerRuns<R, E>;
  private readonly drainTimeout: number;
  private readonly shutdownOption: AbortSignal | Observable<unknown> | undefined;
  private listens = false;
  private wantsShutdown = false;
  private shutdownSubscriber: Subscriber<void> | undefined = undefined;
  private readonly waiters = new Set<(ended: Either<ListenFailure, DrainReport>) => void>();
  private report: DrainReport | undefined = undefined;
  private subscription: Subscription | undefined = undefined;

  /** @throws InvalidOptions */
  constructor(
    options: ServeWithOptions<R>,
    handler: Handling<R, E>['handler'],
    onFailure: Handling<R, E>['onFailure'],
    env: R,
  ) {
    this.options = withTransport(options, env);
    this.env = env;
    checkFunction('handler', handler);
    if (onFailure !== undefined) checkFunction('onFailure', onFailure);
    for (const name of OWN_OPTIONS) read(options, name, checkFunction);
    this.drainTimeout = read(options, 'drainTimeout', checkDuration) ?? DEFAULT_DRAIN_TIMEOUT;
    this.shutdownOption = read(options, 'shutdown', checkShutdown);
    const { onDefect } = options;
    this.onEvent = options.onEvent;
    this.runs = new HandlerRuns({ handler, onFailure, onDefect }, env);
  }

  private readonly onEvent: ServeWithOptions<R>['onEvent'];

  begin(settling: Settling<ListenFailure, Serving<R, E>>): void {
    const { drainTimeout } = this;
    const options = { ...this.options, drainTimeout, shutdown: this.whenToShutDown() };
    this.subscription = serveOutput<never>(options, (connection) => this.runs.output(connection), {
      moreNames: OWN_OPTIONS,
      readsOnDefect: false,
    }).subscribe({
      next: (event) => {
        if (event.type === 'listening') {
          this.address = event.address;
          this.listens = true;
          settling.resolve(right(this));
        }
        this.tell(event);
        if (event.type === 'stopped') void this.finish(event.report);
      },
      error: (error: unknown) => {
        // A server that never listened has no handlers, and is not released.
        if (!this.listens) this.runs.close();
        settleError(settling, error);
        this.lose(error);
      },
    });
  }

  private tell(event: ServeEvent): void {
    if (event.type === 'failed') return;
    try {
      this.onEvent?.(event)();
    } catch (error) {
      this.lose(error);
    }
  }

  /** Why it can't go on. */
  private lose(error: unknown): void {
    this.standing.lose(error);
    settleError<ListenFailure, DrainReport>({ resolve: (ended) => this.tellWaiters(ended), reject: () => {} }, error);
  }

  private tellWaiters(ended: Either<ListenFailure, DrainReport>): void {
    for (const waiter of this.waiters) waiter(ended);
    this.waiters.clear();
  }

  /** Emits when it is asked for: by the effect, or by the option. */
  private whenToShutDown(): Observable<void> {
    return new Observable((subscriber) => {
      const begin = (): void => subscriber.next();
      const { shutdownOption } = this;
      this.shutdownSubscriber = subscriber;
      if (shutdownOption instanceof Observable) {
        const error = (failure: unknown): void => subscriber.error(failure);
        subscriber.add(shutdownOption.subscribe({ next: begin, complete: begin, error }));
      } else if (shutdownOption?.aborted === false) {
        subscriber.add(onAbort(shutdownOption, begin));
      }
      if (this.wantsShutdown || (shutdownOption instanceof AbortSignal && shutdownOption.aborted)) begin();
    });
  }

  private shutDown(): void {
    this.wantsShutdown = true;
    this.shutdownSubscriber?.next();
  }

  /** All connections are closed; what their handlers still do has the rest of the time. */
  private async finish(report: DrainReport): Promise<void> {
    const left = Math.max(0, this.drainTimeout - report.duration);
    const cancel = this.env.clock.after(left, () => this.runs.interrupt('the server has shut down'), true);
    await this.runs.settled();
    cancel();
    this.report = report;
    this.tellWaiters(right(report));
  }

  get stopped(): Net<ListenFailure, DrainReport> {
    return this.waitUntilStopped(() => {});
  }

  get shutdown(): Net<ListenFailure, DrainReport> {
    return this.waitUntilStopped(() => this.shutDown());
  }

  private waitUntilStopped(first: () => void): Net<ListenFailure, DrainReport> {
    return fromCallback((resolve, reject) => {
      const { lost } = this.standing;
      first();
      if (this.report !== undefined) resolve(right(this.report));
      else if (lost !== undefined) settleError({ resolve, reject }, lost.error);
      else this.waiters.add(resolve);
      return () => {
        this.waiters.delete(resolve);
      };
    });
  }

  /** Closes everything at once, and waits until the handlers have ended. */
  get destroyed(): Net<never, void> {
    return () => async () => {
      this.stop();
      await this.runs.settled();
      return right(undefined);
    };
  }

  stop(): void {
    this.subscription?.unsubscribe();
    this.runs.interrupt('the server was closed');
    this.runs.close();
  }
}
