import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

import { connect, endpointOf, formatAddress, sendTo } from 'rxjs-net';
import { merge, mergeMap, of, tap } from 'rxjs-net/rx';

import { echo } from '../echo.ts';
import type { Part } from './part.ts';
import { say } from './say.ts';
import { whileServing } from './while-serving.ts';

const name = `rxjs-net-tour-${process.pid}.sock`;
const path = process.platform === 'win32' ? String.raw`\\.\pipe\${name}` : join(tmpdir(), name);

export const ipcClient: Part = {
  title: 'A client, over IPC',
  about:
    'The same handler on a path. connect() emits a connection; connection.closed tells how both halves of it ended.',
  run: whileServing({ path }, echo, (address) =>
    connect(endpointOf(address)).pipe(
      tap((connection) => say('client', `connected to ${formatAddress(connection.remote)}`)),
      mergeMap((connection) =>
        merge(
          connection.incoming.pipe(tap((chunk) => say('client', `received ${JSON.stringify(chunk.toString())}`))),
          of('anybody home?\r\n').pipe(sendTo(connection), tap({ complete: () => connection.end() })),
          connection.closed.pipe(
            tap(({ read, write, bytesRead, bytesWritten, bytesUnflushed }) => {
              say('client', `closed: its reading ended with ${read}, its writing with ${write},`);
              say('', `${bytesRead} bytes in, ${bytesWritten} out, ${bytesUnflushed} never sent`);
            }),
          ),
        ),
      ),
    ),
  ),
};
