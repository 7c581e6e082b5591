import { ConnectionAborted, DeadlineExceeded } from '../../core/failures/index.ts';
import { onAbort } from '../../core/on-abort.ts';
import { checkDuration, checkSignal, refuseUnknown } from '../../core/options/index.ts';
import type { LiveConnection } from '../internal/live-connection.ts';
import type { RequestRun } from './request-run.ts';
import type { RpcPlan } from './rpc-plan.ts';
import type { RequestOptions } from './rpc-types.ts';

/** Sees to it that a request ends before its answer: at its deadline, or by its signal. Throws what is wrong with its options. */
export function limitRequest(
  run: RequestRun,
  options: RequestOptions | undefined,
  plan: RpcPlan,
  connection: LiveConnection,
): void {
  let { deadline } = plan;
  if (options !== undefined) {
    refuseUnknown(options, ['deadline', 'signal']);
    if (options.deadline !== undefined) deadline = checkDuration('deadline', options.deadline);
    if (options.signal !== undefined) follow(run, checkSignal('signal', options.signal), connection);
  }
  if (deadline === undefined || run.isSettled) return;
  const limit = deadline;
  const clock = plan.clock ?? connection.settings.clock;
  run.cancelTimer = clock.after(limit, () => {
    const reason = run.state === 'waiting' ? `: it waited for its turn${run.owner.whyWaiting()}` : '';
    run.owner.onGivenUp(run);
    const message = `a request was not answered within ${limit} ms${reason}`;
    run.failNow(new DeadlineExceeded({ ...connection.failureDetails(), limit, message }));
  });
}

function follow(run: RequestRun, signal: AbortSignal, connection: LiveConnection): void {
  const abort = (): void => {
    run.owner.onGivenUp(run);
    const message = 'a request was given up: its signal was aborted';
    const cause: unknown = signal.reason;
    run.failNow(new ConnectionAborted({ ...connection.failureDetails(), message, cause }));
  };
  if (signal.aborted) abort();
  else run.stopFollowing = onAbort(signal, abort);
}
