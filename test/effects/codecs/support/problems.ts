import type * as t from 'io-ts';
import { problemReporter } from 'rxjs-net/effects';

/** All that is wrong with a value, a line each; nothing when it is right. */
export const problems = (codec: t.Mixed, value: unknown): readonly string[] =>
  problemReporter.report(codec.decode(value));
