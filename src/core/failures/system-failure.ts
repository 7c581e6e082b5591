import { Failure, type FailureDetails, named } from './base.ts';

/**
 * Anything else that the system reports; `code` says what, and `cause` is the error.
 *
 * From every operation.
 */
export class SystemFailure extends Failure {
  readonly _tag = 'SystemFailure' as const;
  constructor(details: FailureDetails = {}) {
    const what = [details.syscall, details.code].filter((part) => part !== undefined).join(' ');
    super(details, `the system reported a failure${named(details, 'for ')}${what === '' ? '' : `: ${what}`}`);
  }
  override get name(): 'SystemFailure' {
    return 'SystemFailure';
  }
}
