// The compiler turns './x.ts' into './x.js' in the code it writes, but leaves it in the declarations. This puts it right
// in every .d.ts below a folder (dist by default). The text keeps its length, so the declaration maps stay true.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** `from './x.ts'`, `import './x.ts'`, `import('./x.ts')`, `require('./x.ts')`. */
const specifier = /(\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)(["'])(\.\.?\/[^"'\n]*)\.(m|c)?ts\2/g;

export const rewriteSpecifiers = (text) =>
  text.replace(specifier, (whole, before, quote, path, kind = '') =>
    path.endsWith('.d') ? whole : `${before}${quote}${path}.${kind}js${quote}`,
  );

export const rewriteDeclarations = (folder) => {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.d\.[mc]?ts$/.test(entry.name)) continue;
    const file = join(entry.parentPath, entry.name);
    const text = readFileSync(file, 'utf8');
    const rewritten = rewriteSpecifiers(text);
    if (rewritten !== text) writeFileSync(file, rewritten);
  }
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  rewriteDeclarations(process.argv[2] ?? fileURLToPath(new URL('../dist', import.meta.url)));
}
