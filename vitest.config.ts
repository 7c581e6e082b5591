import { fileURLToPath } from 'node:url';

import { defineConfig } from 'vitest/config';

const source = (path: string): string => fileURLToPath(new URL(`./src/${path}`, import.meta.url));

export default defineConfig({
  resolve: {
    // A test or an example that names the package means the sources under test: one copy in the process.
    alias: [
      { find: /^rxjs-net$/, replacement: source('index.ts') },
      { find: /^rxjs-net\/compat$/, replacement: source('compat/index.ts') },
      { find: /^rxjs-net\/effects$/, replacement: source('effects/index.ts') },
      { find: /^rxjs-net\/eslint$/, replacement: source('eslint/index.ts') },
      { find: /^rxjs-net\/rx$/, replacement: source('rx.ts') },
      { find: /^rxjs-net\/strategies$/, replacement: source('strategies.ts') },
      { find: /^rxjs-net\/testing$/, replacement: source('testing/index.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    // Own processes: errors of sockets are no `instanceof Error` in a vm context, and handles are counted per process.
    pool: 'forks',
    testTimeout: 20_000,
    hookTimeout: 20_000,
    teardownTimeout: 10_000,
    maxConcurrency: 3,
    restoreMocks: true,
    unstubEnvs: true,
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: ['text', 'html', 'json-summary'],
    },
  },
});
