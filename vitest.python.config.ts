import { defineConfig } from 'vitest/config'

/** `npm run test:python`: needs Python 3.9 or later with venv, and the Python package index. */
export default defineConfig({
  test: {
    include: ['test/python/**/*.python.ts'],
    globalSetup: ['test/support/global-setup.ts', 'test/python/virtual-environment.ts'],
    testTimeout: 60_000,
    pool: 'forks',
  },
})
