// The code blocks of the documents and of the `@example`s of the sources.
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

const fence = /^(?<indent>[ \t]*)(?<marks>`{3,})(?<info>[^`]*)$/;

/** Blocks of TypeScript and JavaScript. Lines before a block are blank, so that line numbers are those of the document. */
const blocksOf = (file, lines) => {
  const found = [];
  for (let at = 0; at < lines.length; at += 1) {
    const opening = fence.exec(lines[at])?.groups;
    if (opening === undefined) continue;
    const { indent, marks, info } = opening;
    const start = at + 1;
    const body = [];
    for (at = start; at < lines.length && lines[at].trim() !== marks; at += 1) {
      body.push(lines[at].startsWith(indent) ? lines[at].slice(indent.length) : lines[at].trimStart());
    }
    const [language] = info.trim().split(/\s+/);
    if (language !== 'ts' && language !== 'js') continue;
    const name = `${file.replaceAll(/[^A-Za-z0-9]+/g, '_')}_${start + 1}.${language}`;
    found.push({ file, name, program: `${'\n'.repeat(start)}${body.join('\n')}\n` });
  }
  return found;
};

/** A source with nothing left of it but its `@example`s, each line where it was. */
const examplesOf = (lines) => {
  let inComment = false;
  let inExample = false;
  return lines.map((line) => {
    if (!inComment && /^\s*\/\*\*/.test(line)) {
      inComment = true;
      inExample = false;
    }
    const content = line.replace(/^\s*\/?\*{1,2} ?/, '').replace(/\*\/\s*$/, '');
    const tag = /^\s*@(\w+)/.exec(content)?.[1];
    if (inComment && tag !== undefined) inExample = tag === 'example';
    const kept = inComment && inExample && tag === undefined ? content : '';
    if (line.includes('*/')) inComment = false;
    return kept;
  });
};

const filesIn = (root, folder, ending) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .toSorted();

export const codeBlocks = (root) => {
  const lines = (file) => readFileSync(join(root, file), 'utf8').split('\n');
  return [
    ...['README.md', ...filesIn(root, 'docs', '.md')].flatMap((file) => blocksOf(file, lines(file))),
    ...filesIn(root, 'src', '.ts').flatMap((file) => blocksOf(file, examplesOf(lines(file)))),
  ];
};
