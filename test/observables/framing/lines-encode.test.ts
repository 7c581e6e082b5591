import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { type InvalidOptions, lines, type LinesOptions } from '../../../src/index.ts';
import { joinFrame } from '../../../src/observables/framing/frame-parts.ts';
import { ChunkSource, cutAt } from '../support-failures/chunk-source.ts';
import { record, Recording } from '../support-failures/record.ts';

function refusal(action: () => unknown): InvalidOptions {
  try {
    action();
  } catch (failure) {
    expect(failure).toMatchObject({ _tag: 'InvalidOptions' });
    return failure as InvalidOptions;
  }
  throw new Error('nothing was refused');
}

describe('a line that is to be sent', () => {
  test('gets its terminator', () => {
    expect(lines().encode('a')).toBe('a\n');
    expect(lines().encode('')).toBe('\n');
    expect(lines({ terminator: '\r\n' }).encode('a')).toBe('a\r\n');
  });

  test.each<[string, unknown, LinesOptions]>([
    ['a LF', 'a\nb', {}],
    ['a LF at its end', 'a\n', {}],
    ['a CR LF', 'a\r\nb', { terminator: '\r\n' }],
    ['a CR at its end, which would be lost', 'a\r', {}],
    ['no text', 5, {}],
    ['bytes', Buffer.from('a'), {}],
    ['nothing', undefined, {}],
  ])('is refused: %s', (_name, line, options) => {
    expect(refusal(() => lines(options).encode(line as string))).toMatchObject({ option: 'message', value: line });
  });

  test('may have a CR at its end where that is not part of the terminator', () => {
    const framing = lines({ terminator: '\r\n' });
    const bytes = joinFrame(framing.encode('a\r'));
    expect(new Recording(new ChunkSource([bytes]).bytes.pipe(framing)).values).toEqual(['a\r']);
  });

  test('may be as long as is allowed, in bytes, and not one longer', () => {
    const framing = lines({ maxLength: 6 });
    expect(framing.encode('éé12')).toBe('éé12\n');
    const failure = refusal(() => framing.encode('éé123'));
    expect(failure.option).toBe('message');
    expect(failure.message).toBe('option "message" must be at most 6 bytes long (maxLength), got 7 bytes');
  });

  test('arrives as it was, however the bytes are cut', () => {
    const line = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\n') && !text.endsWith('\r'));
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat(200)), fc.constantFrom('\n', '\r\n'), (all, cuts, terminator) => {
        const framing = lines({ terminator });
        const bytes = Buffer.concat(all.map((each) => joinFrame(framing.encode(each))));
        expect(new Recording(new ChunkSource(cutAt(bytes, cuts)).bytes.pipe(framing)).values).toEqual(all);
      }),
    );
  });
});

describe('as a framing', () => {
  test('it is its own decode operator, and says its limit', () => {
    const framing = lines({ maxLength: 10 });
    expect(framing.decode).toBe(framing);
    expect(framing.maxLength).toBe(10);
    expect(lines().maxLength).toBe(65_536);
  });

  test.each<[string, object | null | string]>([
    ['maxLength', { maxLength: 0 }],
    ['maxLength', { maxLength: Number.POSITIVE_INFINITY }],
    ['terminator', { terminator: '\r' }],
    ['requireTerminator', { requireTerminator: 1 }],
    ['separator', { separator: '\n' }],
    ['options', null],
    ['options', 'x'],
  ])('wrong options are told when it is used: %s', async (option, options) => {
    const framing = lines(options as LinesOptions);
    const recording = record(new ChunkSource([Buffer.from('a\n')]).bytes.pipe(framing));
    await expect(recording.failure()).resolves.toMatchObject({ _tag: 'InvalidOptions', option });
    expect(refusal(() => framing.encode('a')).option).toBe(option);
    expect(refusal(() => framing.decoder()).option).toBe(option);
    expect(framing.maxLength).toBe(0);
  });
});
