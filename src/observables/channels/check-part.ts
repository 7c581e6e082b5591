import { InvalidOptions } from '../../core/failures/index.ts';
import type { AnswerPart } from './rpc-types.ts';

/** @throws InvalidOptions */
export function checkPart(part: unknown): AnswerPart {
  if (part === 'more' || part === 'last' || part === 'end') return part;
  throw new InvalidOptions({ option: 'part', value: part, allowed: 'a function that returns "more", "last" or "end"' });
}
