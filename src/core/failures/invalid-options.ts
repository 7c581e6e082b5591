import { Failure, type FailureDetails } from './base.ts';
import { oneLine, wholeMessage } from './one-line.ts';
import { renderValue } from './render-value.ts';

/**
 * An option is missing, unknown, or has a value that is not allowed; or a chunk to be written is
 * neither bytes nor text. Nothing was opened.
 *
 * From `connect`, `listen`, `serve` on subscription, from operators that take options, and from writing.
 */
export class InvalidOptions extends Failure {
  readonly _tag = 'InvalidOptions' as const;
  /** The name of the option. */
  readonly option: string;
  /** What was given. */
  readonly value: unknown;
  /** What is allowed, in words that follow "must be". */
  readonly allowed: string;
  constructor(
    details: FailureDetails & { readonly option: string; readonly value: unknown; readonly allowed: string },
  ) {
    const { option, value, allowed } = details;
    super(details, `option "${oneLine(option)}" must be ${allowed}, got ${renderValue(value)}`);
    this.option = oneLine(option);
    this.value = value;
    this.allowed = wholeMessage(allowed);
  }
  override get name(): 'InvalidOptions' {
    return 'InvalidOptions';
  }
}
