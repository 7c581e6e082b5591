// As substitute.cjs, and for `import` too: `node --import ./substitute-imports.mjs program.js`, from Node 22.15 on.
// docs/compat.md shows the same to users.
import * as module from 'node:module';

const compat = import.meta.resolve('rxjs-net/compat');
// Node 20, whose types these are, has no such function.
const { registerHooks } = /** @type {{ registerHooks: (hooks: object) => void }} */ (/** @type {unknown} */ (module));

registerHooks({
  /**
   * @param {string} specifier
   * @param {{ parentURL?: string }} context
   * @param {(specifier: string, context: object) => object} next
   */
  resolve(specifier, context, next) {
    const asked = specifier === 'net' || specifier === 'node:net';
    // What stands below it needs the real one.
    const below = context.parentURL?.startsWith(new URL('..', compat).href) === true;
    return asked && !below ? { url: compat, format: 'module', shortCircuit: true } : next(specifier, context);
  },
});
