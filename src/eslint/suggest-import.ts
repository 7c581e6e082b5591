import { type Context, type Fixer, isNode, type Node, type Suggestion } from './host.ts';

const replacement = 'rxjs-net/rx';

/** Whether a named import is what the name means in this file. */
const binds = (specifier: Node, name: string): boolean =>
  isNode(specifier, 'ImportSpecifier') && isNode(specifier.local, 'Identifier') && specifier.local.name === name;

/** Suggests to take the name from `rxjs-net/rx`, where it is a named import of RxJS. */
export const suggestImport = ({ sourceCode }: Context, local: string, name: string): readonly Suggestion[] => {
  const imports = sourceCode.ast.body.filter((node) => isNode(node, 'ImportDeclaration'));
  const from = imports.find(
    (node) =>
      /^rxjs(?:\/operators)?$/.test(node.source.value) && node.specifiers.some((specifier) => binds(specifier, local)),
  );
  const specifier = from?.specifiers.find((node) => binds(node, local));
  if (from === undefined || specifier === undefined) return [];

  const fix = (fixer: Fixer): unknown => {
    const others = from.specifiers.filter((node) => node !== specifier);
    if (others.length === 0) return fixer.replaceText(from.source, `'${replacement}'`);
    if (!others.every((node) => isNode(node, 'ImportSpecifier'))) return null;
    const named = others.map((node) => sourceCode.getText(node)).join(', ');
    const kept = `import { ${named} } from ${sourceCode.getText(from.source)};`;
    const taken = sourceCode.getText(specifier);
    const into = imports.find((node) => node.source.value === replacement && node.importKind !== 'type');
    const last = into?.specifiers.at(-1);
    if (isNode(last, 'ImportSpecifier')) {
      return [fixer.replaceText(from, kept), fixer.insertTextAfter(last, `, ${taken}`)];
    }
    return fixer.replaceText(from, `${kept}\nimport { ${taken} } from '${replacement}';`);
  };
  return [{ messageId: 'import', data: { name }, fix }];
};
