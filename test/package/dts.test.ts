import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

const script = fileURLToPath(new URL('../../scripts/dts.mjs', import.meta.url));

test('declarations name .js where the compiler left .ts, and nothing else changes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rxjs-net-dts-'));
  try {
    const before = [
      "import type { A } from './a.ts';",
      'import { B } from "../deep/b.ts";',
      "export * from './c.ts';",
      "export * as d from './d.ts';",
      "import './e.ts';",
      "type F = import('./f.ts').F;",
      "export type * from './g.mts';",
      "import x from 'other/x.ts';",
      "declare const path: './x.ts';",
      "import y from './y.js';",
      '//# sourceMappingURL=x.d.ts.map',
    ].join('\n');
    mkdirSync(join(folder, 'deep'));
    writeFileSync(join(folder, 'deep', 'x.d.ts'), before);
    writeFileSync(join(folder, 'deep', 'x.js'), before);

    expect(spawnSync(process.execPath, [script, folder]).status).toBe(0);

    const after = readFileSync(join(folder, 'deep', 'x.d.ts'), 'utf8');
    expect(after.split('\n')).toEqual([
      "import type { A } from './a.js';",
      'import { B } from "../deep/b.js";',
      "export * from './c.js';",
      "export * as d from './d.js';",
      "import './e.js';",
      "type F = import('./f.js').F;",
      "export type * from './g.mjs';",
      "import x from 'other/x.ts';",
      "declare const path: './x.ts';",
      "import y from './y.js';",
      '//# sourceMappingURL=x.d.ts.map',
    ]);
    // So that the declaration maps stay true.
    expect(after.length).toBe(before.length);
    expect(readFileSync(join(folder, 'deep', 'x.js'), 'utf8')).toBe(before);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
