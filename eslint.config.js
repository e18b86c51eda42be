import js from '@eslint/js'
import prettier from 'eslint-config-prettier'
import reactHooks from 'eslint-plugin-react-hooks'
import { defineConfig } from 'eslint/config'
import tseslint from 'typescript-eslint'

export default defineConfig(
  {
    ignores: [
      'dist',
      'dist.*',
      'node_modules',
      'coverage',
      '.cache',
      'test/docs/.snippets',
      '.dependency-cruiser.js',
      'eslint.config.js',
    ],
  },
  js.configs.recommended,
  tseslint.configs.recommendedTypeChecked,
  prettier,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      'max-depth': ['error', 4],
      complexity: ['error', 20],
    },
  },
  {
    files: ['src/**'],
    // The ninetieth percentile is to stay under 250 lines a file and 35 a function; these are the hard ends.
    rules: {
      'max-lines': ['error', { max: 300, skipComments: true, skipBlankLines: true }],
      'max-lines-per-function': ['error', { max: 60, skipComments: true, skipBlankLines: true }],
      'no-console': ['error', { allow: ['error'] }],
    },
  },
  { files: ['src/dashboard/**'], extends: [reactHooks.configs.flat.recommended] },
  { files: ['src/cli/**', 'scripts/**', 'bench/**', 'examples/**'], rules: { 'no-console': 'off' } },
  {
    // Examples are plain JavaScript, as users write it: they are run by tests and have no types to check.
    files: ['**/*.mjs'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { globals: { console: 'readonly', process: 'readonly' } },
  },
)
