/** A scenario after which something does not hold. */
export class Violated extends Error {
  /** By what it is known again while its faults are made fewer: what it says first, whatever the numbers and the texts in it. */
  readonly _tag: string;

  constructor(scenario: string, found: readonly string[]) {
    super([`"${scenario}" (-t '${scenario}'):`, ...found].join('\n'));
    const [first = ''] = found;
    const [line = ''] = first.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""').split('\n');
    this._tag = line.replaceAll(/\d+/g, '0');
  }

  override get name(): 'Violated' {
    return 'Violated';
  }
}
