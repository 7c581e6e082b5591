// Writes the lists of names into docs/guide/lint.md, from the built plugin: one list, in the forms of two other linters.
//
//   node scripts/lint-guide.mjs           writes them
//   node scripts/lint-guide.mjs --check   fails if the guide has others
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import { configs } from 'rxjs-net/eslint';

const file = join(fileURLToPath(new URL('..', import.meta.url)), 'docs/guide/lint.md');
const [{ importNames, message }] = configs.imports.rules['no-restricted-imports'][1].paths;

/** The names in lines of at most 100 columns. */
const list = (indent) => {
  const lines = [''];
  for (const name of importNames.map((each) => `"${each}"`)) {
    const longer = lines.at(-1) === '' ? name : `${lines.at(-1)}, ${name}`;
    if (indent.length + longer.length < 100) lines[lines.length - 1] = longer;
    else lines.push(name);
  }
  return lines.map((line) => indent + line).join(',\n');
};

const oxlint = `{
  "rules": {
    "no-restricted-imports": ["error", {
      "patterns": [{
        "regex": "^rxjs(/operators)?$",
        "message": "${message}",
        "importNames": [
${list(' '.repeat(10))}
        ]
      }]
    }]
  }
}`;

const biome = `{
  "linter": {
    "rules": {
      "style": {
        "noRestrictedImports": {
          "level": "error",
          "options": {
            "paths": {
              "rxjs/operators": "${message}",
              "rxjs": {
                "message": "${message}",
                "importNames": [
${list(' '.repeat(18))}
                ]
              }
            }
          }
        }
      }
    }
  }
}`;

const before = readFileSync(file, 'utf8');
const after = Object.entries({ oxlint, biome }).reduce(
  (text, [name, json]) =>
    text.replace(new RegExp(`(\`{3}json ${name}\\n)[^]*?(\`{3})`), `$1${json.replaceAll('$', '$$$$')}\n$2`),
  before,
);
if (!process.argv.includes('--check')) writeFileSync(file, after);
else if (before !== after) {
  console.error('docs/guide/lint.md has other names than the plugin: run node scripts/lint-guide.mjs');
  process.exitCode = 1;
}
