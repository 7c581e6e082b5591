// What this project uses of ESLint and of its parser.

export interface Message {
  readonly ruleId: string | null;
  readonly message: string;
  readonly messageId?: string;
  readonly line: number;
  readonly fatal?: boolean;
  readonly suggestions?: readonly { readonly desc: string; readonly fix: { readonly text: string } }[];
}

export interface Result {
  readonly filePath: string;
  readonly messages: readonly Message[];
}

export interface Options {
  readonly cwd?: string;
  readonly overrideConfigFile?: true | string;
  readonly overrideConfig?: readonly object[];
}

export class ESLint {
  constructor(options: Options);
  lintFiles(patterns: readonly string[]): Promise<Result[]>;
  lintText(code: string, options: { readonly filePath: string }): Promise<Result[]>;
}

export interface Suggested {
  readonly messageId: string;
  readonly output: string;
  readonly data?: Readonly<Record<string, string>>;
}

export interface Invalid {
  readonly name: string;
  readonly code: string;
  readonly errors: readonly (
    string | { readonly message?: string; readonly messageId?: string; readonly suggestions?: readonly Suggested[] }
  )[];
}

export interface Valid {
  readonly name: string;
  readonly code: string;
}

export class RuleTester {
  static describe: (name: string, run: () => void) => void;
  static it: (name: string, run: () => void) => void;
  static itOnly: (name: string, run: () => void) => void;
  constructor(config: object);
  run(
    name: string,
    rule: object,
    cases: { readonly valid: readonly Valid[]; readonly invalid: readonly Invalid[] },
  ): void;
}

export const parser: object;
