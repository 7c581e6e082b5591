// Pipelines over bytes, with the TestScheduler of RxJS: what the library's own operators do, marble by marble.
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, test } from 'vitest';

import { ConnectionReset } from '../../../src/core/index.ts';
import {
  catchFailure,
  currentUpstream,
  deadline,
  idleTimeout,
  lengthPrefixed,
  lines,
  paced,
  readTimeout,
  type NetFailure,
  type Op,
  type FailureTag,
} from '../../../src/index.ts';
import {
  asapScheduler,
  asyncScheduler,
  map,
  mergeMap,
  Observable,
  observeOn,
  repeat,
  retry,
  share,
  take,
  throwError,
  timer,
} from '../../../src/rx.ts';
import { buffer } from '../../../src/strategies.ts';
import { type ByteMarbles, byteMarbles, hex } from '../../../src/testing/index.ts';

/** Runs a marble test; false when what was expected did not happen. */
const holds = (body: (marbles: ByteMarbles) => void): boolean => {
  let all = true;
  new TestScheduler((actual, expected) => {
    try {
      expect(actual).toEqual(expected);
    } catch {
      all = false;
    }
  }).run((helpers) => body(byteMarbles(helpers)));
  return all;
};

const marbles = (body: (marbles: ByteMarbles) => void): void =>
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run((helpers) =>
    body(byteMarbles(helpers)),
  );

/** Takes so long for each item, one after the other. */
const slowly =
  <A>(ms: number) =>
  (source: Observable<A>): Observable<A> =>
    new Observable((subscriber) => {
      const waiting: A[] = [];
      let releases: (() => void)[] = [];
      let isBusy = false;
      let isOver = false;
      const begin = (): void => {
        if (isBusy || waiting.length === 0) return;
        isBusy = true;
        subscriber.add(timer(ms).subscribe(finish));
      };
      const finish = (): void => {
        isBusy = false;
        subscriber.next(waiting.shift() as A);
        if (waiting.length === 0) {
          const held = releases;
          releases = [];
          for (const release of held) release();
        }
        if (isOver && waiting.length === 0) subscriber.complete();
        begin();
      };
      subscriber.add(() => {
        for (const release of releases) release();
      });
      subscriber.add(
        source.subscribe({
          next: (item) => {
            waiting.push(item);
            const release = currentUpstream()?.hold();
            if (release !== undefined) releases.push(release);
            begin();
          },
          error: (error: unknown) => subscriber.error(error),
          complete: () => {
            isOver = true;
            if (waiting.length === 0) subscriber.complete();
          },
        }),
      );
    });

describe('frames', () => {
  test('of text, whose lines are cut anywhere', () => {
    marbles(({ coldBytes, expectFlow }) => {
      const source = coldBytes('-a-b-c|', { a: 'GET /', b: '\r', c: '\nHost' });
      expectFlow(source.pipe(lines())).toBe('-----a(b|)', { a: 'GET /', b: 'Host' });
    });
  });

  test('of bytes, one after the other', () => {
    marbles(({ coldBytes, expectBytes, expectFlow }) => {
      const { decode } = lengthPrefixed({ bytes: 2 });
      const chunks = { a: hex('00'), b: hex('03 61 62'), c: hex('63 00') };
      expectBytes(coldBytes('abc|', chunks).pipe(decode)).toBe('--a#', { a: 'abc' }, 'FrameTruncated');
      expectFlow(coldBytes('b|', { b: hex('00 01 7a') }).pipe(decode)).toBe('a|', { a: hex('7a') });
    });
  });

  test('letters without values stand for themselves', () => {
    marbles(({ coldBytes, expectBytes, expectFlow }) => {
      expectBytes(coldBytes('a-b|')).toBe('a-b|');
      expectFlow(coldBytes('a-b|').pipe(lines())).toBe('---(a|)', { a: 'ab' });
    });
  });
});

