/** An element of a picture, as far as tests look at it. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

const TAG = /<(?<close>\/)?(?<name>[a-z]+)(?<rest>(?: [a-zA-Z-]+="[^"<>]*")*)(?<empty>\/)?>/y;
const TEXT = /(?:[^<>&]|&(?:lt|gt|amp|quot);)+/y;

/** The elements of a document, in order; fails when it isn't well-formed XML, as far as our own pictures use it. */
export function elementsOf(document: string): readonly Element[] {
  // No control characters but the end of a line, no half characters: XML has no place for them.
  if (/[^\n\P{Cc}]|\p{Cs}|[\uFFFE\uFFFF]/u.test(document)) throw new Error('a character that XML does not allow');
  const found: Element[] = [];
  const open: string[] = [];
  for (let at = 0; at < document.length;) {
    TAG.lastIndex = at;
    const tag = TAG.exec(document)?.groups;
    if (tag === undefined) {
      TEXT.lastIndex = at;
      if (TEXT.exec(document) === null) throw new Error(`no XML at ${at}: ${document.slice(at, at + 80)}`);
      at = TEXT.lastIndex;
      continue;
    }
    at = TAG.lastIndex;
    const { name = '', rest = '', close, empty } = tag;
    if (close !== undefined) {
      if (open.pop() !== name) throw new Error(`</${name}> closes nothing at ${at}`);
      continue;
    }
    const attributes = [...rest.matchAll(/ ([a-zA-Z-]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]);
    if (new Set(attributes.map(([key]) => key)).size < attributes.length)
      throw new Error(`an attribute twice: ${rest}`);
    found.push({ name, attributes: Object.fromEntries(attributes) as Record<string, string> });
    if (empty === undefined) open.push(name);
  }
  if (open.length > 0) throw new Error(`never closed: ${open.join(', ')}`);
  return found;
}
