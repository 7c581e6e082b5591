/**
 * A plugin for ESLint 9 and later that reports where the type of an Observable forgets the failures
 * of a flow.
 *
 * @module
 */
export type { RestrictedImport } from './imports.ts';
export type { Config, Plugin, Rules } from './plugin.ts';
export { configs, meta, rules } from './plugin.ts';
export type { Rule } from './rule.ts';
