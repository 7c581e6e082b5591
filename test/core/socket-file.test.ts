// A server that closes removes its own socket's file, and not the one that a successor has bound at the same path.
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { connect, serve } from '../../src/index.ts';
import { mergeMap } from '../../src/rx.ts';
import { firstValueFrom, type Subscription } from 'rxjs';

let folder: string;
let path: string;
const running: Subscription[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rxjs-net-file-'));
  path = join(folder, 'app.sock');
});
afterEach(() => {
  for (const each of running.splice(0)) each.unsubscribe();
  rmSync(folder, { recursive: true });
});

const serving = (at: string, answer: string): Promise<Subscription> =>
  new Promise((resolve, reject) => {
    const subscription = serve({ path: at }, () => [answer]).subscribe({
      next: (event) => {
        if (event.type === 'listening') queueMicrotask(() => resolve(subscription));
      },
      error: reject,
    });
    running.push(subscription);
  });

const answer = async (): Promise<string> =>
  String(await firstValueFrom(connect({ path }).pipe(mergeMap((connection) => connection.incoming))));

describe('the file of a socket', () => {
  test('is removed by the server that bound it', async () => {
    (await serving(path, 'only')).unsubscribe();
    expect(existsSync(path)).toBe(false);
  });

  test('stays when a successor has unlinked the path and bound it', async () => {
    const predecessor = await serving(path, 'old');
    unlinkSync(path);
    await serving(path, 'new');
    predecessor.unsubscribe();
    expect(await answer()).toBe('new');
    expect(readdirSync(folder)).toEqual(['app.sock']);
  });

  test('stays when a successor has moved its own over it', async () => {
    const predecessor = await serving(path, 'old');
    await serving(join(folder, 'next.sock'), 'new');
    renameSync(join(folder, 'next.sock'), path);
    predecessor.unsubscribe();
    expect(await answer()).toBe('new');
    expect(readdirSync(folder)).toEqual(['app.sock']);
  });

  test('that has been removed already is no failure', async () => {
    const server = await serving(path, 'old');
    unlinkSync(path);
    server.unsubscribe();
    expect(readdirSync(folder)).toEqual([]);
  });
});
