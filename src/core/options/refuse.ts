import { InvalidOptions } from '../failures/invalid-options.ts';

/** Fails with `InvalidOptions`; `allowed` follows "must be". */
export function refuse(option: string, value: unknown, allowed: string): never {
  throw new InvalidOptions({ option, value, allowed });
}