describe('failures by tag', () => {
  test('of the pipeline', () => {
    marbles(({ coldBytes, expectFlow }) => {
      expectFlow(coldBytes('-a', { a: 'too long' }).pipe(lines({ maxLength: 3 }))).toBe('-#', {}, 'FrameTooLarge');
      expectFlow(coldBytes('-a|').pipe(lines({ requireTerminator: true }))).toBe('--#', {}, 'FrameTruncated');
    });
  });

  test('of the connection: a reset, or what it is given', () => {
    marbles(({ coldBytes, hotBytes, expectFlow }) => {
      expectFlow(coldBytes('a-#').pipe(lines())).toBe('--#', {}, 'ConnectionReset');
      expectFlow(coldBytes('#', {}, new ConnectionReset({ address: 'db' }))).toBe('#', {}, 'ConnectionReset');
      expectFlow(hotBytes('#', {}, 'a defect')).toBe('#', {}, 'a defect' as never);
      const caught = coldBytes('a-#').pipe(catchFailure('ConnectionReset', () => ['cut off']));
      expectFlow(caught.pipe(map(String))).toBe('a-(c|)', { a: 'a', c: 'cut off' });
    });
  });

  test('a defect is no failure, and is expected as it is', () => {
    const defect = new TypeError('a defect');
    marbles(({ coldBytes, expectFlow }) => {
      expectFlow(coldBytes('a').pipe(mergeMap(() => throwError(() => defect)))).toBe('#', {}, defect);
    });
  });
});

describe('demand', () => {
  test('a slow consumer holds its source, and what is due meanwhile waits, the end too', () => {
    marbles(({ coldBytes, expectBytes, expectDemand }) => {
      const source = coldBytes('-ab-|');
      expectBytes(source.pipe(slowly(3))).toBe('----a--(b|)');
      expectDemand(source).toBe('^h--t--(r!)');
    });
  });

  test('nobody holds what is taken at once', () => {
    marbles(({ coldBytes, expectFlow, expectDemand }) => {
      const source = coldBytes('--a-b-|');
      expectFlow(source.pipe(lines())).toBe('------(a|)', { a: 'ab' });
      expectDemand(source).toBe('^-----!');
    });
  });

  test('frames of one chunk: it is held until the last of them is taken', () => {
    marbles(({ coldBytes, expectFlow, expectDemand }) => {
      const source = coldBytes('-a-b|', { a: '1\n2\n3\n', b: '4\n' });
      expectFlow(source.pipe(lines(), slowly(2))).toBe('---a-b-c-(d|)', { a: '1', b: '2', c: '3', d: '4' });
      expectDemand(source).toBe('^h-----t-(r!)');
    });
  });

  test('an unsubscription while it is held, and a release that comes too late', () => {
    marbles(({ coldBytes, expectFlow, expectDemand }) => {
      const source = coldBytes('-ab-|');
      let release: (() => void) | undefined;
      const holding = source.pipe(map(() => (release = currentUpstream()?.hold())));
      expectFlow(holding.pipe(map(() => 'a')), '^--!').toBe('-a');
      expectDemand(source).toBe('^h-!');
      asyncScheduler.schedule(() => release?.(), 5);
    });
  });

  test('two who hold it: it goes on when both have released it', () => {
    marbles(({ coldBytes, expectBytes, expectDemand }) => {
      const source = coldBytes('-ab|');
      const shared = source.pipe(share());
      expectBytes(shared.pipe(slowly(2))).toBe('---a----b--|');
      expectBytes(shared.pipe(slowly(5))).toBe('------a----(b|)');
      expectDemand(source).toBe('^h----t----(r!)');
    });
  });

  test('what is not delivered on the stack holds nothing', () => {
    marbles(({ coldBytes, expectFlow, expectDemand }) => {
      const source = coldBytes('-(abc)-|');
      const bounded = source.pipe(map(String), observeOn(asapScheduler), paced(buffer({ limit: 1, overflow: 'fail' })));
      expectFlow(bounded.pipe(slowly(2))).toBe('-#', {}, 'BufferOverflow');
      expectDemand(source).toBe('^!');
    });
  });

  test('subscriptions one after the other', () => {
    marbles(({ coldBytes, expectBytes, expectDemand }) => {
      const source = coldBytes('-a----#');
      expectBytes(source.pipe(retry(1))).toBe('-a-----a----#', undefined, 'ConnectionReset');
      expectDemand(source).toBe('^-----(!^)--!');
    });
  });
});

describe('hot bytes', () => {
  test('wait for who reads, as in a socket', () => {
    marbles(({ hotBytes, expectBytes, expectDemand }) => {
      const source = hotBytes('-a-b----c|');
      expectBytes(source, '----^').toBe('----(ab)c|');
      expectDemand(source).toBe('----^----!');
    });
  });

  test('what one reader gives back is the next one’s', () => {
    marbles(({ hotBytes, expectFlow, expectDemand }) => {
      const source = hotBytes('-a-b|', { a: 'head\nbo', b: 'dy' });
      expectFlow(source.pipe(lines(), take(1))).toBe('-(a|)', { a: 'head' });
      expectFlow(source.pipe(map(String)), '--^').toBe('--ab|', { a: 'bo', b: 'dy' });
      expectDemand(source).toBe('^!^-!');
    });
  });

  test('have one reader at a time', () => {
    marbles(({ hotBytes, expectBytes }) => {
      const source = hotBytes('-a--b--|');
      expectBytes(source, '^--!').toBe('-a');
      expectBytes(source, '-^').toBe('-#', undefined, 'AlreadySubscribed');
      expectBytes(source, '---^').toBe('----b--|');
    });
  });

  test('have an end for who subscribes again in complete', () => {
    marbles(({ hotBytes, expectBytes }) => {
      expectBytes(hotBytes('-a-|').pipe(repeat(2))).toBe('-a-|');
    });
  });
});

