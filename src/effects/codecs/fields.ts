import type * as t from 'io-ts';

import {
  checkBoolean,
  checkCount,
  checkDuration,
  checkFunction,
  checkInteger,
  checkOneOf,
  checkRate,
  checkSignal,
  checkSize,
  refuse,
} from '../../core/options/index.ts';
import type { LookupFunction, Transport } from '../../core/transport.ts';
import { Budget } from '../../observables/byte-budget.ts';
import { isObservableInput } from '../../observables/internal/observable-input.ts';
import { checkTransport } from '../../observables/internal/read-options.ts';
import {
  ConnectionThrottle,
  planThrottle,
  throttleConnections,
  type ThrottleOptions,
} from '../../observables/throttle-connections.ts';
import { checked } from './checked.ts';
import type { Field, Fields, TextForm } from './option-codec.ts';

type Check = (name: string, value: unknown) => unknown;

/** An option that a check of the library's own accepts or refuses; it is what it is, in both directions. */
function field(name: string, check: Check, text?: TextForm): Field {
  const type = checked<unknown, unknown>(
    name,
    (value) => check(name, value),
    (value) => value,
  );
  return text === undefined ? { type } : { type, text };
}

export const boolean: Field = field('boolean', checkBoolean, 'boolean');
export const size: Field = field('Size', (name, value) => checkSize(name, value), 'number');
export const count: Field = field('Count', (name, value) => checkCount(name, value), 'number');
export const countOrInfinity: Field = field(
  'Count',
  (name, value) => checkCount(name, value, { infinity: true }),
  'number',
);
export const duration: Field = field('Duration', (name, value) => checkDuration(name, value), 'number');
export const durationOrZero: Field = field(
  'Duration',
  (name, value) => checkDuration(name, value, { zero: true }),
  'number',
);
export const descriptor: Field = field(
  'Descriptor',
  (name, value) => checkInteger(name, value, 0, 2_147_483_647),
  'number',
);

export const integer = (least: number, most: number): Field =>
  field('Integer', (name, value) => checkInteger(name, value, least, most), 'number');

export const oneOf = (allowed: readonly string[]): Field =>
  field('OneOf', (name, value) => checkOneOf(name, value, allowed), 'string');

export const oneOfNumbers = (allowed: readonly number[]): Field =>
  field('OneOf', (name, value) => checkOneOf(name, value, allowed), 'number');

export const custom = (name: string, check: Check, text?: TextForm): Field => field(name, check, text);

export const coded = (type: t.Mixed, text: TextForm): Field => ({ type, text });

// ---- what only a program can give: no text and no JSON is one of these

export const signal: Field = field('AbortSignal', checkSignal);
export const lookup: Field = field('LookupFunction', checkFunction<LookupFunction>);
export const transport: Field = field('Transport', (name, value): Transport => checkTransport(name, value));

/** Not an array, which would end the server at once and may come from JSON. */
export const shutdown: Field = field('Shutdown', (name, value) => {
  if (typeof value === 'object' && value !== null && 'aborted' in value) return checkSignal(name, value);
  if (!Array.isArray(value) && isObservableInput(value)) return value;
  return refuse(name, value, 'an AbortSignal or an Observable');
});

// ---- what has a form in data

/** A budget, or the number of bytes of one of its own. */
export const budget: Field = {
  text: 'number',
  type: checked<Budget, number>(
    'ByteBudget',
    (value) => {
      if (value instanceof Budget) {
        checkSize('budget', value.limit);
        return value;
      }
      if (typeof value === 'object')
        return refuse('budget', value, 'a whole number of bytes, or what byteBudget() returns');
      return new Budget(checkSize('budget', value));
    },
    ({ limit }) => limit,
  ),
};

const THROTTLE_FIELDS: Fields = {
  perSecond: field('Rate', checkRate, 'number'),
  burst: count,
  whenExceeded: oneOf(['wait', 'drop']),
};

function isThrottle(value: unknown): value is ConnectionThrottle {
  try {
    return value instanceof ConnectionThrottle;
  } catch {
    // A proxy.
    return false;
  }
}

/** A throttle, or its options. */
export const throttle: Field = {
  fields: THROTTLE_FIELDS,
  optionsOf: (value) => (isThrottle(value) ? value.options : undefined),
  required: ['perSecond'],
  type: checked<ConnectionThrottle, ThrottleOptions>(
    'ConnectionThrottle',
    (value) => {
      if (isThrottle(value)) return value;
      const made = throttleConnections(Object(value));
      planThrottle(made);
      return made;
    },
    ({ options }) => options,
  ),
};
