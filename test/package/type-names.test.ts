// A name means one thing: no two subpaths have types of one name that differ.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import ts from '@tsd/typescript';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** compat has the platform's own names: that is what it is for. */
const COMPAT = './compat';

/** The declarations of each subpath. */
function entries(): readonly (readonly [subpath: string, file: string])[] {
  const { exports } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { exports: Record<string, unknown> };
  return Object.entries(exports).flatMap(([subpath, target]) => {
    const types = typesOf(target);
    return types === undefined ? [] : [[subpath, ts.sys.resolvePath(`${root}${types}`)] as const];
  });
}

function typesOf(target: unknown): string | undefined {
  if (typeof target === 'string') return target.endsWith('.d.ts') ? target : undefined;
  if (typeof target !== 'object' || target === null) return undefined;
  return Object.values(target)
    .map(typesOf)
    .find((found) => found !== undefined);
}

test('no two subpaths have different types of one name', () => {
  const found = entries();
  const program = ts.createProgram(
    found.map(([, file]) => file),
    {
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      target: ts.ScriptTarget.ES2022,
      skipLibCheck: true,
      noEmit: true,
    },
  );
  const checker = program.getTypeChecker();
  const seen = new Map<string, { readonly type: ts.Symbol; readonly subpath: string }>();
  const twice: string[] = [];
  for (const [subpath, file] of found) {
    const source = program.getSourceFile(file);
    const module = source === undefined ? undefined : checker.getSymbolAtLocation(source);
    if (subpath === COMPAT || module === undefined) continue;
    for (const each of checker.getExportsOfModule(module)) {
      const type = each.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(each) : each;
      if ((type.flags & ts.SymbolFlags.Type) === 0) continue;
      const before = seen.get(each.name);
      if (before === undefined) seen.set(each.name, { type, subpath });
      else if (before.type !== type) twice.push(`${each.name}: ${before.subpath} and ${subpath}`);
    }
  }
  expect(seen.size).toBeGreaterThan(100);
  expect(twice).toEqual([]);
});