describe('time limits of the library', () => {
  test.each<[string, Op<Buffer, Buffer, NetFailure>, FailureTag, string]>([
    ['readTimeout', readTimeout<Buffer>(5), 'ReadTimeout', '-a--b----#'],
    ['idleTimeout', idleTimeout<Buffer>(5), 'IdleTimeout', '-a--b----#'],
    ['deadline', deadline<Buffer>(5), 'DeadlineExceeded', '-a--b#'],
  ])('%s', (_name, limit, tag, expected) => {
    marbles(({ coldBytes, expectBytes, expectDemand }) => {
      const source = coldBytes('-a--b-----------c');
      expectBytes(source.pipe(limit)).toBe(expected, undefined, tag);
      expectDemand(source).toBe(`^${'-'.repeat(expected.indexOf('#') - 1)}!`);
    });
  });

  test('an hour of silence', () => {
    marbles(({ coldBytes, expectBytes }) => {
      expectBytes(coldBytes('a 59m b 120m |').pipe(readTimeout(3_600_000))).toBe(
        'a 59m b 3599999ms #',
        undefined,
        'ReadTimeout',
      );
    });
  });
});

describe('what is expected and does not happen', () => {
  test.each<[string, (marbles: ByteMarbles) => void]>([
    [
      'another frame',
      ({ coldBytes, expectFlow }) => expectFlow(coldBytes('a|').pipe(lines())).toBe('-(a|)', { a: 'b' }),
    ],
    ['another moment', ({ coldBytes, expectBytes }) => expectBytes(coldBytes('-a|')).toBe('a-|')],
    [
      'other bytes',
      ({ coldBytes, expectBytes }) => expectBytes(coldBytes('a|', { a: 'abc' })).toBe('a|', { a: 'abd' }),
    ],
    ['text for bytes', ({ coldBytes, expectFlow }) => expectFlow<unknown>(coldBytes('a|')).toBe('a|')],
    ['another failure', ({ coldBytes, expectBytes }) => expectBytes(coldBytes('#')).toBe('#', undefined, 'BrokenPipe')],
    ['no failure', ({ coldBytes, expectBytes }) => expectBytes(coldBytes('#')).toBe('|')],
    [
      'no hold',
      ({ coldBytes, expectBytes, expectDemand }) => {
        const source = coldBytes('-a-|');
        expectBytes(source).toBe('-a-|');
        expectDemand(source).toBe('^h-!');
      },
    ],
    [
      'a hold too many',
      ({ coldBytes, expectBytes, expectDemand }) => {
        const source = coldBytes('-a-|');
        expectBytes(source.pipe(slowly(1))).toBe('--a|');
        expectDemand(source).toBe('^--!');
      },
    ],
  ])('%s', (_name, body) => {
    expect(holds(body)).toBe(false);
  });
});

describe('bad input', () => {
  test.each<[string, (marbles: ByteMarbles) => unknown]>([
    ['values.b', ({ coldBytes }) => coldBytes('ab', { a: 'a' })],
    ['values.a', ({ hotBytes }) => hotBytes('a', { a: '' })],
    ['values.a', ({ coldBytes }) => coldBytes('a', { a: 5 as never })],
    ['values.a', ({ expectBytes, coldBytes }) => expectBytes(coldBytes('a')).toBe('a', {})],
    ['marbles', ({ coldBytes, expectDemand }) => expectDemand(coldBytes('a')).toBe('^-x-!')],
    ['digits', () => hex('0')],
    ['digits', () => hex('zz')],
    ['digits', () => hex(5 as never)],
    ['source', ({ coldBytes, expectDemand }) => expectDemand(coldBytes('a').pipe(map(String)) as never).toBe('^')],
  ])('%s', (option, call) => {
    marbles((each) => {
      expect(() => call(each)).toThrow(expect.objectContaining({ _tag: 'InvalidOptions', option }));
    });
  });
});
