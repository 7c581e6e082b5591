// ESLint as this project runs it. Its parser asks a compiler with an API for types, and the compiler that builds the project
// has none: so both are installed here, apart from the others.
export { ESLint, Linter, RuleTester } from 'eslint';
export * as parser from '@typescript-eslint/parser';
