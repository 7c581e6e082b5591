/** A rule, as ESLint takes it. */
export interface Rule {
  readonly meta: {
    readonly type: 'problem';
    readonly docs: { readonly description: string };
    readonly hasSuggestions: boolean;
    readonly schema: [];
    readonly messages: Record<string, string>;
  };
  create(context: object): Record<string, ((node: never) => void) | undefined>;
}
