import { pipe } from 'fp-ts/lib/function.js';
import { right } from 'fp-ts/lib/Either.js';
import { none, some } from 'fp-ts/lib/Option.js';
import { expect, test } from 'vitest';

import {
  end,
  flatMap,
  forEachFrame,
  map,
  read,
  readAll,
  readExactly,
  readFrame,
  readUntil,
  serveWith,
  toPromise,
  withConnection,
  write,
  writeFrame,
} from '../../src/effects/index.ts';
import { type Connection, endpointOf, lines } from '../../src/index.ts';
import { local, note } from './support/effects.ts';

/** Says every line back. */
const echo = (connection: Connection) =>
  pipe(
    connection,
    forEachFrame(lines(), (line) => pipe(connection, writeFrame(lines(), `you said ${line}`))),
  );

test('a request and its answer over real sockets', async () => {
  const failures: unknown[] = [];
  const onFailure = (failure: unknown) => note(failures, failure);
  const program = serveWith(
    { ...local },
    echo,
    onFailure,
  )((server) =>
    withConnection(endpointOf(server.address))((connection) =>
      pipe(
        connection,
        write('one\ntwo\nthree'),
        flatMap(() => end(connection)),
        flatMap(() => readFrame(lines())(connection)),
        flatMap((first) =>
          pipe(
            connection,
            readExactly(4),
            flatMap((four) =>
              pipe(
                connection,
                readUntil('two'),
                flatMap((until) =>
                  pipe(
                    connection,
                    readAll(),
                    flatMap((rest) =>
                      pipe(
                        connection,
                        read,
                        map((nothing) => ({ first, four: String(four), until, rest: String(rest), nothing })),
                      ),
                    ),
                  ),
                ),
              ),
            ),
          ),
        ),
      ),
    ),
  );
  expect(await toPromise(program)).toEqual(
    right({
      first: some('you said one'),
      four: 'you ',
      until: some(Buffer.from('said ')),
      rest: '\nyou said three\n',
      nothing: none,
    }),
  );
  expect(failures).toEqual([]);
});
