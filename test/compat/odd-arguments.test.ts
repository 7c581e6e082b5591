// Arguments of every odd type, in processes of their own. Some of them end a process of node:net; none may end one of ours.
import { execFile } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const file = fileURLToPath(new URL('children/odd-arguments.mjs', import.meta.url));

interface Said {
  readonly cases: ReadonlyMap<number, { readonly title: string; readonly outcome: readonly unknown[] | undefined }>;
  readonly hasEnded: boolean;
}

/** Runs all cases in one process: those that it said before it ended. */
function sayAll(net: string, env: Readonly<Record<string, string>>): Promise<Said> {
  const { NODE_OPTIONS: _options, ...inherited } = process.env;
  return new Promise((resolve) => {
    const options = { env: { ...inherited, ...env }, timeout: 100_000, maxBuffer: 2 ** 24 };
    execFile(process.execPath, [file, net], options, (_error, stdout) => {
      const cases = new Map<number, { readonly title: string; readonly outcome: readonly unknown[] | undefined }>();
      let last = { index: -1, title: '' };
      let hasEnded = false;
      for (const line of stdout.split('\n').filter((each) => each !== '')) {
        const [what, ...rest] = JSON.parse(line) as [string, ...unknown[]];
        if (what === 'case') last = { index: Number(rest[0]), title: String(rest[1]) };
        cases.set(last.index, { title: last.title, outcome: what === 'outcome' ? rest : undefined });
        if (what === 'end') hasEnded = true;
      }
      resolve({ cases, hasEnded });
    });
  });
}

const aborted = ({ cases }: Said): string[] =>
  [...cases.values()].filter(({ outcome }) => outcome === undefined).map(({ title }) => title);

describe('no argument ends the process', () => {
  test.each([
    ['rxjs-net', { RXJS_NET_DRIVER: 'direct' }],
    ['rxjs-net', { RXJS_NET_DRIVER: 'plain' }],
    ['rxjs-net/compat', {}],
    ['simulated', {}],
  ])('of %s %o', { timeout: 120_000 }, async (net, env) => {
    const said = await sayAll(net, env);
    expect(aborted({ ...said, cases: new Map([...said.cases].slice(0, -1)) })).toEqual([]);
    expect({ hasEnded: said.hasEnded, last: [...said.cases.values()].at(-1)?.title }).toMatchObject({ hasEnded: true });
    // Every case of core has an answer.
    if (net !== 'rxjs-net') return;
    const silent = [...said.cases.values()].filter(({ outcome }) => outcome?.[0] === 'nothing');
    expect(silent).toEqual([]);
  });
});
