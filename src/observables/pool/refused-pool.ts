import { EMPTY, type Observable, throwError } from 'rxjs';

import type { PoolEvent, PoolReport, PoolStats } from './events.ts';
import type { Pool } from './pool.ts';

/** The pool of wrong options: everybody who comes is told what is wrong. */
export class RefusedPool implements Pool<unknown> {
  readonly events: Observable<PoolEvent> = EMPTY;
  readonly stats: PoolStats = { size: 0, idle: 0, leased: 0, dialling: 0, waiting: 0 };
  private readonly failure: unknown;

  constructor(failure: unknown) {
    this.failure = failure;
  }

  use(): Observable<never> {
    return throwError(() => this.failure);
  }

  lease(): Observable<never> {
    return throwError(() => this.failure);
  }

  close(): Promise<PoolReport> {
    return Promise.resolve({ finished: 0, cut: 0, refused: 0, duration: 0 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
