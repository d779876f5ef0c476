import { defineConfig, type DummyRuleMap } from 'oxlint'
import { BARE_LEAVES, CONSOLE_MAY_IMPORT, LAYERS } from './layers.ts'

const noSchema = {
  regex: '^drizzle-orm|/db/schema/\\w+\\.ts$',
  allowTypeImports: true,
  message:
    'The schema describes the tables for migrations, and loads a library that is slow: queries are SQL. Types may be imported.',
}

type Pattern = { regex: string; message: string; allowTypeImports?: boolean }

/** Overrides that match the same file replace each other, so each carries the whole list. */
function restrict(...patterns: Pattern[]): DummyRuleMap {
  return { 'no-restricted-imports': ['error', { patterns: [...patterns, noSchema] }] }
}

/** The rule of one layer: relative imports may not lead into any layer that its line does not list. */
function layerRule(layer: string, mayImport: readonly string[]) {
  const closed = Object.keys(LAYERS).filter((other) => other !== layer && !mayImport.includes(other))
  const targets = [`(${closed.join('|')})/`, 'main\\.ts$', '(test|bench)/']
  if (BARE_LEAVES.includes(layer)) targets.push('errors\\.ts$')
  const pattern = {
    regex: `^(\\.\\./)+(${targets.join('|')})`,
    message: `Imports point down the layers (layers.ts): src/${layer} may not import this.`,
  }
  return { files: [`src/${layer}/**`], rules: restrict(pattern) }
}

export default defineConfig({
  plugins: ['typescript', 'import', 'node', 'unicorn', 'oxc', 'promise'],
  categories: { correctness: 'error', suspicious: 'error' },
  rules: {
    'no-console': 'error',
    'no-var': 'error',
    'prefer-const': 'error',
    'import/no-cycle': 'error',
    'node/no-process-env': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/await-thenable': 'error',
    'typescript/only-throw-error': 'error',
    eqeqeq: ['error', 'always', { null: 'ignore' }],
    'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    'import/no-named-as-default-member': 'off',
    'typescript/no-unsafe-type-assertion': 'off',
    'typescript/unbound-method': 'off',
    'unicorn/consistent-function-scoping': 'off',
    'typescript/consistent-return': 'off',
    'no-unmodified-loop-condition': 'off',
    'promise/always-return': 'off',
    'no-shadow': 'off',
    'oxc/no-async-endpoint-handlers': 'off',
    ...restrict(),
  },
  overrides: [
    ...Object.entries(LAYERS).map(([layer, mayImport]) => layerRule(layer, mayImport)),
    { files: ['src/db/schema/*.ts'], rules: { 'no-restricted-imports': 'off' } },
    {
      files: ['ui/**'],
      rules: {
        'import/no-unassigned-import': 'off',
        ...restrict({
          regex: `^(\\.\\./)+(src/(?!${CONSOLE_MAY_IMPORT.join('|')})|(test|bench)/)`,
          message: 'Imports point down the layers: the console knows src/contract and src/errors.ts alone.',
        }),
      },
    },
    { files: ['src/config/**', '*.config.ts'], rules: { 'node/no-process-env': 'off' } },
    {
      files: ['**/*.test.ts', 'test/**', 'bench/**'],
      rules: { ...restrict(), 'node/no-process-env': 'off', 'no-console': 'off' },
    },
  ],
})
